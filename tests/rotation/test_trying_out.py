"""RotateImmediately=false: the function is tried on a copy of the current value, which goes."""

import json

import pytest

from secretctl.rotation import engine
from secretctl.rotation.steps import Function, RotationError, Step
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
