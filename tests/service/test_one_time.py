"""A one-time credential reads the secrets that it was given for, and does nothing else."""

from collections.abc import Callable

import pytest

from secretctl.domain.credential import Given
from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation
from secretctl.service.serving import Serving
from secretctl.vault.vault import LockedVault, Vault
from tests.conftest import Service, World, token
from tests.service.conftest import Other, Told, decision, entries
from tests.service.served import HERE, REGION, Scene

ROOT = "arn:aws:iam::000000000000:root"
READS = ("GetSecretValue", "DescribeSecret", "BatchGetSecretValue")


@pytest.fixture
def scene(world: World, service: Service, iam: Other, reopen: Callable[[], Vault]) -> Scene:
    """Secrets a, b and a/b, and a server in a process of its own."""
    for name in ("a", "b", "a/b"):
        service("CreateSecret", Name=name, SecretString=f"value of {name}")
    return Scene(world, service, iam, Serving(world.begin(reopen(), REGION)))


def refused(call: Callable[[], object]) -> tuple[str, str]:
    """Return code and sentence of a refusal."""
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.code, caught.value.message


def test_it_reads_what_it_was_given_for(scene: Scene) -> None:
    """By name and ARN, a value or what is known of it; of a batch the others are refused."""
    arn = str(scene.service("DescribeSecret", SecretId="b")["ARN"])
    given = scene.serving.give(["a", arn], REGION)
    assert given.key_id.startswith("ASIA")
    for secret_id in ("a", "b", arn):
        assert scene.value(given, secret_id) == f"value of {'a' if secret_id == 'a' else 'b'}"
        assert scene.ask(given, "DescribeSecret", SecretId=secret_id)["VersionIdsToStages"]
    answer = scene.ask(given, "BatchGetSecretValue", SecretIdList=["a", "a/b", "b"])
    assert [each["Name"] for each in entries(answer, "SecretValues")] == ["a", "b"]
    (error,) = entries(answer, "Errors")
    assert (error["SecretId"], error["ErrorCode"]) == ("a/b", "AccessDeniedException")
    code, sentence = refused(lambda: scene.value(given, "a/b"))
    assert (code, sentence) == (
        "AccessDeniedException",
        f"User: {ROOT} is not authorized to perform: secretsmanager:GetSecretValue on resource: "
        "a/b because no session policy allows the secretsmanager:GetSecretValue action",
    )
    scene.is_intact()


def minimal(operation: Operation) -> dict[str, object]:
    """Return parameters that an operation needs, about the secret a."""
    known: dict[str, object] = {
        "SecretId": "a",
        "Name": "new",
        "ClientRequestToken": token(),
        "VersionStage": "MINE",
        "ResourcePolicy": '{"Version":"2012-10-17","Statement":[]}',
        "TagKeys": ["k"],
        "Tags": [{"Key": "k", "Value": "v"}],
        "SecretString": "v",
        "AddReplicaRegions": [{"Region": "eu-west-1"}],
        "RemoveReplicaRegions": ["eu-west-1"],
        "VersionId": "0" * 32,
        "RotationRules": {"AutomaticallyAfterDays": 9},
        "CrossAccountReplicaARN": "arn:aws:secretsmanager:us-east-1:111111111111:secret:a-AbCdEf",
    }
    wanted = {each.name for each in operation.input if each.required}
    if operation.name in ("CreateSecret", "PutSecretValue", "UpdateSecret"):
        wanted |= {"ClientRequestToken", "SecretString"}
    if operation.name == "RotateSecret":
        wanted |= {"ClientRequestToken", "RotationRules"}
    return {name: known[name] for name in wanted}


@pytest.mark.parametrize("name", [each for each in BY_NAME if each not in READS])
def test_it_does_nothing_else(scene: Scene, name: str) -> None:
    """Not of the secret that it reads; lists nothing, makes nothing, changes nothing."""
    given = scene.serving.give(["a", "new"], REGION)
    before = scene.service.session.vault.state().generation
    code, sentence = refused(lambda: scene.ask(given, name, HERE, **minimal(BY_NAME[name])))
    assert code == "AccessDeniedException"
    assert sentence.startswith(f"User: {ROOT} is not authorized to perform: secretsmanager:")
    assert scene.service.session.vault.state().generation == before


def test_a_batch_by_filter_is_a_list(scene: Scene) -> None:
    """Which it may not see; nothing is found by what it may not list."""
    given = scene.serving.give(["a"], REGION)
    filters = [{"Key": "name", "Values": ["a"]}]
    code, _ = refused(lambda: scene.ask(given, "BatchGetSecretValue", Filters=filters))
    assert code == "AccessDeniedException"


def test_the_journal_tells_what_it_is(scene: Scene) -> None:
    """The root's, by an access key of its own; that it was given, for which secrets, and why."""
    told = Told(scene.world)
    told.lines()
    given = scene.serving.give(["a", "not-there"], REGION)
    scene.value(given, "a")
    refused(lambda: scene.value(given, "b"))
    made, read, no = [each for each in told.events() if each["eventName"] != "UnlockVault"]
    assert made["eventName"] == "GiveCredential"
    said = made["requestParameters"]
    assert isinstance(said, dict)
    assert said["accessKeyId"] == given.key_id
    assert said["secretIds"][0] == "a"
    assert said["secretIds"][1].startswith("n:")
    for event in (read, no):
        identity = event["userIdentity"]
        assert isinstance(identity, dict)
        assert (identity["type"], identity["accessKeyId"]) == ("Root", given.key_id)
    _, by = entries(decision(read), "statements")
    assert (by["policyType"], by["policy"]) == ("session", "one-time credential")
    assert decision(no)["lacks"] == ["session"]
    whole = "".join(str(each) for each in (made, read, no))
    assert given.secret not in whole
    assert given.session_token not in whole


def test_a_secret_that_is_made_later_is_meant_by_its_name(scene: Scene) -> None:
    """And one that is made anew; by its ARN only the one that it was."""
    arn = str(scene.service("DescribeSecret", SecretId="b")["ARN"])
    given = scene.serving.give(["later", arn], REGION)
    assert refused(lambda: scene.value(given, "later"))[0] == "ResourceNotFoundException"
    scene.service("CreateSecret", Name="later", SecretString="value of later")
    assert scene.value(given, "later") == "value of later"
    scene.service("DeleteSecret", SecretId="b", ForceDeleteWithoutRecovery=True)
    scene.service("CreateSecret", Name="b", SecretString="another")
    assert refused(lambda: scene.value(given, "b"))[0] == "AccessDeniedException"


def test_a_wildcard_is_no_name(scene: Scene) -> None:
    """Nor is an ARN of another account or region."""
    anywhere = "arn:aws:secretsmanager:*:000000000000:secret:a"
    for wrong in ("*", "a*", "a/?", "${aws:userid}", anywhere):
        assert refused(lambda: scene.serving.give([wrong], REGION))[0] == "ValidationException"  # noqa: B023 called at once
    other = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:a"
    assert refused(lambda: scene.serving.give([other], REGION))[0] == "ResourceNotFoundException"
    nothing = scene.serving.give([], REGION)
    assert refused(lambda: scene.value(nothing, "a"))[0] == "AccessDeniedException"


def test_it_is_good_for_nothing_elsewhere(scene: Scene, reopen: Callable[[], Vault]) -> None:
    """It is in no vault: another process knows nothing of it, and its token is its own."""
    given = scene.serving.give(["a"], REGION)
    vault = reopen()
    other = Serving(scene.world.begin(vault, REGION))
    with pytest.raises(ServiceError):
        other.secret_of(given.key_id, given.session_token)
    assert LockedVault(vault.directory).unlock_with(given, scene.world.context.random) is None
    with pytest.raises(ServiceError):
        scene.serving.secret_of(given.key_id, "")
    vault.close()


def test_a_resource_policy_can_take_some_of_it(scene: Scene) -> None:
    """As it can from the root: what is denied stays so, what it allows is not more."""
    policy = (
        '{"Version":"2012-10-17","Statement":{"Effect":"%s","Principal":"*",'
        '"Action":"secretsmanager:GetSecretValue","Resource":"*"}}'
    )
    for name, effect in (("a", "Deny"), ("b", "Allow")):
        scene.service("PutResourcePolicy", SecretId=name, ResourcePolicy=policy % effect)
    given = scene.serving.give(["a"], REGION)
    for name, member in (("a", "with an explicit deny"), ("b", "no session policy allows")):
        assert member in refused(lambda: scene.value(given, name))[1]  # noqa: B023 called at once
    assert refused(lambda: scene.ask(given, "GetResourcePolicy", SecretId="a"))[0] != ""
    assert refused(lambda: scene.ask(given, "DeleteResourcePolicy", SecretId="a"))[0] != ""


def test_a_principal_gives_no_more_than_it_has(scene: Scene) -> None:
    """Its policies bind as well, those of its session too, and are asked with each request."""
    ci = scene.user("ci", reading("a"))
    vault = LockedVault(scene.world.directory).unlock_with(ci, scene.world.context.random)
    assert vault is not None
    serving = Serving(scene.world.begin(vault, REGION), ci)
    mine = scene._replace(serving=serving)
    given = serving.give(["a", "b"], REGION)
    assert mine.value(given, "a") == "value of a"
    code, sentence = refused(lambda: mine.value(given, "b"))
    assert "no identity-based policy" in sentence
    assert "user/ci is not authorized" in sentence
    scene.allow("ci", reading("b"))
    assert refused(lambda: mine.value(given, "a"))[0] == code
    assert mine.value(given, "b") == "value of b"
    own = mine.value(ci, "b")
    assert own == "value of b"
    scene.iam("DeleteAccessKey", UserName="ci", AccessKeyId=ci.key_id)
    assert refused(lambda: mine.value(given, "b"))[0] == "UnrecognizedClientException"
    vault.close()


def test_a_session_with_policies_gives_what_all_of_them_allow(scene: Scene) -> None:
    """Those of the session, and those of what it gives."""
    scene.role()
    run = scene.assumed(scene.user("ci"), Policy=reading("a"))
    vault = LockedVault(scene.world.directory).unlock_with(run, scene.world.context.random)
    assert vault is not None
    mine = scene._replace(serving=Serving(scene.world.begin(vault, REGION), run))
    given: Given = mine.serving.give(["a", "b"], REGION)
    assert mine.value(given, "a") == "value of a"
    assert "no session policy" in refused(lambda: mine.value(given, "b"))[1]
    given = mine.serving.give(["b"], REGION)
    for name in "ab":
        assert "no session policy" in refused(lambda: mine.value(given, name))[1]  # noqa: B023 called at once
    vault.close()


def reading(name: str) -> str:
    """Return a policy that lets one secret be read."""
    arn = f"arn:aws:secretsmanager:*:*:secret:{name}-??????"
    return (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
        f'"Action":"secretsmanager:GetSecretValue","Resource":"{arn}"}}}}'
    )
