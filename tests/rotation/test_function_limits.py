"""What a function in Python is refused, what of its output is left out, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from secretctl.rotation.python_function import prepared
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import RotationError
from tests.conftest import World, world_in
from tests.faults.commands import ROOT, ended
from tests.faults.test_kill_recorded import real_time
from tests.rotation import functions
from tests.rotation.conftest import Own, Rotator
from tests.service.conftest import Told

WAIT_S = 20
DENIED, INVALID = "AccessDeniedException", "InvalidParameterException"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home with the clock that the function has, which signs its requests."""
    return real_time(world_in(tmp_path / "home"))


@pytest.fixture
def python(rotator: Rotator, tmp_path: Path) -> Own:
    """Rotates by functions in a folder."""
    path = str(tmp_path / "lambda_function.py")
    return Own(rotator, Registered("mine", path, python=sys.executable), prepared)


def test_other_keys_services_and_secrets_are_refused_and_recorded(
    python: Own, world: World
) -> None:
    """By its name, or counted where no operation of this service was meant."""
    python.service("CreateSecret", Name="other", SecretString="not-for-it")
    told = Told(world)
    told.lines()
    version = python.by(functions.ASKING)
    assert python.labels[version] == ["AWSCURRENT"]
    printed = python.printed
    assert "WAS ALLOWED" not in printed
    assert "not-for-it" not in printed
    records = [json.loads(line) for line in told.lines()]
    denied = {each["eventName"] for each in records if each.get("errorCode") == DENIED}
    assert {"PutSecretValue", "RotateSecret", "CreateSecret", "BatchGetSecretValue"} <= denied
    counted = {
        each["errorCode"]: each["requestParameters"]["count"]
        for each in records
        if each["eventName"] == "RefuseRequests"
    }
    assert counted["UnknownOperationException"] == 3  # of KMS
    assert counted["Refused"] >= 3  # IAM and STS speak another protocol


def test_who_connects_and_asks_nothing_keeps_no_function_out(python: Own) -> None:
    """Any user of the machine could: each step finds more connections than there is room for."""
    flooding = """
import os, socket
place = os.environ["AWS_ENDPOINT_URL"].rpartition("/")[2].split(":")
idle = [socket.create_connection(place) for _ in range(100)]
"""
    version = python.by(flooding + functions.PLAIN)
    assert python.labels[version] == ["AWSCURRENT"]


def test_a_token_of_another_rotation_puts_nothing(python: Own, world: World) -> None:
    """That of the event does, and it is not in the journal."""
    told = Told(world)
    told.lines()
    with pytest.raises(RotationError, match="raised InvalidParameterException"):
        python.by(with_token("'0' * 36"))
    assert not python.kept(python.pending).is_filled
    assert any(json.loads(line).get("errorCode") == INVALID for line in told.lines())
    python.write(with_token('event["RotationToken"]'))
    version = python.pending
    python.again(version)
    assert python.labels[version] == ["AWSCURRENT"]
    assert not any(b"RotationToken" in line for line in told.lines())


def with_token(said: str) -> str:
    """Return a function that sends a RotationToken along."""
    return functions.PLAIN.replace(
        "SecretString=password,", f"SecretString=password, RotationToken={said},"
    )


def test_no_value_is_kept_of_what_is_printed(python: Own, world: World) -> None:
    """As it is, in Base64, in pieces, by a child, on either stream, in an exception's text."""
    told = Told(world)
    told.lines()
    with pytest.raises(RotationError, match="the function mine raised ValueError") as caught:
        python.by(functions.PRINTING)
    value, printed = python.value(VersionId=python.pending), python.printed
    assert re.search(r"^dXNlcj.\*\*\*$", printed, re.MULTILINE)  # "user:" and the value, in Base64
    for said in ("on stderr ***", "from a child ***", "and one more ***", "not let in with ***"):
        assert said in printed
    assert "of the event *** *** ***" in printed
    for at in range(len(value) - 6):
        assert value[at : at + 7] not in printed
    assert value not in f"{caught.value} {caught.value.hints}"
    assert not any(value.encode() in line for line in told.lines())


def test_a_value_is_left_out_where_the_output_is_cut_off(python: Own) -> None:
    """No part of one stands at the end of what has room."""
    filling = functions.PLAIN.replace(
        'print("made", password, flush=True)',
        'os.write(1, (b"x" * (65536 - 20)) + password.encode() * 9)',
    )
    python.by(filling)
    assert python.printed.endswith("(the rest is left out)\n")
    assert python.value()[:4] not in python.printed


def test_what_a_function_leaves_behind_is_refused_once_it_is_over(
    python: Own, tmp_path: Path
) -> None:
    """In a session of its own it lives on, and its credential opens nothing."""
    answer = tmp_path / "answer"
    python.by(functions.LINGERING, env=(("ANSWER", str(answer)),))
    ends = time.monotonic() + WAIT_S
    while not (answer.exists() and answer.read_text()):
        assert time.monotonic() < ends
        time.sleep(0.05)
    assert answer.read_text() == "EndpointConnectionError"


@pytest.mark.skipif(sys.platform != "linux", reason="others tell nobody that a parent has ended")
def test_a_function_ends_with_an_engine_that_is_killed(world: World, tmp_path: Path) -> None:
    """It does not go on beside the next try."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    path, found = tmp_path / "lambda_function.py", tmp_path / "pid"
    path.write_text(
        "import os, time\ndef lambda_handler(event, context):\n"
        f"    open({str(found)!r}, 'w').write(str(os.getpid()))\n    time.sleep(60)\n"
    )
    words = ("rotation", "functions", "add", "mine", "--path", str(path))
    assert ended(world, *words, "--python", sys.executable).status == 0
    rotate = ["rotate-secret", "--secret-id", "a", "--rotation-lambda-arn", "mine"]
    environ = {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "secretctl", *rotate], env=environ, stdout=subprocess.DEVNULL
    ) as engine:
        ends = time.monotonic() + WAIT_S
        while not (found.exists() and found.read_text()):
            assert time.monotonic() < ends
            time.sleep(0.02)
        engine.send_signal(signal.SIGKILL)
    child = Path("/proc", found.read_text(), "cmdline")
    while child.exists() and child.read_text():  # a process that has ended has no words
        assert time.monotonic() < ends
        time.sleep(0.02)
