"""The four steps of a rotation: in order, once, and with one outcome."""

import json

import pytest

from secretctl.domain import retries
from secretctl.errors import StoreBusyError
from secretctl.rotation import engine, functions
from secretctl.rotation.lease import lease
from secretctl.rotation.steps import (
    CREATE,
    FINISH,
    SET,
    STEPS,
    TEST,
    Function,
    RotationError,
    Step,
    StepError,
)
from secretctl.rotation.versions import current, finish, pending
from tests.conftest import DAY_MS, World
from tests.rotation.conftest import BUILTIN, SECRET, VALUE, Rotator, exposed
from tests.service.conftest import Told

DAYS = {"AutomaticallyAfterDays": 30}
MINUTE_MS = 60_000


def put(step: Step, value: str = "second") -> None:
    """Fill the pending version, as a function does in its first step."""
    step.call(
        "PutSecretValue",
        {
            "SecretId": step.secret_id,
            "ClientRequestToken": step.token,
            "SecretString": value,
            "VersionStages": ["AWSPENDING"],
        },
    )


def failing_in(name: str) -> "Function":
    """Return a function that fails in one step and does all others."""

    def run(step: Step) -> None:
        if step.name == name:
            raise StepError("the database is down")
        if step.name == CREATE and not step.is_filled:
            put(step)
        if step.name == FINISH:
            finish(step)

    return Function("test", run)


def test_a_rotation_leaves_one_current_version_and_dates(rotator: Rotator, world: World) -> None:
    """AWSPENDING is gone, AWSPREVIOUS is the one before, and the dates are those of now."""
    (before,) = rotator.labels
    version = rotator.begin(RotationRules=DAYS)
    world.clock.pass_days(0.1)
    rotator.rotate(version)
    assert rotator.steps == list(STEPS)
    assert rotator.labels == {before: ["AWSPREVIOUS"], version: ["AWSCURRENT"]}
    shown = rotator.described
    assert int(shown["LastRotatedDate"].timestamp() * 1000) == world.clock()  # type: ignore[attr-defined]  # a datetime
    assert str(shown["NextRotationDate"]) == "2023-12-15 23:59:59+00:00"
    assert json.loads(rotator.value())["username"] == "app"
    assert rotator.value(VersionStage="AWSPREVIOUS") == VALUE


@pytest.mark.parametrize("hands_on", [False, True])
def test_only_reads_that_tell_somebody_are_exposure(
    rotator: Rotator, world: World, *, hands_on: bool
) -> None:
    """A function that hands values on to programs of the user's is none that keeps them."""

    def run(step: Step) -> None:
        if step.name == CREATE:
            current(step)
            put(step)
        elif step.name == TEST:
            pending(step)
        elif step.name == FINISH:
            finish(step)

    version = rotator.begin()
    function = Function("test", run, hands_on=hands_on)
    engine.rotate(rotator.service.session, rotator.arn, version, function, print)
    assert exposed(world) == ([version] if hands_on else [])
    rotator.value()
    assert exposed(world) == [version]


def test_a_read_that_is_refused_is_recorded_once(rotator: Rotator, world: World) -> None:
    """As of any caller, and the rotation says where it failed."""
    version = rotator.begin()
    told = Told(world)
    told.lines()

    def run(step: Step) -> None:
        pending(step)

    with pytest.raises(RotationError, match="failed in createSecret"):
        rotator.rotate(version, run)
    (refused,) = [each for each in told.events() if each["eventName"] == "GetSecretValue"]
    assert refused["errorCode"] == "ResourceNotFoundException"
    assert refused["additionalEventData"]["operation"] == "rotation"  # type: ignore[index]  # an object


def test_what_is_recorded_has_the_names_of_cloudtrail(rotator: Rotator, world: World) -> None:
    """Started and succeeded, with the steps between, and never a value."""
    version = rotator.begin()
    told = Told(world)
    told.lines()
    rotator.rotate(version)
    lines = told.lines()
    found = [json.loads(line) for line in lines]
    ours = [each for each in found if each["eventName"].startswith("Rotation")]
    steps = [each["additionalEventData"].get("step") for each in ours]
    assert [each["eventName"] for each in ours][:2] == ["RotationStarted", "RotationStep"]
    assert [step for step in steps if step] == list(STEPS)
    assert [each["eventName"] for each in ours][-2:] == ["RotationSucceeded"] * 2
    assert {each["eventType"] for each in ours} == {"AwsServiceEvent"}
    password = json.loads(rotator.value())["password"]
    assert not any(password.encode() in line or b"first" in line for line in lines)


@pytest.mark.parametrize("name", STEPS)
def test_a_failed_step_keeps_the_version_for_the_next_try(rotator: Rotator, name: str) -> None:
    """The current one stays; how often it failed, where, and the next try are kept."""
    (before,) = rotator.labels
    version = rotator.begin(RotationRules=DAYS)
    function = failing_in(name)
    with pytest.raises(RotationError, match=f"failed in {name}: the database is down") as caught:
        engine.rotate(rotator.service.session, rotator.arn, version, function, lambda _: None)
    assert caught.value.exit_status == 1
    assert rotator.labels == {before: ["AWSCURRENT"], version: ["AWSPENDING"]}
    rotation = rotator.kept(version).secret.rotation
    assert rotation is not None
    assert (rotation.failed_tries, rotation.failed_step) == (1, name)
    assert rotation.failed_why == "the database is down"
    rotator.rotate(version)
    assert rotator.labels == {before: ["AWSPREVIOUS"], version: ["AWSCURRENT"]}
    rotation = rotator.kept(version).secret.rotation
    assert rotation is not None
    assert (rotation.failed_tries, rotation.next_try_ms, rotation.failed_step) == (0, None, "")
    assert not rotation.failed_why


def test_tries_are_a_minute_five_thirty_and_hours_apart(rotator: Rotator, world: World) -> None:
    """Each is counted from the failure before it."""
    version = rotator.begin(RotationRules=DAYS)
    waits = []
    for _ in range(5):
        with pytest.raises(RotationError):
            engine.rotate(
                rotator.service.session, rotator.arn, version, failing_in(SET), lambda _: None
            )
        rotation = rotator.kept(version).secret.rotation
        assert rotation is not None
        assert rotation.next_try_ms is not None
        waits.append((rotation.next_try_ms - world.clock()) // MINUTE_MS)
        world.clock.now_ms = rotation.next_try_ms
    assert waits == [1, 5, 30, 60, 60]


def test_a_function_that_leaves_no_value_has_failed(rotator: Rotator) -> None:
    """Nothing is set by a version without a value."""
    version = rotator.begin()
    with pytest.raises(RotationError, match="createSecret: it left the version without a value"):
        rotator.rotate(version, lambda _: None)
    assert rotator.steps == [CREATE]


def test_a_function_that_moves_no_label_has_failed(rotator: Rotator) -> None:
    """A rotation has succeeded only once its version is the current one."""
    version = rotator.begin()
    with pytest.raises(RotationError, match="finishSecret: it did not make the version"):
        rotator.rotate(version, lambda step: put(step) if step.name == CREATE else None)
    assert rotator.described.get("LastRotatedDate") is None


def test_what_is_over_is_not_done_again(rotator: Rotator, world: World) -> None:
    """Whoever is told late of a rotation runs no step and moves no date."""
    version = rotator.begin()
    rotator.rotate(version)
    before, steps = rotator.described, list(rotator.steps)
    world.clock.pass_days(1)
    rotator.rotate(version)
    assert rotator.described == before
    assert rotator.steps == steps


def test_what_is_current_and_pending_is_only_ended(rotator: Rotator, world: World) -> None:
    """As a kill behind finishSecret leaves it: AWSPENDING goes, and the dates move on."""
    version = rotator.begin()

    class CutOffError(BaseException):
        pass

    def run(step: Step) -> None:
        if step.name == CREATE:
            put(step)
        if step.name == FINISH:
            finish(step)
            raise CutOffError

    with pytest.raises(CutOffError):
        rotator.rotate(version, run)
    assert rotator.labels[version] == ["AWSPENDING", "AWSCURRENT"]
    assert "LastRotatedDate" not in rotator.described
    rotator.rotate(version)
    assert rotator.labels[version] == ["AWSCURRENT"]
    assert rotator.value() == "second"
    shown = rotator.described["LastRotatedDate"]
    assert int(shown.timestamp() * 1000) == world.clock()  # type: ignore[attr-defined]  # a datetime


def test_two_never_rotate_one_secret(rotator: Rotator, world: World) -> None:
    """Whoever has the lease is alone; the other is told so at once, and nothing changed."""
    version = rotator.begin()
    number = rotator.kept(version).secret.number
    with lease(world.directory, number), pytest.raises(StoreBusyError, match="rotation of this"):
        rotator.rotate(version)
    assert rotator.steps == []
    rotator.rotate(version)


def test_what_was_found_due_is_rotated_unless_somebody_was_faster(
    rotator: Rotator, world: World
) -> None:
    """Whether it is due is asked again by whoever has the lease; then it is rotated, once."""

    def seen_to() -> str:
        function = functions.named(BUILTIN)
        assert function is not None
        return engine.rotate_if_due(
            rotator.service.session, rotator.arn, function, rotator.steps.append
        )

    rotator.rotate(rotator.begin(RotationRules=DAYS))
    rotator.steps.clear()
    assert (seen_to(), rotator.steps) == ("", [])
    world.clock.pass_days(30)
    with lease(world.directory, rotator.kept("").secret.number):
        assert (seen_to(), rotator.steps) == ("", [])
    version = seen_to()
    assert rotator.steps == list(STEPS)
    assert rotator.labels[version] == ["AWSCURRENT"]
    assert seen_to() == ""


def test_a_try_that_failed_is_taken_up_when_it_is_due(rotator: Rotator, world: World) -> None:
    """With the same version, and not before."""
    version = rotator.begin()
    session, failing = rotator.service.session, failing_in(SET)
    with pytest.raises(RotationError):
        engine.rotate_if_due(session, rotator.arn, failing, lambda _: None)
    assert engine.rotate_if_due(session, rotator.arn, failing, lambda _: None) == ""
    world.clock.pass_ms(MINUTE_MS)
    function = functions.named(BUILTIN)
    assert function is not None
    assert engine.rotate_if_due(session, rotator.arn, function, lambda _: None) == version


def test_the_vault_is_free_while_a_function_runs(rotator: Rotator) -> None:
    """Another secret can be changed from within a step."""

    def run(step: Step) -> None:
        if step.name == CREATE:
            put(step)
        rotator.service("CreateSecret", Name=f"other-{step.name}", SecretString="v")
        if step.name == FINISH:
            finish(step)

    rotator.rotate(rotator.begin(), run)
    assert len(rotator.service("ListSecrets")["SecretList"]) == 1 + len(STEPS)  # type: ignore[arg-type]  # a list


def test_a_rotation_that_is_not_complete_blocks_new_rules(rotator: Rotator) -> None:
    """As with AWS, also where nothing is to be rotated at once."""
    rotator.begin()
    for more in ({}, {"RotateImmediately": False}):
        with pytest.raises(Exception, match="A previous rotation isn't complete"):
            rotator.begin(RotationRules=DAYS, **more)


def test_builtins_are_known_by_their_name_alone() -> None:
    """Nothing else is a function; an ARN never leads to code."""
    assert functions.is_known(BUILTIN)
    for name in ("password", "builtin/", "builtin/../password", "arn:aws:lambda:x:0:function:y"):
        assert not functions.is_known(name)
        assert functions.named(name) is None


def test_due_is_what_fails_or_is_in_its_window(rotator: Rotator, world: World) -> None:
    """Before the window nothing is due; in it and after it the secret is."""
    from secretctl.domain import retries  # noqa: PLC0415 beside what it is about

    rotator.rotate(rotator.begin(RotationRules=DAYS))
    secret = rotator.kept("x").secret
    days = [day for day in range(40) if retries.is_due(secret, world.clock() + day * DAY_MS)]
    assert days == list(range(30, 40))


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("rate(10 days)", 10),
        ("cron(0 0 ? * 2 *)", 6),  # from a Tuesday to the next Monday
        ("cron(0 8 1 * ? *)", 17),
    ],
)
def test_days_are_told_by_the_schedule_once_it_has_rotated(
    rotator: Rotator, expression: str, days: int
) -> None:
    """From the day of the last rotation to that of the next, as AWS computes them."""
    version = rotator.begin(RotationRules={"ScheduleExpression": expression})
    assert rotator.described["RotationRules"] == {"ScheduleExpression": expression}
    rotator.rotate(version)
    told = {"AutomaticallyAfterDays": days, "ScheduleExpression": expression}
    assert rotator.described["RotationRules"] == told


def test_what_nobody_expects_is_a_step_that_failed(rotator: Rotator) -> None:
    """It is noted, with the class alone, and tried again later; a check says so as well."""

    def run(_: Step) -> None:
        raise ValueError("hidden-in-a-message")

    version = rotator.begin()
    with pytest.raises(RotationError, match=r"failed in createSecret: .*: ValueError$") as caught:
        rotator.rotate(version, run)
    assert "hidden" not in str(caught.value)
    rotation = rotator.kept(version).secret.rotation
    assert rotation is not None
    assert (rotation.failed_tries, rotation.failed_step) == (1, CREATE)
    with pytest.raises(RotationError, match=r"would fail: .*: ValueError$"):
        engine.check(rotator.service.session, SECRET, Function("test", run, check=run))


def test_a_rotation_that_fails_leaves_the_secret_due(rotator: Rotator, world: World) -> None:
    """NextRotationDate moves on with a success: given up, the secret is overdue as before."""
    rotator.rotate(rotator.begin(RotationRules=DAYS))
    before = rotator.described["NextRotationDate"]
    world.clock.pass_days(40)
    version = rotator.begin()
    with pytest.raises(RotationError):
        engine.rotate(
            rotator.service.session, rotator.arn, version, failing_in(SET), lambda _: None
        )
    assert rotator.described["NextRotationDate"] == before
    rotator.service(
        "UpdateSecretVersionStage",
        SecretId=SECRET,
        VersionStage="AWSPENDING",
        RemoveFromVersionId=version,
    )
    assert retries.is_due(rotator.kept(version).secret, world.clock.now_ms)
    rotator.rotate(rotator.begin())
    assert str(rotator.described["NextRotationDate"]) > str(before)
