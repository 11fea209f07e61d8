"""Builtins that need settings, named without any registration: what is said of them by secret."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretctl.errors import ConfigError
from secretctl.rotation import settings
from tests.cli.machine import Machine
from tests.conftest import world_in
from tests.rotation.conftest import credential_for
from tests.rotation.provider import Provider, serving
from tests.rotation.test_commands import KEEPS

EXEC, KEY = "builtin/exec", "builtin/http-api-key"
REQUESTS = """
[create]
url = "URL/keys"
headers = {{ Authorization = "Bearer {{key}}" }}
key = "/data/0/secret"
id = "/data/0/id"

[test]
url = "URL/me"
headers = {{ Authorization = "Bearer {{key}}" }}
""".format()
FIRST = json.dumps({"key": "key-1", "id": "1"})


def rotate(machine: Machine, name: str, builtin: str, *more: str) -> tuple[int, str]:
    """Rotate a secret by a builtin; return exit status and what standard error says."""
    named = ("--secret-id", name, "--rotation-lambda-arn", builtin)
    done = machine("rotate-secret", *named, *more)
    return done.status, done.stderr


@pytest.fixture
def told_to(tmp_path: Path) -> Path:
    """The file in which the command notes what it is told."""
    return tmp_path / "told"


@pytest.fixture
def commands(tmp_path: Path, told_to: Path) -> str:
    """A file of settings: a real program that notes what it is told."""
    file = tmp_path / "app.toml"
    words = [sys.executable, "-c", KEEPS, str(told_to)]
    file.write_text(f"set = {json.dumps(words)}\ntimeout = 20\n")
    return str(file)


@pytest.fixture
def requests(tmp_path: Path, provider: Provider) -> str:
    """A file of settings: the requests that the provider understands."""
    file = tmp_path / "api.toml"
    file.write_text(REQUESTS.replace("URL", provider.url))
    return str(file)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that has one key."""
    with serving() as found:
        yield found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A home with three secrets, and no function registered."""
    made = Machine(world_in(tmp_path / "home"))
    for name, value in (("prod/app", "first"), ("prod/web", "first"), ("prod/api-1", FIRST)):
        done = made("create-secret", "--name", name, "--secret-string", value)
        assert done.status == 0, done.stderr
    return made


def said(machine: Machine, pattern: str, builtin: str, file: str) -> None:
    """Write the settings of a pattern."""
    done = machine("rotation", "settings", pattern, "--builtin", builtin, "--file", file)
    assert done.status == 0, done.stderr


def test_commands_of_a_pattern_rotate_its_secrets(
    machine: Machine, commands: str, told_to: Path
) -> None:
    """With no function registered: at once, by the clock, and for as long as that is said."""
    said(machine, "prod/*", EXEC, commands)
    assert machine("rotation", "test", "prod/app", "--function", EXEC).status == 0
    assert not told_to.exists()
    assert rotate(machine, "prod/app", EXEC) == (0, "")
    assert rotate(machine, "prod/app", EXEC, "--no-wait") == (0, "")
    due = machine("rotation", "run-due")
    assert (due.status, json.loads(due.stdout)["Result"]) == (0, "rotated")
    value = machine("get", "prod/app").stdout
    first, second = [json.loads(line) for line in told_to.read_text().splitlines()]
    assert (first["AWSCURRENT"], second["AWSPENDING"]) == ("first", value)
    done = machine("rotation", "settings", "prod/*", "--remove")
    assert (done.status, done.stdout) == (0, "set no more: prod/*\n")
    assert rotate(machine, "prod/app", EXEC)[0] == 254
    assert machine("get", "prod/app").stdout == value
    (row,) = json.loads(machine("rotation", "status").stdout)["Rotations"]
    assert row["Problem"] == "its function has no settings for it here"


def test_requests_of_a_pattern_rotate_its_secrets(
    machine: Machine, requests: str, commands: str, provider: Provider
) -> None:
    """A pattern for another builtin is none of this one's, though it means the secret too."""
    said(machine, "prod/api-*", KEY, requests)
    said(machine, "prod/*", EXEC, commands)
    assert rotate(machine, "prod/api-1", KEY) == (0, "")
    assert provider.asked == ["POST /keys", "GET /me"]
    assert json.loads(machine("get", "prod/api-1").stdout)["key"] == "key-2"
    listed = machine("rotation", "settings").stdout.splitlines()[1:]
    assert [line.split()[:3] for line in listed] == [
        ["prod/api-*", KEY, "create,"],
        ["prod/*", EXEC, "set"],
    ]


@pytest.mark.parametrize("builtin", [EXEC, KEY])
def test_without_settings_nothing_begins_and_the_hint_says_what_to_write(
    machine: Machine, commands: str, requests: str, builtin: str
) -> None:
    """So say the doctors, for a secret and for none; typed, the command of the hint helps."""
    before = machine("describe-secret", "--secret-id", "prod/api-1").stdout
    hint = f"secretctl rotation settings prod/api-1 --builtin {builtin} --file FILE"
    status, told = rotate(machine, "prod/api-1", builtin)
    assert (status, f"hint: {hint}\n" in told, "AccessDenied" in told) == (254, True, True)
    for words in (
        ("test", "prod/api-1", "--function", builtin),
        ("functions", "test", builtin, "prod/api-1"),
    ):
        done = machine("rotation", *words)
        assert done.status == 1
        assert f"{builtin} has no settings for this secret" in done.stderr
        assert f"hint: {hint}\n" in done.stderr
    alone = machine("rotation", "functions", "test", builtin)
    assert (alone.status, "has no settings for any secret" in alone.stderr) == (1, True)
    assert machine("describe-secret", "--secret-id", "prod/api-1").stdout == before
    file = commands if builtin == EXEC else requests
    other = machine("rotation", "settings", "prod/app", "--builtin", builtin, "--file", file)
    assert other.stdout.endswith(f"--secret-id prod/app --rotation-lambda-arn {builtin}\n")
    assert rotate(machine, "prod/api-1", builtin)[0] == 254
    assert machine(*hint.replace("FILE", file).split()[1:]).status == 0
    assert machine("rotation", "functions", "test", builtin).status == 0


def test_of_two_patterns_none_is_guessed(machine: Machine, commands: str) -> None:
    """Not the longer one, and not the name itself: nothing begins before one of them goes."""
    said(machine, "prod/*", EXEC, commands)
    said(machine, "prod/app", EXEC, commands)
    before = machine("describe-secret", "--secret-id", "prod/app").stdout
    why = 'means the secret for builtin/exec: "prod/*", "prod/app"'
    status, told = rotate(machine, "prod/app", EXEC)
    assert (status, why in told) == (253, True)
    tested = machine("rotation", "test", "prod/app", "--function", EXEC)
    assert (tested.status, why in tested.stderr) == (253, True)
    assert machine("describe-secret", "--secret-id", "prod/app").stdout == before
    assert rotate(machine, "prod/web", EXEC) == (0, "")
    (hint,) = [line for line in told.splitlines() if "hint: " in line]
    assert hint.endswith("secretctl rotation settings 'prod/*' --remove")
    assert machine("rotation", "settings", "prod/*", "--remove").status == 0
    assert rotate(machine, "prod/app", EXEC) == (0, "")


def test_who_chooses_a_name_has_the_command_run_on_that_secret_alone(
    machine: Machine, commands: str, told_to: Path
) -> None:
    """It is told what they wrote themselves, of no other secret, and has no credential."""
    said(machine, "prod/*", EXEC, commands)
    given = credential_for(machine, "prod/mine*")
    value = json.dumps({"password": "chosen", "masterarn": "prod/app", "set": ["touch", "/x"]})
    made = ("create-secret", "--name", "prod/mine-app", "--secret-string", value)
    assert machine(*made, **given).status == 0
    arn = ("--secret-id", "prod/mine-app", "--rotation-lambda-arn", EXEC)
    assert machine("rotate-secret", *arn, **given).status == 0
    (line,) = map(json.loads, told_to.read_text().splitlines())
    assert "prod/mine-app" in line["SecretId"]
    assert line["AWSCURRENT"] == value
    assert not any(each in str(line) for each in ("first", "key-1"))
    assert set(line["environment"]) <= {"HOME", "LANG", "LC_CTYPE", "PATH", "TMPDIR"}
    other = ("--secret-id", "prod/app", "--rotation-lambda-arn", EXEC)
    assert machine("rotate-secret", *other, **given).status == 254


def test_what_was_written_by_hand_is_mended_by_the_command_that_is_named(
    machine: Machine, commands: str
) -> None:
    """What rotates other secrets goes on."""
    said(machine, "prod/app", EXEC, commands)
    file = machine.world.home / ".config/secretctl/config.toml"
    wrong = '\n[rotation.settings."prod/api-*"]\nbuiltin = "builtin/exec"\nset = "touch hidden"\n'
    file.write_text(file.read_text() + wrong)
    assert rotate(machine, "prod/app", EXEC) == (0, "")
    status, told = rotate(machine, "prod/api-1", EXEC)
    assert (status, 'at the pattern "prod/api-*" has no list of words as set' in told) == (
        253,
        True,
    )
    assert "hint: secretctl rotation settings 'prod/api-*' --remove\n" in told
    assert "hidden" not in told
    assert machine("rotation", "settings", "prod/api-*", "--remove").status == 0
    assert machine("rotation", "settings").status == 0


@pytest.mark.parametrize(
    ("table", "what"),
    [
        (1, "has no builtin that is one of builtin/exec, builtin/http-api-key"),
        ({"set": ["a"]}, "has no builtin that is one of"),
        ({"builtin": ["a"]}, "has no builtin that is one of"),
        ({"builtin": "builtin/password"}, "has no builtin that is one of"),
        ({"builtin": EXEC}, "needs one of create, set, test"),
        ({"builtin": EXEC, "set": ["a"], "secrets": ["b"]}, "has a key that is none of builtin,"),
        ({"builtin": EXEC, "set": ["a"], "timeout": 0}, "has a timeout"),
        ({"builtin": EXEC, "set": ["a"], "env": ["b"]}, "has an env"),
    ],
)
def test_what_has_no_meaning_is_refused(table: object, what: str) -> None:
    """As it is of a function that is registered, and for the secrets of the pattern alone."""
    found = settings.read({"a*": table, "b": {"builtin": EXEC, "set": ["true"]}})
    assert settings.of_secret(found, EXEC, "b", "") is not None
    with pytest.raises(ConfigError, match=f'at the pattern "a\\*" {what}'):
        settings.of_secret(found, EXEC, "ab", "")
    with pytest.raises(ConfigError, match="is no table"):
        settings.read([table])


def test_words_that_set_nothing_are_refused(machine: Machine, commands: str) -> None:
    """And nothing is written."""
    to = ("--builtin", EXEC, "--file")
    for words, status, why in (
        (["--remove"], 252, "or a pattern, is missing"),
        (["a"], 252, "--builtin is missing"),
        (["a", *to[:2]], 252, "--file is missing"),
        (["a", "--remove"], 252, "nothing is set for that pattern"),
        (["a", "--remove", *to, commands], 252, "nothing is said besides"),
        (["a", "--builtin", "builtin/x509", *to[2:], commands], 252, "argument --builtin: none of"),
        (["a", "--builtin", KEY, *to[2:], commands], 253, "settings has a key that is none of"),
        (["a", *to, commands + ".none"], 253, "cannot be read: no such file"),
    ):
        done = machine("rotation", "settings", *words)
        assert (done.status, why in done.stderr) == (status, True), done.stderr
    missing = Path(commands)
    missing.write_text('set = ["/nowhere/program"]\n')
    done = machine("rotation", "settings", "a", *to, commands)
    assert (done.status, "the program of set" in done.stderr) == (1, True)
    assert machine("rotation", "settings").stdout.splitlines()[1:] == []


def test_completion_knows_it(machine: Machine) -> None:
    """The command, secrets, those builtins alone; and both where a function is named."""
    asked = ("__complete", "--")
    assert "settings" in machine(*asked, "rotation", "").stdout.split()
    command = (*asked, "rotation", "settings")
    assert "prod/app" in machine(*command, "").stdout.split()
    assert machine(*command, "a", "--builtin", "").stdout.split() == [EXEC, KEY]
    named = machine(*asked, "rotate-secret", "--rotation-lambda-arn", "").stdout.split()
    assert {EXEC, KEY} <= set(named)
