"""A server's callers: whose credential it is, and that what was taken from them is gone at once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.audit.event import Origin
from secretctl.domain.credential import Given
from secretctl.domain.principals import User
from secretctl.errors import (
    RolledBackError,
    SecretctlError,
    ServiceError,
    StoreError,
    VaultDamagedError,
)
from secretctl.model.operations import BY_NAME
from secretctl.service import serving as module
from secretctl.service.serving import Serving
from secretctl.service.session import Session
from secretctl.vault import credentials, escrow, layout, principals
from secretctl.vault.vault import LockedVault, Vault
from tests.conftest import START_MS, Service, World
from tests.service.conftest import ALLOWS_ALL, Other, Told
from tests.service.served import ACCOUNT, HERE, READS, REGION, Scene
from tests.vault.forging import forging
from tests.vault.stored import change, records_of

INVALID = "The security token included in the request is invalid."
UNKNOWN = ("UnrecognizedClientException", INVALID)
EXPIRED = ("ExpiredTokenException", "The security token included in the request is expired")
FROM_HERE = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:*",'
    '"Resource":"*"},{"Effect":"Deny","Action":"%s","Resource":"*",'
    '"Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}'
)


@pytest.fixture
def scene(world: World, service: Service, iam: Other, reopen: Callable[[], Vault]) -> Scene:
    """Secrets a and b, and a server in a process of its own."""
    for name in "ab":
        service("CreateSecret", Name=name, SecretString=f"value of {name}")
    return Scene(world, service, iam, Serving(world.begin(reopen(), REGION)))


def refused(call: Callable[[], object]) -> tuple[str, str]:
    """Return code and sentence of a refusal."""
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.code, caught.value.message


def test_a_user_and_a_session_are_served_by_their_own_rights(scene: Scene) -> None:
    """With the keys that are granted to them, within their policies, and recorded as themselves."""
    scene.role()
    ci = scene.user("ci")
    run = scene.assumed(ci)
    told = Told(scene.world)
    told.lines()
    for given in (ci, run, ci):
        assert scene.value(given, "a") == "value of a"
    code, sentence = refused(lambda: scene.ask(run, "DeleteSecret", SecretId="a"))
    assert code == "AccessDeniedException"
    assert sentence.startswith(f"User: {ACCOUNT.replace('iam', 'sts')}:assumed-role/dep/run is not")
    events = told.events()
    assert [_of(each, "userIdentity")["accessKeyId"] for each in events] == [
        *(ci.key_id, run.key_id, ci.key_id, run.key_id),
    ]
    assert {_of(each, "userIdentity")["type"] for each in events} == {"IAMUser", "AssumedRole"}
    scene.is_intact()


def _of(event: dict[str, object], member: str) -> dict[str, object]:
    found = event[member]
    assert isinstance(found, dict)
    return found


def test_a_record_says_where_its_request_came_from(scene: Scene) -> None:
    """Address, user agent, cut and cleaned, and the id that the answer has; not the process's."""
    ci, told = scene.user("ci"), Told(scene.world)
    told.lines()
    scene.value(ci, "a")
    scene.value(ci, "a", Origin("::1", 'x"\n\x1b[31m' + "a" * 300))
    first, second = told.events()[-2:]
    kept = ("sourceIPAddress", "userAgent", "requestID")
    assert [first[each] for each in kept] == list(HERE)
    assert second["sourceIPAddress"] == "::1"
    assert str(second["userAgent"]).startswith("x????31maaa")
    assert len(str(second["userAgent"])) == 256
    assert second["requestID"] not in ("", first["requestID"])
    assert "process" in _of(second, "additionalEventData")


@pytest.mark.parametrize("action", ["secretsmanager:GetSecretValue", "kms:Decrypt"])
def test_policies_see_the_address_of_each_request(scene: Scene, action: str) -> None:
    """Also where sessions of one credential are open at once, and for the use of keys."""
    ci = scene.user("ci", FROM_HERE % action)
    inside, outside = scene.session(ci), scene.session(ci, HERE._replace(source_ip="192.0.2.1"))
    for _ in range(2):
        assert read_by(scene, inside) == "value of a"
        assert refused(lambda: read_by(scene, outside))[0] == "AccessDeniedException"


def read_by(scene: Scene, session: Session) -> object:
    """Return the value of a, read by a session that there is already."""
    reads = BY_NAME["GetSecretValue"]
    return scene.serving.call(session, reads, {"SecretId": "a"})["SecretString"]


def test_who_is_nobody_is_told_what_aws_tells_them(scene: Scene) -> None:
    """Unknown, with a token that is not theirs, without the one that is."""
    scene.role()
    ci = scene.user("ci")
    run = scene.assumed(ci)
    other = scene.assumed(ci)
    for key_id, token in (
        ("AKIA" + "A" * 16, ""),
        ("", ""),
        ("\ud800", "\ud800"),
        (ci.key_id, "token"),
        (run.key_id, ""),
        (run.key_id, other.session_token),
        (run.key_id, run.session_token[:-1]),
        ("ASIA" + "A" * 16, run.session_token),
    ):
        for _ in range(2):
            assert refused(lambda: scene.serving.secret_of(key_id, token)) == UNKNOWN  # noqa: B023 called at once
        scene.session(run)  # so that it is known


def test_an_access_key_of_before_is_refused_with_a_hint(scene: Scene) -> None:
    """What AWS says to who asks, and to who runs the server what to do about it."""
    ci = scene.user("ci")
    vault = scene.service.session.vault
    where = escrow.place(credentials.place(vault.keys.vault_id, ci.key_id))
    with forging(vault) as transaction:
        transaction.delete_record(where)
    with pytest.raises(ServiceError) as caught:
        scene.serving.secret_of(ci.key_id, "")
    assert (caught.value.code, caught.value.message) == UNKNOWN
    assert "older secretctl" in caught.value.hints[0]
    assert caught.value.hints[1].startswith("secretctl iam create-access-key ")


def test_a_change_of_rights_holds_for_the_next_request(scene: Scene) -> None:
    """Made by another process: a policy, an Inactive key, a deleted one, a deleted user."""
    ci = scene.user("ci")
    key = {"UserName": "ci", "AccessKeyId": ci.key_id}
    assert scene.value(ci, "a") == "value of a"
    scene.allow("ci", READS.replace('"*"}', f'"arn:aws:secretsmanager:*:*:secret:b-??????"{"}"}'))
    assert refused(lambda: scene.value(ci, "a"))[0] == "AccessDeniedException"
    assert scene.value(ci, "b") == "value of b"
    scene.iam("UpdateAccessKey", Status="Inactive", **key)
    assert refused(lambda: scene.value(ci, "b")) == UNKNOWN
    scene.iam("UpdateAccessKey", Status="Active", **key)
    assert scene.value(ci, "b") == "value of b"
    held = scene.session(ci)
    scene.iam("DeleteAccessKey", **key)
    assert refused(lambda: scene.value(ci, "b")) == UNKNOWN
    reads = BY_NAME["GetSecretValue"]  # whose signature was checked before
    assert refused(lambda: scene.serving.call(held, reads, {"SecretId": "b"})) == UNKNOWN
    scene.is_intact()


def test_a_session_ends_with_its_time_and_with_its_role(scene: Scene) -> None:
    """To the millisecond; of a role that is made anew it is not one."""
    scene.role()
    ci = scene.user("ci")
    first, second = scene.assumed(ci, DurationSeconds=900), scene.assumed(ci)
    for run in (first, second):
        assert scene.value(run, "a") == "value of a"
    scene.world.clock.now_ms = START_MS + 900_000 - 1
    assert scene.value(first, "a") == "value of a"
    scene.world.clock.now_ms += 1
    for _ in range(2):
        assert refused(lambda: scene.value(first, "a")) == EXPIRED
    assert scene.value(second, "a") == "value of a"
    scene.iam("DeleteRolePolicy", RoleName="dep", PolicyName="p")
    scene.iam("DeleteRole", RoleName="dep")
    scene.role()
    assert refused(lambda: scene.value(second, "a")) == UNKNOWN


def test_what_is_planted_while_it_serves_lets_nobody_in(scene: Scene) -> None:
    """Another secret, another credential, other access keys in a user's record."""
    ci, eve = scene.user("ci"), scene.user("eve")
    vault = scene.service.session.vault
    path = Path(vault.directory, "vault.db")
    where = credentials.place(vault.keys.vault_id, ci.key_id)
    assert scene.value(ci, "a") == scene.value(eve, "a")
    before = records_of(path)
    opened = LockedVault(vault.directory).unlock_with(eve, scene.world.context.random)
    assert opened is not None
    assert opened.keys.holder is not None
    hers = opened.keys.holder._replace(key_id=ci.key_id)
    known = Given(ci.key_id, "e" * 40)
    with forging(vault) as transaction:
        public = credentials.public_of(known, vault.keys.vault_id)
        credentials.put(transaction, transaction.keys, public, hers)
        transaction.keys._escrow = vault.keys.escrow
        escrow.keep(transaction, transaction.keys, where, known.secret)
    with pytest.raises(VaultDamagedError):
        scene.serving.secret_of(ci.key_id, "")
    assert scene.value(eve, "a") == "value of a"
    with forging(vault) as transaction:
        transaction.put_record(where, before[where])
    with pytest.raises(VaultDamagedError, match="not its own"):
        scene.serving.secret_of(ci.key_id, "")
    with forging(vault) as transaction:
        transaction.put_record(escrow.place(where), before[escrow.place(where)])
        user = principals.find(transaction, "user", "ci")
        assert isinstance(user, User)
        principals.put(transaction, user._replace(inline=(("all", ALLOWS_ALL),)))
    with pytest.raises(VaultDamagedError, match="the user ci was changed"):
        scene.serving.secret_of(ci.key_id, "")


def test_what_would_be_denied_is_told_without_a_record(scene: Scene) -> None:
    """By the caller's policies, by those of a secret, by the key of a value; else it is not."""
    ci = scene.user("ci")
    scene.service("CreateSecret", Name="other", SecretString="v", KmsKeyId="alias/other")
    action = "secretsmanager:GetSecretValue"
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    scene.service("PutResourcePolicy", SecretId="b", ResourcePolicy=policy)
    session, told = scene.session(ci), Told(scene.world)
    told.lines()
    for operation, parameters, is_denied in (
        ("GetSecretValue", {"SecretId": "a"}, False),
        ("GetSecretValue", {"SecretId": "b"}, True),
        ("GetSecretValue", {"SecretId": "none"}, False),
        ("GetSecretValue", {"SecretId": "other"}, True),
        ("DescribeSecret", {"SecretId": "a"}, True),
        ("DescribeSecret", {"SecretId": " "}, False),
        ("ListSecrets", {}, True),
    ):
        fields: dict[str, object] = dict(parameters)
        assert scene.serving.denies(session, BY_NAME[operation], fields) == is_denied
    assert told.lines() == []
    assert session.recorder.act is None


def test_an_older_vault_put_back_while_it_serves_is_refused(scene: Scene) -> None:
    """Whether or not the server had seen what came after: the journal had."""
    ci = scene.user("ci")
    path = Path(scene.service.session.vault.directory, "vault.db")
    assert scene.value(ci, "a") == "value of a"
    before = records_of(path)
    scene.iam("UpdateAccessKey", UserName="ci", AccessKeyId=ci.key_id, Status="Inactive")
    change(path, before)
    with pytest.raises(RolledBackError, match="the vault is older than its journal"):
        scene.serving.secret_of(ci.key_id, "")


def test_another_vault_in_its_place_is_not_served(scene: Scene) -> None:
    """As a rekey puts it there: whoever runs the server opens it again."""
    ci = scene.user("ci")
    path = Path(scene.service.session.vault.directory, "vault.db")
    scene.session(ci)
    content = path.read_bytes()
    path.rename(path.with_suffix(".old"))
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SecretctlError, match="another vault was put in the place") as caught:
        scene.serving.secret_of(ci.key_id, "")
    assert isinstance(caught.value, StoreError)


def test_a_principal_serves_itself_alone(scene: Scene) -> None:
    """It opens nobody else's secret; its own rights go as they went."""
    ci = scene.user("ci")
    locked = LockedVault(scene.world.directory)
    vault = locked.unlock_with(ci, scene.world.context.random)
    assert vault is not None
    serving = Serving(scene.world.begin(vault, REGION), ci)
    session = scene.session(ci, serving=serving)
    reads = BY_NAME["GetSecretValue"]
    assert serving.call(session, reads, {"SecretId": "a"})["SecretString"] == "value of a"
    other = scene.user("other")
    for key_id, token in ((other.key_id, ""), (ci.key_id, "token"), ("", "")):
        assert refused(lambda: serving.secret_of(key_id, token)) == UNKNOWN  # noqa: B023 called at once
    key = {"UserName": "ci", "AccessKeyId": ci.key_id}
    scene.iam("UpdateAccessKey", Status="Inactive", **key)
    assert refused(lambda: serving.secret_of(ci.key_id, "")) == UNKNOWN
    assert refused(lambda: serving.call(session, reads, {"SecretId": "a"})) == UNKNOWN
    vault.close()


def test_few_credentials_are_kept_in_memory(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes makes room for themselves; all of them are served."""
    monkeypatch.setattr(module, "_MOST", 2)
    users = [scene.user(f"u{number}") for number in range(4)]
    for given in (*users, *users):
        assert scene.value(given, "a") == "value of a"
        assert len(scene.serving._known) <= 2
    for _ in range(9):
        assert refused(lambda: scene.serving.secret_of("AKIA" + "B" * 16, "")) == UNKNOWN
    assert len(scene.serving._known) == 2


def test_regions_that_are_made_up_are_forgotten(scene: Scene) -> None:
    """Whoever has a credential may sign for any: that costs no memory."""
    ci = scene.user("ci", ALLOWS_ALL)
    given = scene.serving.secret_of(ci.key_id, "")
    kept = set()
    for number in range(1, 150):
        session = scene.serving.session(given, f"us-east-{number}", HERE)
        answer = scene.serving.call(session, BY_NAME["ListSecrets"], {})
        assert len(answer["SecretList"]) == (2 if number == 1 else 0)  # type: ignore[arg-type]  # a list
        kept.add(len(session.vault.keys._prefixes))
    assert max(kept) == 64


def test_no_repr_shows_a_secret(scene: Scene) -> None:
    """Of what is kept of a credential."""
    ci = scene.user("ci")
    scene.session(ci)
    admitted, _ = scene.serving._known[ci.key_id]
    assert repr(admitted) == f"<admitted {ci.key_id}>"
    assert admitted.places[0][:1] == layout.CREDENTIAL
