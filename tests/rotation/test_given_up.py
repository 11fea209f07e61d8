"""Rotations that somebody gives up: by a value, by a label, by turning rotation off."""

import json

import pytest

from secretctl.rotation.steps import CREATE, FINISH, RotationError, Step
from secretctl.rotation.versions import finish
from tests.conftest import World
from tests.rotation.conftest import SECRET, Rotator
from tests.rotation.test_engine import DAYS, put
from tests.service.conftest import Told


@pytest.mark.parametrize("operation", ["PutSecretValue", "UpdateSecret"])
def test_a_value_put_by_hand_abandons_the_rotation(
    rotator: Rotator, world: World, operation: str
) -> None:
    """It is recorded behind the put, counts as a rotation, and the engine does not go on."""
    version = rotator.begin(RotationRules=DAYS)
    world.clock.pass_days(2)
    told = Told(world)
    told.lines()
    rotator.service(operation, SecretId=SECRET, SecretString="by hand")
    names = [json.loads(line)["eventName"] for line in told.lines()]
    assert names == [operation, operation, "RotationAbandoned"]
    assert version not in rotator.labels
    assert str(rotator.described["NextRotationDate"]) == "2023-12-16 23:59:59+00:00"
    assert "LastRotatedDate" not in rotator.described
    with pytest.raises(RotationError, match="pending no more"):
        rotator.rotate(version)
    assert rotator.value() == "by hand"


def test_an_operator_takes_awspending_away(rotator: Rotator, world: World) -> None:
    """That abandons the rotation too, and another may begin."""
    version = rotator.begin()
    told = Told(world)
    told.lines()
    removed = {"VersionStage": "AWSPENDING", "RemoveFromVersionId": version}
    rotator.service("UpdateSecretVersionStage", SecretId=SECRET, **removed)
    assert json.loads(told.lines()[-1])["eventName"] == "RotationAbandoned"
    rotator.rotate(rotator.begin())


def test_a_value_put_by_hand_in_a_step_leaves_no_failure(rotator: Rotator) -> None:
    """What fails because of it is no failure of a rotation that nobody goes on with."""

    def run(step: Step) -> None:
        if step.name == CREATE:
            put(step)
        if step.name == FINISH:
            rotator.service("PutSecretValue", SecretId=SECRET, SecretString="by hand")
            finish(step)

    with pytest.raises(RotationError, match=r"stopped before the end of finishSecret: .*given up"):
        rotator.rotate(rotator.begin(RotationRules=DAYS), run)
    assert rotator.value() == "by hand"
    rotation = rotator.kept("x").secret.rotation
    assert rotation is not None
    assert (rotation.failed_tries, rotation.next_try_ms, rotation.doing) == (0, None, "")


def test_a_value_put_by_hand_while_another_is_made_stays(rotator: Rotator) -> None:
    """The one that comes too late is not taken, and the rotation is not gone on with."""

    def run(step: Step) -> None:
        rotator.service("PutSecretValue", SecretId=SECRET, SecretString="by hand")
        put(step)

    version = rotator.begin()
    with pytest.raises(RotationError, match=r"stopped before the end of createSecret: .*given up"):
        rotator.rotate(version, run)
    assert rotator.value() == "by hand"
    assert version not in rotator.labels


def test_cancelling_stops_a_rotation_before_its_next_step(rotator: Rotator) -> None:
    """Labels stay; both dates are gone, until RotateSecret turns rotation on again."""
    rotator.rotate(rotator.begin(RotationRules=DAYS))
    version = rotator.begin()

    def run(step: Step) -> None:
        put(step)
        assert rotator.service("CancelRotateSecret", SecretId=SECRET)["VersionId"] == version

    with pytest.raises(RotationError, match=r"stopped before setSecret: .*cancelled"):
        rotator.rotate(version, run)
    assert rotator.labels[version] == ["AWSPENDING"]
    shown = rotator.described
    assert shown["RotationEnabled"] is False
    assert not {"LastRotatedDate", "NextRotationDate"} & set(shown)
    rotator.begin(ClientRequestToken=version)
    rotator.rotate(version)
    assert rotator.labels[version] == ["AWSCURRENT"]
    assert {"LastRotatedDate", "NextRotationDate"} <= set(rotator.described)


@pytest.mark.parametrize(
    ("more", "left"),
    [({}, "marked for deletion"), ({"ForceDeleteWithoutRecovery": True}, "can't find")],
)
def test_a_secret_that_is_deleted_in_a_step_is_a_failure_in_the_journal(
    rotator: Rotator, world: World, more: dict[str, bool], left: str
) -> None:
    """The function may have run; the vault takes nothing more, and the journal says where."""

    def run(step: Step) -> None:
        if step.name == CREATE:
            put(step)
            rotator.service("DeleteSecret", SecretId=SECRET, **more)

    version = rotator.begin()
    told = Told(world)
    told.lines()
    with pytest.raises(RotationError, match=f"failed in createSecret: the secret was .*{left}"):
        rotator.rotate(version, run)
    last = json.loads(told.lines()[-1])
    assert last["eventName"] == "RotationFailed"
    said = last["additionalEventData"]
    assert (said["versionId"], said["step"]) == (version, CREATE)
    assert said["reason"] == "the secret was deleted meanwhile"


def test_a_deletion_that_is_taken_back_leaves_a_rotation_to_go_on_with(rotator: Rotator) -> None:
    """With the same version, which has its value already."""

    def run(step: Step) -> None:
        if step.name == CREATE:
            put(step)
            rotator.service("DeleteSecret", SecretId=SECRET)

    version = rotator.begin()
    with pytest.raises(RotationError, match="the secret was deleted meanwhile"):
        rotator.rotate(version, run)
    rotator.service("RestoreSecret", SecretId=SECRET)
    rotator.rotate(version)
    assert rotator.labels[version] == ["AWSCURRENT"]
