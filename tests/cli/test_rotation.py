"""``rotate-secret`` and ``rotation``: run, left for later, retried, given up, and shown."""

import io
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from secretctl.cli import audit_table
from secretctl.cli.rotation_table import write_table
from secretctl.rotation import functions
from secretctl.store.lock import LOCK_FILE, WAIT_S, FileLock
from tests.cli.machine import Machine
from tests.conftest import World
from tests.faults.commands import Ended, separately

BUILTIN = ("--rotation-lambda-arn", "builtin/password")
DAILY = ("--rotation-rules", "AutomaticallyAfterDays=1")
BOTH_LOOKED_S = 1.5


@pytest.fixture
def machine(world: World) -> Machine:
    """A home with a vault and a secret ``a`` that is an object with a password."""
    made = Machine(world)
    assert made("create-secret", "--name", "a", "--secret-string", '{"password":"p"}').status == 0
    return made


def rotate(machine: Machine, *words: str, **environ: str) -> Ended:
    """Rotate the secret."""
    return machine("rotate-secret", "--secret-id", "a", *BUILTIN, *words, **environ)


def labels(machine: Machine) -> dict[str, list[str]]:
    """Return the labels of the secret's versions."""
    shown = json.loads(machine("describe-secret", "--secret-id", "a").stdout)
    found: dict[str, list[str]] = shown["VersionIdsToStages"]
    return found


def status(machine: Machine) -> dict[str, object]:
    """Return what is shown of the only secret that is rotated."""
    (row,) = json.loads(machine("rotation", "status").stdout)["Rotations"]
    assert isinstance(row, dict)
    return row


def test_the_answer_is_that_of_aws_and_nothing_more(machine: Machine) -> None:
    """A script sees the JSON alone; the rotation has run by then."""
    done = rotate(machine)
    assert (done.status, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert list(answer) == ["ARN", "Name", "VersionId"]
    assert labels(machine)[answer["VersionId"]] == ["AWSCURRENT"]


def test_a_ci_run_sees_the_steps(machine: Machine) -> None:
    """One line each, in order."""
    lines = rotate(machine, CI="true").stderr.splitlines()
    names = ("createSecret", "setSecret", "testSecret", "finishSecret")
    assert lines == [f"secretctl: rotation: {name} ({n}/4)" for n, name in enumerate(names, 1)]


def test_a_failure_is_told_behind_the_answer(machine: Machine) -> None:
    """Accepted, so AWS's answer and then the reason, what to type, and a status of its own."""
    machine("put-secret-value", "--secret-id", "a", "--secret-string", '{"pin":"hidden"}')
    done = rotate(machine)
    assert done.status == 1
    assert "VersionId" in json.loads(done.stdout)
    assert "secretctl: error: the rotation failed in createSecret: the value is a JSON object" in (
        done.stderr
    )
    assert "secretctl rotation retry" in done.stderr
    assert "hidden" not in done.stderr
    row = status(machine)
    assert (row["State"], row["FailedTries"], row["FailedStep"]) == ("failing", 1, "createSecret")
    assert str(row["FailedReason"]).startswith("the value is a JSON object without the key")
    machine("put-secret-value", "--secret-id", "a", "--secret-string", '{"password":"p"}')
    assert "FailedReason" not in status(machine)


def test_a_table_tells_why_it_fails(machine: Machine) -> None:
    """Beside how often, in which step, and when it is tried again; harmless to a terminal."""
    machine("put-secret-value", "--secret-id", "a", "--secret-string", "{}")
    rotate(machine)
    stdout = io.StringIO()
    context = machine.context()._replace(stdout=stdout)
    write_table([{**status(machine), "Name": "a\x1b[2J"}], "never", context)
    assert "\x1b" not in stdout.getvalue()
    assert "1 x in createSecret: the value is a JSON object without" in " ".join(
        stdout.getvalue().split()
    )


@pytest.mark.parametrize("width", [80, 60])
def test_times_of_a_table_are_whole(
    machine: Machine, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of day and hour each stands in one line; in 80 columns the whole window does."""
    monkeypatch.setattr(audit_table, "width_of", lambda _stream: width)
    row: dict[str, object] = {
        "Name": "prod/db/orders-web",
        "Function": "builtin/mysql-alternating",
        "State": "waiting",
        "LastRotatedDate": "2026-11-30T15:51:15+00:00",
        "WindowStart": "2026-12-06T04:00:00+00:00",
        "NextRotationDate": "2026-12-06T06:59:59+00:00",
    }
    stdout = io.StringIO()
    write_table([row], "never", machine.context()._replace(stdout=stdout))
    text = stdout.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert {"2026-11-30", "15:51", "2026-12-06", "04:00", "06:59", "waiting"} <= set(text.split())
    assert ("2026-11-30 15:51  2026-12-06 04:00 to 06:59" in text) == (width == 80)


def test_a_function_that_nobody_registered_is_told(machine: Machine) -> None:
    """It waits for ever here; once it is registered nothing is said."""
    program = machine.world.home / "rotate"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o700)
    add = ("rotation", "functions", "add", "own", "--executable", str(program))
    assert machine(*add).status == 0
    rotate(machine, "--no-wait", "--rotation-lambda-arn", "own")
    assert "Problem" not in status(machine)
    machine("rotation", "functions", "remove", "own")
    assert status(machine)["Problem"] == "its function is not registered here"
    stdout = io.StringIO()
    write_table([status(machine)], "never", machine.context()._replace(stdout=stdout))
    assert "not complete; its function is not registered here" in " ".join(
        stdout.getvalue().split()
    )


def test_a_clock_that_was_ahead_is_told(machine: Machine) -> None:
    """What was rotated by it is not due before that time, unless somebody rotates it."""
    machine.world.clock.pass_days(3650)
    rules = ("--rotation-rules", "AutomaticallyAfterDays=30")
    assert rotate(machine, *rules).status == 0
    assert "Problem" not in status(machine)
    machine.world.clock.pass_days(-3650)
    assert "while the clock was ahead" in str(status(machine)["Problem"])
    assert rotate(machine).status == 0
    assert "Problem" not in status(machine)


def test_no_wait_leaves_it_to_run_due(machine: Machine) -> None:
    """The version is pending until then."""
    version = json.loads(rotate(machine, "--no-wait", *DAILY).stdout)["VersionId"]
    assert labels(machine)[version] == ["AWSPENDING"]
    assert status(machine)["State"] == "due"
    dry = json.loads(machine("rotation", "run-due", "--dry-run").stdout)
    assert dry["Result"] == "due"
    assert labels(machine)[version] == ["AWSPENDING"]
    ran = json.loads(machine("rotation", "run-due").stdout)
    assert (ran["Result"], ran["VersionId"]) == ("rotated", version)
    assert labels(machine)[version] == ["AWSCURRENT"]
    assert machine("rotation", "run-due").stdout == ""


def test_run_due_rotates_in_the_window_and_says_what_fails(machine: Machine) -> None:
    """Before the window nothing is due; a failure is a line and status 1."""
    rotate(machine, *DAILY)
    first = labels(machine)
    assert machine("rotation", "run-due") == Ended(0, "", "")
    machine.world.clock.pass_days(1)
    assert json.loads(machine("rotation", "run-due").stdout)["Result"] == "rotated"
    assert labels(machine) != first
    machine("put-secret-value", "--secret-id", "a", "--secret-string", "{}")
    machine.world.clock.pass_days(2)
    done = machine("rotation", "run-due")
    assert done.status == 1
    said = json.loads(done.stdout)
    assert said["Result"] == "failed"
    assert said["Reason"].startswith("the rotation failed in createSecret: the value is a JSON")
    assert said["Hints"][-1].startswith("secretctl rotation retry tries again")
    assert machine("rotation", "run-due") == Ended(0, "", "")
    machine.world.clock.pass_ms(60_000)
    assert machine("rotation", "run-due").status == 1


def test_run_due_goes_on_whatever_one_of_them_raises(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line for each, and status 1: nothing of one keeps the others from being rotated."""
    monkeypatch.setitem(functions.BUILTINS, "builtin/broken", "secretctl.rotation.nothing:FUNCTION")
    rotate(machine, "--no-wait", "--rotation-lambda-arn", "builtin/broken")
    machine("create-secret", "--name", "zz", "--secret-string", "first")
    begin = ("rotate-secret", "--secret-id", "zz", "--rotation-lambda-arn", "builtin/password")
    assert machine(*begin, "--no-wait").status == 0
    done = machine("rotation", "run-due")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.status == 1
    assert [each["Result"] for each in lines] == ["failed", "rotated"]
    assert lines[0]["Reason"] == "unexpected ModuleNotFoundError"


def test_retry_and_abandon_are_for_what_is_not_complete(machine: Machine) -> None:
    """Each names the version; without one they say where to look."""
    version = json.loads(rotate(machine, "--no-wait").stdout)["VersionId"]
    assert machine("rotation", "retry", "a").stdout == f"rotated: version {version} is current\n"
    version = json.loads(rotate(machine, "--no-wait").stdout)["VersionId"]
    assert machine("rotation", "abandon", "a").stdout == f"given up: version {version}\n"
    assert version not in labels(machine)
    for word in ("retry", "abandon"):
        done = machine("rotation", word, "a")
        assert done.status == 252
        assert "no rotation of this secret is incomplete" in done.stderr
        assert "secretctl rotation status" in done.stderr


def test_an_unknown_function_is_refused_as_aws_does(machine: Machine) -> None:
    """And nothing is changed."""
    done = machine("rotate-secret", "--secret-id", "a", "--rotation-lambda-arn", "builtin/none")
    assert done.status == 254
    assert "AccessDeniedException" in done.stderr
    assert "cannot invoke the specified Lambda function" in done.stderr
    assert json.loads(machine("rotation", "status").stdout) == {"Rotations": []}


def test_two_schedulers_rotate_once(machine: Machine) -> None:
    """At the same moment: one rotates, the other finds it held or done."""
    rotate(machine, "--no-wait")
    before = labels(machine)
    with ThreadPoolExecutor(3) as pool:
        ran = list(pool.map(lambda _: separately(machine.world, ["rotation", "run-due"]), range(3)))
    results = [json.loads(line)["Result"] for each in ran for line in each.stdout.splitlines()]
    assert results.count("rotated") >= 1
    after = labels(machine)
    assert set(after) == set(before)
    told = machine("audit", "lookup-events", "--event-name", "RotationSucceeded").stdout
    assert len(json.loads(told)["Events"]) == 1


def test_two_schedulers_share_what_is_due(machine: Machine) -> None:
    """Each of many secrets is rotated once, by whichever process comes to it first."""
    names = {f"due/{number}" for number in range(16)}
    for name in names:
        machine("create-secret", "--name", name, "--secret-string", "v")
        machine("rotate-secret", "--secret-id", name, *BUILTIN, *DAILY)
    writing = FileLock(os.path.join(machine.world.directory, LOCK_FILE), WAIT_S)
    with ThreadPoolExecutor(2) as pool:
        with writing:  # until both have found what is due; by their clock all windows are over
            asked = [pool.submit(separately, machine.world, ["rotation", "run-due"]) for _ in "12"]
            time.sleep(BOTH_LOOKED_S)
        ran = [each.result() for each in asked]
    writing.close()
    assert [(each.status, each.stderr) for each in ran] == [(0, "")] * 2
    said = [json.loads(line) for each in ran for line in each.stdout.splitlines()]
    rotated = [each["ARN"] for each in said if each["Result"] == "rotated"]
    assert len(rotated) == len(set(rotated)) == len(names)
    assert {each["Result"] for each in said} <= {"rotated", "elsewhere"}
    for name in names:
        shown = json.loads(machine("list-secret-version-ids", "--secret-id", name).stdout)
        assert len(shown["Versions"]) == 2, "the second, and the one from before the window"


def test_a_principal_needs_the_permissions_of_what_is_done(machine: Machine) -> None:
    """RotateSecret alone is not enough for a function that reads and puts."""
    machine("iam", "create-user", "--user-name", "ci")
    allowed = {"Effect": "Allow", "Action": "secretsmanager:RotateSecret", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    named = ("--user-name", "ci", "--policy-name", "p", "--policy-document", document)
    machine("iam", "put-user-policy", *named)
    key = json.loads(machine("iam", "create-access-key", "--user-name", "ci").stdout)["AccessKey"]
    credential = {
        "SECRETCTL_ACCESS_KEY_ID": key["AccessKeyId"],
        "SECRETCTL_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    done = rotate(machine, **credential)
    assert done.status == 1
    assert "GetSecretValue" in done.stderr
    assert machine("rotation", "status", **credential).status == 254


def test_an_operation_that_does_not_rotate_imports_no_rotation() -> None:
    """A start pays only for what it does."""
    code = "import sys, secretctl.cli.api; print([m for m in sys.modules if 'rotat' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
