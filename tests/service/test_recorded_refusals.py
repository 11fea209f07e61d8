"""What is refused is in the journal once, as a refusal, with the reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.audit.exposure import exposure
from secretctl.audit.reader import Reader
from secretctl.audit.stats import stats
from secretctl.errors import PolicyFileError
from secretctl.service.dispatch import read_all
from secretctl.service.session import Session
from secretctl.vault import grants
from tests.conftest import Service, World
from tests.service.conftest import (
    ALLOWS_ALL,
    Fields,
    Other,
    Told,
    code,
    decision,
    entries,
    new_key,
    refusal,
)
from tests.service.test_kms_grants import DENIED, granted, prod

__all__ = ["prod"]

READ = "GetSecretValue"
NO_KEY = "the key is not granted"


@pytest.fixture
def theirs(prod: str, as_user: Callable[[str], Session]) -> Service:
    """The operations of a user whom policies allow everything, and who has the default key."""
    del prod
    return Service(as_user("ci"))


def the_refusal(told: Told, name: str) -> Fields:
    """Return the decision of the one new record of that name, a refusal."""
    (event,) = [each for each in told.events() if each["eventName"] == name]
    assert code(event) == "AccessDeniedException"
    assert event["errorMessage"] == "You are not authorized to perform this action."
    return decision(event)


def one_by_one(theirs: Service) -> None:
    """Ask for the value."""
    assert refusal(theirs, READ, SecretId="prod") == DENIED


def in_a_batch(theirs: Service) -> None:
    """Ask for it beside another one."""
    answer = theirs("BatchGetSecretValue", SecretIdList=["prod"])
    (error,) = entries(answer, "Errors")
    assert (error["ErrorCode"], error["Message"]) == DENIED


def for_a_program(theirs: Service) -> None:
    """Ask for it as exec does."""
    (error,) = read_all(theirs.session, [{"SecretId": "prod"}], "exec")
    assert isinstance(error, Exception)
    assert str(error) == DENIED[1]


@pytest.mark.parametrize("ask", [one_by_one, in_a_batch, for_a_program])
def test_a_value_whose_key_is_not_granted_is_never_recorded_as_read(
    world: World, theirs: Service, ask: Callable[[Service], None]
) -> None:
    """One record: what policies allowed, and that the key is missing."""
    told = Told(world)
    told.lines()
    ask(theirs)
    said = the_refusal(told, READ)
    assert (said["allowed"], said["reason"]) == (False, NO_KEY)
    assert said["action"] == "secretsmanager:GetSecretValue"
    assert str(said["resource"]).partition(":secret:")[2].startswith("prod-")
    assert said["statements"]


def replica(**more: str) -> list[dict[str, str]]:
    """Return the AddReplicaRegions of a request."""
    return [{"Region": "eu-west-1", **more}]


CHANGES: list[tuple[str, dict[str, object]]] = [
    ("PutSecretValue", {"SecretId": "prod", "SecretString": "x"}),
    ("UpdateSecret", {"SecretId": "prod", "KmsKeyId": "alias/aws/secretsmanager"}),
    ("UpdateSecret", {"SecretId": "a", "KmsKeyId": "alias/prod"}),
    ("ReplicateSecretToRegions", {"SecretId": "prod", "AddReplicaRegions": replica()}),
    (
        "ReplicateSecretToRegions",
        {"SecretId": "a", "AddReplicaRegions": replica(KmsKeyId="alias/prod")},
    ),
    ("CreateSecret", {"Name": "x", "SecretString": "v", "KmsKeyId": "alias/prod"}),
    ("CreateSecret", {"Name": "x", "SecretString": "v", "KmsKeyId": "alias/none"}),
]


def test_a_change_whose_key_is_not_granted_is_recorded_so(world: World, theirs: Service) -> None:
    """One record: nothing was announced, nothing changed."""
    told = Told(world)
    for name, parameters in CHANGES:
        told.lines()
        assert refusal(theirs, name, **parameters) == DENIED
        said = the_refusal(told, name)
        assert (said["allowed"], said["reason"]) == (False, NO_KEY)
        assert said["action"] == f"secretsmanager:{name}"


def test_a_grant_whose_key_is_gone_is_none(
    world: World, service: Service, kms: Other, theirs: Service, prod: str
) -> None:
    """What grants say is not enough where nothing is sealed: found before the read is recorded."""
    granted(kms, prod, "Decrypt")
    assert theirs(READ, SecretId="prod")["SecretString"] == "prod's"
    theirs.session.vault.keys.keks.clear()
    holder = theirs.session.vault.keys.holder
    assert holder is not None
    with service.session.vault.read() as view:
        (material,) = view.kms_directory().keys[prod].materials
        place = grants.place(view, holder.id, bytes.fromhex(material.id))
    with service.session.vault.engine.write() as writer:
        writer.delete(place)
    told = Told(world)
    told.lines()
    assert refusal(theirs, READ, SecretId="prod") == DENIED
    assert the_refusal(told, READ)["reason"] == NO_KEY


def test_a_value_whose_key_is_disabled_is_not_recorded_as_read(
    service: Service, kms: Other, told: Told
) -> None:
    """That is known before anything is decrypted, so there is one record, an error."""
    key = new_key(kms)
    service("CreateSecret", Name="c", SecretString="v", KmsKeyId=key)
    kms("DisableKey", KeyId=key)
    told.lines()
    assert refusal(service, READ, SecretId="c")[0] == "DecryptionFailure"
    assert [code(each) for each in told.events()] == ["DecryptionFailure"]


def test_refused_reads_expose_nothing(world: World, service: Service, theirs: Service) -> None:
    """Whether the key is missing or the value is damaged: errors to count, no reads."""
    engine = service.session.vault.engine
    with engine.write() as writer:
        key, stored = [each for each in engine.records() if each[0][:1] == b"v"][-1]
        writer.put(key, stored[:-1] + bytes((stored[-1] ^ 1,)))
    for ask in (one_by_one, in_a_batch, for_a_program):
        ask(theirs)
    answer = theirs("BatchGetSecretValue", SecretIdList=["a", "prod"])
    assert [each["ErrorCode"] for each in entries(answer, "Errors")] == [
        "DecryptionFailure",
        DENIED[0],
    ]
    reader, now_ms = Reader(f"{world.directory}/audit"), world.context.now_ms()
    assert exposure(reader, {}, now_ms) == {"Exposures": []}
    counted = entries(stats(reader, {"Principal": "ci"}, now_ms), "Secrets")
    assert {str(each["Name"]): (each["Reads"], each["Errors"]) for each in counted} == {
        "prod": (0, 4),
        "a": (0, 1),
    }


OUT_OF_FORCE = "a policy is not the one in force"
POLICY = "arn:aws:iam::000000000000:policy/eng/more"


def attach_to_user(iam: Other) -> None:
    """Attach the policy."""
    iam("AttachUserPolicy", UserName="ci", PolicyArn=POLICY)


def attach_to_group(iam: Other) -> None:
    """Attach it to a group of the user."""
    iam("CreateGroup", GroupName="all")
    iam("AddUserToGroup", GroupName="all", UserName="ci")
    iam("AttachGroupPolicy", GroupName="all", PolicyArn=POLICY)


def bound(iam: Other) -> None:
    """Make it what bounds the user."""
    iam("PutUserPermissionsBoundary", UserName="ci", PermissionsBoundary=POLICY)


@pytest.mark.parametrize("use", [attach_to_user, attach_to_group, bound])
def test_a_policy_that_is_not_in_force_is_named_by_every_refusal(
    world: World, iam: Other, theirs: Service, use: Callable[[Other], None]
) -> None:
    """Of each request, what it asked for, and which policy it was."""
    iam("CreatePolicy", PolicyName="more", Path="/eng/", PolicyDocument=ALLOWS_ALL)
    use(iam)
    Path(world.directory, "policies/more.json").unlink()
    told = Told(world)
    told.lines()
    requests: list[dict[str, object]] = [{"SecretId": "a"}, {"SecretId": "none"}]
    with pytest.raises(PolicyFileError):
        read_all(theirs.session, requests, "exec")
    with pytest.raises(PolicyFileError):
        theirs("DeleteSecret", SecretId="a")
    for event, name in zip(told.events()[-3:], [READ, READ, "DeleteSecret"], strict=True):
        assert (event["eventName"], code(event)) == (name, "PolicyFileError")
        said = decision(event)
        assert (said["allowed"], said["reason"], said["policy"]) == (False, OUT_OF_FORCE, POLICY)
        assert said["action"] == f"secretsmanager:{name}"
        assert ("resource" in said) == ("resources" in event)


def test_a_resource_policy_that_cannot_be_read_is_named_by_its_secret(
    world: World, service: Service
) -> None:
    """To the owner too, who can replace it all the same."""
    arn = service("CreateSecret", Name="c", SecretString="v")["ARN"]
    with service.session.vault.write(lambda _: (0, b""), lambda *_: None) as transaction:
        before = transaction.find("us-east-1", "c")
        assert before is not None
        transaction.put(before._replace(resource_policy="{}"), before)
    told = Told(world)
    told.lines()
    with pytest.raises(PolicyFileError):
        service(READ, SecretId="c")
    (event,) = told.events()
    said = decision(event)
    assert (said["allowed"], said["reason"], said["policy"]) == (False, OUT_OF_FORCE, arn)
    assert service("GetResourcePolicy", SecretId="c")["ResourcePolicy"] == "{}"
    service("DeleteResourcePolicy", SecretId="c")
    assert service(READ, SecretId="c")["SecretString"] == "v"
