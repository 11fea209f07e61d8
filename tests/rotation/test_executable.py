"""Functions that are programs: run for each step, given what is theirs, and ended in time."""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from secretctl.rotation.executable import prepared
from secretctl.rotation.registry import EXECUTABLE, Registered
from secretctl.rotation.steps import RotationError
from tests.conftest import World, world_in
from tests.faults.test_kill_recorded import real_time
from tests.rotation import functions, programs
from tests.rotation.conftest import SECRET, Own, Rotator, is_running
from tests.service.conftest import Told

HEAD = f"#!{sys.executable}\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home with the clock that the program has, which signs its requests."""
    return real_time(world_in(tmp_path / "home"))


@pytest.fixture
def program(rotator: Rotator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Own:
    """Rotates by programs in a folder, which find ours."""
    environ = rotator.service.session.context.environ
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    monkeypatch.setitem(environ, "PATH", path)
    registered = Registered("mine", str(tmp_path / "rotate"), EXECUTABLE)
    return Own(rotator, registered, prepared)


def test_a_shell_script_rotates_by_our_own_commands(program: Own) -> None:
    """Three times; it needs no more than secretctl, and its log has no value."""
    values = {program.value()}
    for _ in range(3):
        version = program.by(programs.ROTATES)
        assert program.labels[version] == ["AWSCURRENT"]
        values.add(program.value())
        assert "made ***" in program.printed
        assert program.value() not in program.printed
    assert len(values) == 4


def test_a_program_has_its_secret_alone(program: Own, world: World) -> None:
    """Another secret, another operation, another service: refused, and on record."""
    program.service("CreateSecret", Name="other", SecretString="not-for-it")
    told = Told(world)
    told.lines()
    program.by(HEAD + functions.CURIOUS + functions.AS_A_PROGRAM)
    assert "WAS ALLOWED" not in program.printed
    for what in ("other", "list", "delete", "policy"):
        assert f"{what} ClientError An error occurred (AccessDeniedException)" in program.printed
    assert "rds " in program.printed
    assert "not-for-it" not in program.printed
    records = [json.loads(line) for line in told.lines()]
    denied = {each["eventName"] for each in records if each.get("errorCode")}
    assert {"GetSecretValue", "ListSecrets", "DeleteSecret", "PutResourcePolicy"} <= denied


def test_a_version_that_was_given_up_is_made_current_by_no_function(program: Own) -> None:
    """Whichever it finds current then: what was put by hand meanwhile is, and stays."""
    by_hand = 'secretctl put-secret-value --secret-id "$arn" --secret-string by-hand'
    with pytest.raises(RotationError, match=r"stopped before the end of finishSecret: .*given up"):
        program.by(programs.ROTATES.replace("finishSecret)", f"finishSecret) {by_hand}"))
    assert "(InvalidRequestException)" in program.printed
    assert program.value() == "by-hand"


def test_another_key_opens_nothing_and_its_own_nothing_afterwards(
    program: Own, tmp_path: Path
) -> None:
    """A made-up credential is refused; the endpoint has gone with the rotation."""
    kept = tmp_path / "kept"
    asking = f"""
if [ "$step" = testSecret ]; then
    env > {kept}
    AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SESSION_TOKEN= \\
        secretctl get-secret-value --secret-id "$arn" && echo WAS ALLOWED
fi
"""
    program.by(programs.ROTATES + asking + "exit 0\n")
    assert "WAS ALLOWED" not in program.printed
    assert "UnrecognizedClientException" in program.printed
    environ = dict(line.split("=", 1) for line in kept.read_text().splitlines())
    environ["HOME"] = str(tmp_path)
    words = ["secretctl", "get-secret-value", "--secret-id", SECRET]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 255
    assert "Could not connect" in done.stderr


def test_its_environment_is_made_of_nothing(program: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours, and the folder it starts in is empty and gone afterwards."""
    monkeypatch.setenv("SECRETCTL_PASSPHRASE", "hidden")
    source = "#!/bin/sh\nenv\npwd\nls -A\nexit 9\n"
    with pytest.raises(RotationError, match="failed with exit status 9"):
        program.by(source, env=(("EXCLUDE_CHARACTERS", ":"),))
    assert "EXCLUDE_CHARACTERS=:" in program.printed
    assert "SECRETCTL_PASSPHRASE" not in program.printed
    assert not Path(program.printed.splitlines()[-1]).exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (programs.FAILS, "the function mine failed with exit status 3"),
        (programs.KILLED, "the function mine was killed by a signal"),
        (programs.DOES_NOT_READ, "createSecret: it left the version without a value"),
        ("neither a script nor a program", "cannot be run: exec format error"),
        ("#!/nowhere/sh\n", "the interpreter in the first line of the function mine is not there"),
    ],
)
def test_a_program_that_fails_is_a_failed_step(
    program: Own, world: World, source: str, said: str
) -> None:
    """What it printed is in no message and no record; the next try has the same version."""
    told = Told(world)
    told.lines()
    with pytest.raises(RotationError, match=said) as caught:
        program.by(source)
    assert "hidden-in" not in f"{caught.value} {caught.value.hints}"
    assert not any(b"hidden-in" in line for line in told.lines())
    version = program.pending
    program.write(programs.ROTATES)
    program.again(version)
    assert program.labels[version] == ["AWSCURRENT"]


def test_a_step_that_takes_too_long_is_killed_with_its_children(program: Own) -> None:
    """At its timeout, and what it printed until then is there."""
    began = time.monotonic()
    with pytest.raises(RotationError, match="took longer than its timeout"):
        program.by(programs.NOT_ENDING, timeout_s=1)
    assert time.monotonic() - began < 15
    assert not is_running(program.printed)


def test_what_a_program_leaves_running_is_killed(program: Own) -> None:
    """It would have the credential until the rotation ends."""
    with pytest.raises(RotationError, match="exit status 4"):
        program.by(programs.LEAVES_SOMETHING)
    assert not is_running(program.printed)


def test_what_is_kept_of_its_output_is_bounded(program: Own) -> None:
    """Of three million bytes the first; the program is not stopped by that."""
    with pytest.raises(RotationError, match="exit status 5"):
        program.by(programs.PRINTS_TOO_MUCH)
    assert len(program.printed) < 66_000
    assert "(the rest is left out)" in program.printed


def test_a_pinned_program_runs_as_it_was_and_not_otherwise(program: Own) -> None:
    """Also where it is changed between two steps."""
    digest = hashlib.sha256(programs.ROTATES.encode()).hexdigest()
    program.by(programs.ROTATES, sha256=digest)
    changed = programs.ROTATES + f"echo >> {program.file}\n"
    with pytest.raises(RotationError, match=r"setSecret: the file of .* is not the one that was"):
        program.by(changed, sha256=hashlib.sha256(changed.encode()).hexdigest())


def test_checking_runs_nothing_and_says_what_is_missing(program: Own) -> None:
    """The file, its permissions, and who else may write it; no version is made."""
    before = program.labels
    with pytest.raises(RotationError, match=r"it would fail: .* cannot be read: no such file"):
        program.check()
    program.write(programs.FAILS)
    program.check()
    program.file.chmod(0o600)
    with pytest.raises(RotationError, match="is not executable"):
        program.check()
    program.file.chmod(0o720)
    with pytest.raises(RotationError, match="somebody else could have written"):
        program.check()
    program.file.unlink()
    os.mkfifo(program.file)
    with pytest.raises(RotationError, match="is no regular file"):
        program.check()
    assert program.labels == before
