"""RotateImmediately=false: the function is tried on a copy of the current value, which goes."""

import json

import pytest

from secretctl.errors import ServiceError
from secretctl.rotation import engine
from secretctl.rotation.steps import Function, RotationError, Step
from secretctl.service import rotating
from tests.conftest import World
from tests.rotation.conftest import SECRET, VALUE, Rotator
from tests.rotation.test_engine import DAYS, failing_in
from tests.service.conftest import Told


def test_a_function_is_tried_on_a_copy_that_goes_again(rotator: Rotator) -> None:
    """RotateImmediately=false runs testSecret alone, on a pending copy of the current value."""
    (before,) = rotator.labels
    version = rotator.begin(RotateImmediately=False, RotationRules=DAYS)
    assert rotator.labels == {before: ["AWSCURRENT"]}
    seen: list[object] = []

    def run(step: Step) -> None:
        which = {"VersionId": step.token, "VersionStage": "AWSPENDING"}
        answer = step.call("GetSecretValue", {"SecretId": step.secret_id, **which})
        seen.extend((step.name, answer["SecretString"]))

    function = Function("test", run)
    engine.try_out(rotator.service.session, rotator.arn, version, function, rotator.steps.append)
    assert seen == ["testSecret", VALUE]
    assert rotator.steps == ["testSecret"]
    assert rotator.labels == {before: ["AWSCURRENT"]}
    versions = rotator.service("ListSecretVersionIds", SecretId=SECRET, IncludeDeprecated=True)
    assert len(versions["Versions"]) == 1  # type: ignore[arg-type]  # a list
    assert "LastRotatedDate" not in rotator.described


def test_a_function_that_fails_on_its_copy_changes_nothing(rotator: Rotator, world: World) -> None:
    """The copy goes as well, and the failure is on record."""
    version = rotator.begin(RotateImmediately=False, RotationRules=DAYS)
    before = rotator.labels
    told = Told(world)
    told.lines()
    with pytest.raises(RotationError, match="failed in testSecret: the database is down"):
        engine.try_out(
            rotator.service.session,
            rotator.arn,
            version,
            failing_in("testSecret"),
            lambda _: None,
        )
    names = {json.loads(line)["eventName"] for line in told.lines()}
    assert {"TestRotationStarted", "TestRotationFailed"} <= names
    assert rotator.labels == before


class KilledError(BaseException):
    """Nothing comes behind it."""


def killed_in_its_test(rotator: Rotator, monkeypatch: pytest.MonkeyPatch) -> str:
    """Leave the copy of a test that was killed; return its id."""
    version = rotator.begin(RotateImmediately=False, RotationRules=DAYS)

    def run(_: Step) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(rotating, "drop_copy", lambda *_: None)
        with pytest.raises(KilledError):
            engine.try_out(
                rotator.service.session, rotator.arn, version, Function("t", run), lambda _: None
            )
    assert rotator.labels[version] == ["AWSPENDING"]
    return version


def test_a_copy_that_a_kill_has_left_is_no_new_value(
    rotator: Rotator, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next try takes it away, tells so, and moves no date; then a rotation may begin."""
    version = killed_in_its_test(rotator, monkeypatch)
    before = rotator.described
    told = Told(world)
    told.lines()
    with pytest.raises(RotationError, match="its copy is removed now"):
        rotator.rotate(rotator.begin(ClientRequestToken=version))
    assert version not in rotator.labels
    assert rotator.described["NextRotationDate"] == before["NextRotationDate"]
    assert "LastRotatedDate" not in rotator.described
    assert "TestRotationFailed" in {json.loads(line)["eventName"] for line in told.lines()}
    rotator.rotate(rotator.begin())


def test_a_value_put_by_hand_takes_the_place_of_a_copy_that_was_left(
    rotator: Rotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the rotation that comes then is a whole one."""
    killed_in_its_test(rotator, monkeypatch)
    rotator.service("PutSecretValue", SecretId=SECRET, SecretString=VALUE)
    rotator.rotate(rotator.begin())
    assert "LastRotatedDate" in rotator.described


def test_a_copy_does_not_take_the_label_of_a_rotation(rotator: Rotator) -> None:
    """One that has begun between the answer and the test: the test is refused."""
    mine = rotator.begin(RotateImmediately=False, RotationRules=DAYS)
    theirs = rotator.begin()
    with pytest.raises(ServiceError, match="A previous rotation isn't complete"):
        engine.try_out(rotator.service.session, rotator.arn, mine, failing_in(""), lambda _: None)
    assert rotator.labels[theirs] == ["AWSPENDING"]


@pytest.mark.parametrize("step", ["createSecret", "setSecret"])
def test_what_failed_is_not_what_a_function_is_tried_on(
    rotator: Rotator, world: World, step: str
) -> None:
    """Empty or filled, the version of a rotation stays, and is tried again: nothing is noted."""
    version = rotator.begin()
    with pytest.raises(RotationError, match="the database is down"):
        rotator.rotate(version, failing_in(step).run)
    before = rotator.described
    told = Told(world)
    told.lines()
    with pytest.raises(ServiceError, match="A previous rotation isn't complete"):
        rotator.begin(ClientRequestToken=version, RotateImmediately=False)
    with pytest.raises(ServiceError, match="A previous rotation isn't complete"):
        engine.try_out(
            rotator.service.session, rotator.arn, version, failing_in(""), lambda _: None
        )
    names = [json.loads(line)["eventName"] for line in told.lines()]
    assert "TestRotationSucceeded" not in names
    assert rotator.described == before
    kept = rotator.kept(version).secret.rotation
    assert kept is not None
    assert kept.failed_tries == 1
    rotator.rotate(rotator.begin(ClientRequestToken=version))
    assert rotator.labels[version] == ["AWSCURRENT"]


def test_a_test_that_was_killed_may_be_typed_again(
    rotator: Rotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is its own; it is tried, and goes."""
    version = killed_in_its_test(rotator, monkeypatch)
    rotator.begin(ClientRequestToken=version, RotateImmediately=False)
    function = Function("test", lambda _: None)
    engine.try_out(rotator.service.session, rotator.arn, version, function, rotator.steps.append)
    assert version not in rotator.labels
