"""Values read for many at once: each by its own rights, all recorded before any is given."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.domain.credential import Given
from secretctl.domain.secret import Secret, Version
from secretctl.errors import JournalUnavailableError, SecretctlError, ServiceError
from secretctl.service import serving as module
from secretctl.service.serving import Serving
from secretctl.store.lock import LOCK_FILE, FileLock
from secretctl.vault import fsck, layout
from secretctl.vault.codec import Value
from secretctl.vault.vault import Vault
from secretctl.vault.view import View
from tests.conftest import Service, World
from tests.service.conftest import Other, Told
from tests.service.served import HERE, READS, REGION, Scene
from tests.vault.stored import change, of_kind, records_of

Fields = dict[str, object]
Callers = tuple[Scene, list[Given]]
ASKED = st.tuples(st.integers(0, 2), st.sampled_from(["a", "b", "none", ""]))
_FIXTURE = HealthCheck.function_scoped_fixture  # nothing of a scene changes between examples
ONLY_A = READS.replace('"*"}', '"arn:aws:secretsmanager:*:*:secret:a-??????"}')


@pytest.fixture
def scene(world: World, service: Service, iam: Other, reopen: Callable[[], Vault]) -> Scene:
    """Secrets a and b, and a server in a process of its own."""
    for name in "ab":
        service("CreateSecret", Name=name, SecretString=f"value of {name}")
    return Scene(world, service, iam, Serving(world.begin(reopen(), REGION)))


def together(scene: Scene, *asked: tuple[Given, Fields]) -> list[object]:
    """Ask at once; return of each the value, or the code of its refusal."""
    requests = [(scene.session(each), parameters) for each, parameters in asked]
    return [said(answer) for answer in scene.serving.read(requests)]


def said(answer: Fields | SecretctlError) -> object:
    """Return the value of an answer, or what refused it."""
    if isinstance(answer, SecretctlError):
        return answer.code if isinstance(answer, ServiceError) else type(answer).__name__
    return answer["SecretString"]


def of(name: str) -> Fields:
    """Return the parameters that mean a secret."""
    return {"SecretId": name}


def test_each_is_answered_by_its_own_rights(scene: Scene) -> None:
    """In their order, whatever becomes of the others; recorded as each of them."""
    wide, narrow = scene.user("wide"), scene.user("narrow", ONLY_A)
    root = scene.serving.give(["b"], REGION)
    told = Told(scene.world)
    told.lines()
    asked = (
        (wide, of("a")),
        (narrow, of("b")),
        (root, of("b")),
        (narrow, of("a")),
        (root, of("a")),
    )
    more: tuple[tuple[Given, Fields], ...] = (
        (wide, of("none")),
        (wide, {}),
        (wide, {**of("a"), "VersionStage": "NONE"}),
    )
    assert together(scene, *asked, *more) == [
        *("value of a", "AccessDeniedException", "value of b", "value of a"),
        *("AccessDeniedException", "ResourceNotFoundException", "ValidationException"),
        "ResourceNotFoundException",
    ]
    events = told.events()
    keys = [_identity(each)["accessKeyId"] for each in events]
    assert keys == [each.key_id for each, _ in (*asked, *more)]
    assert [bool(each.get("errorCode")) for each in events] == [
        *(False, True, False, False, True, True, True, True),
    ]
    assert {each["sourceIPAddress"] for each in events} == {HERE.source_ip}
    scene.is_intact()


def _identity(event: Fields) -> Fields:
    found = event["userIdentity"]
    assert isinstance(found, dict)
    return found


def test_the_address_of_each_request_counts(scene: Scene) -> None:
    """Of one caller too; each record has the id that its answer has."""
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:*",'
        '"Resource":"*"},{"Effect":"Deny","Action":"kms:*","Resource":"*",'
        '"Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]}'
    )
    ci, told = scene.user("ci", policy), Told(scene.world)
    far = HERE._replace(source_ip="192.0.2.9", request_id="r2")
    told.lines()
    origins = (HERE, far, HERE._replace(request_id="r3"))
    requests = [(scene.session(ci, origin), of("a")) for origin in origins]
    answers = [said(each) for each in scene.serving.read(requests)]
    assert answers == ["value of a", "AccessDeniedException", "value of a"]
    assert [each["requestID"] for each in told.events()] == [HERE.request_id, "r2", "r3"]


def test_all_of_them_cost_one_sync(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are; one by one each costs one."""
    users = [scene.user(f"u{number}") for number in range(3)]
    asked = [(users[number % 3], of("ab"[number % 2])) for number in range(60)]
    together(scene, *asked)
    assert scene.serving.settle()
    synced: list[int] = []
    sync = os.fdatasync

    def counted(handle: int) -> None:
        synced.append(handle)
        sync(handle)

    monkeypatch.setattr(os, "fdatasync", counted)
    assert set(together(scene, *asked)) == {"value of a", "value of b"}
    assert len(synced) == 1
    for each, parameters in asked[:3]:
        scene.ask(each, "GetSecretValue", SecretId=parameters["SecretId"])
    assert len(synced) == 4


def test_nothing_is_decrypted_before_all_are_recorded(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the journal cannot be written, nobody is answered, and it is as it was."""
    ci, told = scene.user("ci"), Told(scene.world)
    told.lines()
    opened: list[str] = []
    value = View.stored_value

    def counted(view: View, secret: Secret, version: Version) -> Value:
        opened.append(secret.name)
        return value(view, secret, version)

    monkeypatch.setattr(View, "stored_value", counted)

    def refuses(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", refuses)
        with pytest.raises(JournalUnavailableError):
            together(scene, (ci, of("a")), (ci, of("b")))
    assert opened == []
    assert told.lines() == []
    assert together(scene, (ci, of("a")), (ci, of("b"))) == ["value of a", "value of b"]
    assert opened == ["a", "b"]
    scene.is_intact()


def test_killed_between_record_and_answer_it_has_recorded(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every read is in the journal, which is intact; the vault goes on, and so does the server."""
    ci, told = scene.user("ci"), Told(scene.world)
    requests = [(scene.session(ci), of(name)) for name in "abab"]
    told.lines()
    child = os.fork()
    if not child:
        monkeypatch.setattr(View, "stored_value", lambda *_: os._exit(9))
        try:
            scene.serving.read(requests)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert [each[0] for each in told.names()] == ["GetSecretValue"] * 4
    scene.is_intact()
    assert fsck.check(scene.service.session.vault).problems == ()
    assert together(scene, (ci, of("a"))) == ["value of a"]
    scene.is_intact()


def test_a_damaged_value_is_that_of_its_request_alone(scene: Scene) -> None:
    """It has a second record that says so."""
    ci, told = scene.user("ci"), Told(scene.world)
    path = Path(scene.service.session.vault.directory, "vault.db")
    records = records_of(path)
    first = of_kind(records, layout.VALUE)[0]
    change(path, {first: records[first][:-1] + b"\0"})
    told.lines()
    answers = together(scene, (ci, of("a")), (ci, of("b")))
    assert sorted(map(str, answers)) == ["ValueDamagedError", "value of b"]
    codes = [each[2] for each in told.names()]
    assert codes == ["", "", "DecryptionFailure"]


def test_rights_that_change_between_two_groups_hold_for_the_second(scene: Scene) -> None:
    """Policies, the key of a value, the access key itself; in a group all see one moment."""
    ci, other = scene.user("ci"), scene.user("other")
    asked = ((ci, of("a")), (ci, of("b")), (other, of("a")))
    assert together(scene, *asked) == ["value of a", "value of b", "value of a"]
    scene.allow("ci", ONLY_A)
    assert together(scene, *asked) == ["value of a", "AccessDeniedException", "value of a"]
    held = scene.session(ci)
    scene.iam("UpdateAccessKey", UserName="ci", AccessKeyId=ci.key_id, Status="Inactive")
    answers = scene.serving.read([(held, of("a")), (scene.session(other), of("b"))])
    assert [said(each) for each in answers] == ["UnrecognizedClientException", "value of b"]
    scene.service("PutSecretValue", SecretId="b", SecretString="new")
    assert together(scene, (other, of("b"))) == ["new"]


def test_dates_of_access_follow_soon(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some at a time, each second, and before anything else is done; none while others write."""
    ci, clock = scene.user("ci", READS.replace("GetSecretValue", "*")), scene.world.clock
    monkeypatch.setattr(module, "_MOST_DATES", 1)

    def dated() -> list[str]:
        described = [scene.service("DescribeSecret", SecretId=name) for name in "ab"]
        return [str(each["Name"]) for each in described if "LastAccessedDate" in each]

    together(scene, (ci, of("a")), (ci, of("b")))
    assert dated() == []
    lock = FileLock(os.path.join(scene.service.session.vault.directory, LOCK_FILE), 0)
    lock.acquire()
    assert scene.serving.settle()
    lock.release()
    lock.close()
    assert dated() == []
    assert not scene.serving.settle()
    assert len(dated()) == 1
    clock.pass_ms(1000)
    together(scene, (ci, of("a")))
    assert dated() == ["a", "b"]
    clock.pass_days(1)
    together(scene, (ci, of("a")))
    shown = scene.ask(ci, "DescribeSecret", SecretId="a")["LastAccessedDate"]
    assert str(shown)[:10] == "2023-11-15"
    assert scene.serving.settle()
    assert fsck.check(scene.service.session.vault).problems == ()
    scene.is_intact()


@given(asked=st.lists(ASKED, min_size=1))
@settings(max_examples=25, deadline=None, suppress_health_check=[_FIXTURE])
def test_together_is_as_one_by_one(callers: Callers, asked: list[tuple[int, str]]) -> None:
    """For whoever asks for whatever, in any order, as often as they like."""
    scene, known = callers
    requests = [(known[who], of(name)) for who, name in asked]
    singly = [together(scene, each)[0] for each in requests]
    assert together(scene, *requests) == singly


@pytest.fixture
def callers(scene: Scene) -> Callers:
    """Two users and a one-time credential."""
    users = [scene.user("wide"), scene.user("narrow", ONLY_A)]
    return scene, [*users, scene.serving.give(["b"], REGION)]
