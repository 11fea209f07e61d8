"""``builtin/exec``: a value is made, and commands of the user's set it and try it."""

import json
import sys
from pathlib import Path

import pytest

from secretctl.rotation.command_settings import check_settings
from secretctl.rotation.commands import prepared
from secretctl.rotation.registry import BUILTIN, Registered, SettingError
from secretctl.rotation.steps import RotationError
from tests.cli.machine import Machine
from tests.conftest import World
from tests.rotation.conftest import Own, Rotator, is_running
from tests.service.conftest import Told

KEEPS = """
import json, os, sys
said = json.load(sys.stdin)
with open(sys.argv[1], "a") as file:
    file.write(json.dumps({**said, "environment": sorted(os.environ)}) + "\\n")
print("given", said["AWSPENDING"], "for", said["AWSCURRENT"])
"""
"""Notes what it is told in a file, and prints it."""


@pytest.fixture
def told_to(tmp_path: Path) -> Path:
    """The file in which commands note what they are told."""
    return tmp_path / "told"


@pytest.fixture
def keeps(told_to: Path) -> list[str]:
    """The words of a command that notes what it is told."""
    return [sys.executable, "-c", KEEPS, str(told_to)]


@pytest.fixture
def hooked(rotator: Rotator) -> Own:
    """Rotates by commands."""
    return Own(rotator, Registered("mine", "builtin/exec", BUILTIN), prepared)


def rotate(hooked: Own, **settings: object) -> str:
    """Rotate by these commands."""
    check_settings(settings)
    version = hooked.begin()
    hooked.again(version, settings=settings)
    return version


def test_a_new_value_is_set_and_tried_by_commands(
    hooked: Own, keeps: list[str], told_to: Path
) -> None:
    """Three times: they are told the new value, the current one and the one before."""
    values = [hooked.value()]
    for _ in range(3):
        version = rotate(hooked, set=keeps, test=keeps)
        assert hooked.labels[version] == ["AWSCURRENT"]
        values.append(hooked.value())
    assert len(set(values)) == 4
    lines = [json.loads(line) for line in told_to.read_text().splitlines()]
    assert [line["Step"] for line in lines] == ["setSecret", "testSecret"] * 3
    for number, line in enumerate(lines):
        at = number // 2
        assert line["AWSPENDING"] == values[at + 1]
        assert line["AWSCURRENT"] == values[at]
        assert line["AWSPREVIOUS"] == (values[at - 1] if at else None)


def test_values_are_given_on_standard_input_alone(
    hooked: Own, keeps: list[str], told_to: Path
) -> None:
    """Not by the environment, which is made of nothing and has no credential, nor in the log."""
    rotate(hooked, set=keeps)
    (line,) = [json.loads(line) for line in told_to.read_text().splitlines()]
    assert set(line["environment"]) <= {"HOME", "LANG", "LC_CTYPE", "PATH", "TMPDIR"}
    assert "given *** for ***" in hooked.printed
    assert json.loads(hooked.value())["password"] not in hooked.printed


def test_what_create_prints_is_the_value(hooked: Own) -> None:
    """Without the end of its line, and not in the log."""
    rotate(hooked, create=["sh", "-c", "echo made-by-hand; echo made-by-hand >&2"])
    assert hooked.value() == "made-by-hand"
    assert "made-by-hand" not in hooked.printed


@pytest.mark.parametrize(
    "script", ["true", "echo", "printf '\\377'", "head -c 65537 /dev/zero | tr '\\0' x"]
)
def test_what_cannot_be_a_value_is_none(hooked: Own, script: str) -> None:
    """Nothing, no text, and more than a value holds."""
    with pytest.raises(RotationError, match="what create printed cannot be a value"):
        rotate(hooked, create=["sh", "-c", script])


def test_a_command_that_fails_is_a_failed_step(hooked: Own, world: World) -> None:
    """Its output is in no message and no record, and the next try has the same value."""
    told = Told(world)
    told.lines()
    failing = ["sh", "-c", "cat; exit 3"]
    with pytest.raises(RotationError, match=r"setSecret: the command set of .* exit status 3"):
        rotate(hooked, set=failing)
    version = hooked.pending
    value = hooked.value(VersionId=version, VersionStage="AWSPENDING")
    password = json.loads(value)["password"]
    assert password not in hooked.printed
    assert not any(password.encode() in line for line in told.lines())
    hooked.again(version, settings={"set": ["true"]})
    assert hooked.value() == value


def test_a_command_that_takes_too_long_is_killed_with_its_children(hooked: Own) -> None:
    """At its timeout."""
    hooked.registered = hooked.registered._replace(timeout_s=1)
    with pytest.raises(RotationError, match="took longer than its timeout"):
        rotate(hooked, test=["sh", "-c", "sleep 99 & echo started $$ $!; wait"])
    assert not is_running(hooked.printed)


def test_checking_runs_nothing_and_says_what_is_missing(
    hooked: Own, keeps: list[str], told_to: Path
) -> None:
    """A program that is not there, and a value in which nothing can be replaced."""
    settings: dict[str, object] = {"set": keeps}
    hooked.registered = hooked.registered._replace(settings=settings)
    hooked.check()
    hooked.registered = hooked.registered._replace(settings={**settings, "test": ["/nowhere/x"]})
    with pytest.raises(RotationError, match="the program of test of the function mine is not"):
        hooked.check()
    hooked.registered = hooked.registered._replace(settings=settings)
    hooked.service("PutSecretValue", SecretId="db", SecretString="{}")
    with pytest.raises(RotationError, match="JSON object without the key password"):
        hooked.check()
    assert not told_to.exists()


@pytest.mark.parametrize(
    "settings",
    [{}, {"set": "true"}, {"set": []}, {"set": [1]}, {"set": ["a\0"]}, {"test": {"a": "b"}}],
)
def test_settings_are_lists_of_words(settings: dict[str, object]) -> None:
    """All else is refused, without being repeated."""
    with pytest.raises(SettingError, match=r"needs one of create|has no list of words"):
        check_settings(settings)


@pytest.mark.parametrize("program", ["bin/set", "./set", "../set"])
def test_a_program_is_not_chosen_by_where_one_stands(program: str) -> None:
    """It would be looked for in one folder and run in another."""
    with pytest.raises(SettingError, match="says of set what begins neither with / nor with ~/"):
        check_settings({"set": [program, "a/b"]})
    check_settings({"set": ["~/bin/set", "a/b"]})


def test_a_name_leads_to_commands_by_the_configuration_file_alone(
    machine: Machine, tmp_path: Path, keeps: list[str]
) -> None:
    """The builtin itself is refused, which has none for it; a registered name runs them."""
    arn = ("rotate-secret", "--secret-id", "a", "--rotation-lambda-arn")
    refused = machine(*arn, "builtin/exec")
    assert (refused.status, "AccessDeniedException" in refused.stderr) == (254, True)
    asked = machine("rotation", "test", "a", "--function", "builtin/exec")
    assert (asked.status, "builtin/exec has no settings" in asked.stderr) == (1, True)
    file = tmp_path / "settings.toml"
    file.write_text(f"set = {json.dumps(keeps)}\n")
    add = ("rotation", "functions", "add", "mine", "--builtin")
    assert "says nothing of" in machine(*add, "builtin/password", "--settings", str(file)).stderr
    assert "needs one of create, set, test" in machine(*add, "builtin/exec").stderr
    assert machine(*add, "builtin/exec", "--settings", str(file)).status == 0
    assert machine("rotation", "functions", "test", "mine", "a").status == 0
    assert machine(*arn, "mine").status == 0
    file.write_text("set = 'not toml")
    broken = machine(*add, "builtin/exec", "--settings", str(file))
    assert (broken.status, "is not valid TOML" in broken.stderr) == (253, True)


@pytest.fixture
def machine(world: World) -> Machine:
    """A home with a vault and a secret."""
    made = Machine(world)
    assert made("create-secret", "--name", "a", "--secret-string", "first").status == 0
    return made
