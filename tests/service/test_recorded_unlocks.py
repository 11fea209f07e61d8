"""A vault that stays locked: every try is recorded, and that nobody gave anything is not."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.errors import UnlockError, UnsafePermissionsError
from tests.cli.test_passphrase import WORDS
from tests.conftest import World
from tests.faults.commands import ended, separately
from tests.service.conftest import Told, code
from tests.transcript import run_on_terminal

UNLOCK, UNSAFE = UnlockError.__name__, UnsafePermissionsError.__name__
READ = ("get-secret-value", "--secret-id", "a")


def failure(told: Told) -> tuple[object, ...]:
    """Return of the one new record its name, its error and how the vault was to be opened."""
    (event,) = told.events()
    assert str(event["userAgent"]).endswith(" command/get-secret-value")
    assert event["errorMessage"] == "The vault was not opened."
    return event["eventName"], code(event), event["requestParameters"]


def make_folder(key: Path) -> None:
    """Put a folder in the place of the key file."""
    key.unlink()
    key.mkdir()


def make_pipe(key: Path) -> None:
    """Put a named pipe in its place."""
    key.unlink()
    os.mkfifo(key, 0o600)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda key: key.chmod(0o644), UNSAFE),
        (make_folder, UNSAFE),
        (make_pipe, UNSAFE),
        (lambda key: key.parent.chmod(0o777), UNSAFE),
        (lambda key: key.unlink(), UNLOCK),
    ],
    ids=["readable", "folder", "pipe", "replaceable", "gone"],
)
def test_a_key_file_that_is_refused_or_gone_is_recorded(
    world: World, told: Told, change: Callable[[Path], None], expected: str
) -> None:
    """As one that opens another vault is."""
    change(next(Path(world.home, ".config/secretctl/keys").iterdir()))
    assert ended(world, *READ).status == 253
    assert failure(told) == ("UnlockVault", expected, {"method": "key-file"})


@pytest.fixture
def by_words(world: World) -> Told:
    """The journal of a vault that a passphrase alone opens."""
    given = world.context._replace(environ={**world.context.environ, "SECRETCTL_PASSPHRASE": WORDS})
    assert ended(world, "init", "--passphrase", context=given).status == 0
    journal = Told(world)
    journal.lines()
    return journal


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("FILE", "/no/such/file", UNLOCK),
        ("FILE", "/dev/null", UNSAFE),
        ("COMMAND", "false", UNLOCK),
        ("COMMAND", "true", UNLOCK),
        ("FD", "99", UNLOCK),
    ],
    ids=["no-file", "no-regular-file", "failed-command", "empty", "not-open"],
)
def test_a_source_of_a_passphrase_that_fails_is_recorded(
    world: World, by_words: Told, source: str, value: str, expected: str
) -> None:
    """As a passphrase that does not open the vault is."""
    more = {f"SECRETCTL_PASSPHRASE_{source}": value}
    given = world.context._replace(environ={**world.context.environ, **more})
    assert ended(world, *READ, context=given).status == 253
    assert failure(by_words) == ("UnlockVault", expected, {"method": "passphrase"})


QUESTION = ("audit", "lookup-events", "--secret-id", "a")


def asked(world: World, told: Told, **more: str) -> list[tuple[object, ...]]:
    """Ask about a secret; return name, error and method of each new record."""
    given = world.context._replace(environ={**world.context.environ, **more})
    done = ended(world, *QUESTION, context=given)
    assert done.status == 0
    events = told.events()
    assert all(str(each["userAgent"]).endswith(" command/audit-lookup-events") for each in events)
    assert ("no key of the vault is at hand" in done.stderr) is (
        more.get("SECRETCTL_PASSPHRASE") != WORDS
    )
    return [(each["eventName"], code(each), each["requestParameters"]) for each in events]


def test_a_passphrase_that_is_tried_with_a_question_is_recorded(
    world: World, by_words: Told
) -> None:
    """Whether it opens the vault shows in the answer; where it does, a question is no record."""
    said = {"method": "passphrase"}
    assert asked(world, by_words) == []
    assert asked(world, by_words, SECRETCTL_PASSPHRASE=WORDS) == []
    assert asked(world, by_words, SECRETCTL_PASSPHRASE=f"{WORDS}.") == [
        ("UnlockVault", UNLOCK, said)
    ]
    source = {"SECRETCTL_PASSPHRASE_FILE": "/dev/null"}
    assert asked(world, by_words, **source) == [("UnlockVault", UNSAFE, said)]


def test_a_key_file_that_is_tried_with_a_question_is_recorded(world: World, told: Told) -> None:
    """One that others can read; none where there is none."""
    key = next(Path(world.home, ".config/secretctl/keys").iterdir())
    key.chmod(0o644)
    assert asked(world, told) == [("UnlockVault", UNSAFE, {"method": "key-file"})]
    key.unlink()
    assert asked(world, told) == []


def test_that_nobody_gave_a_passphrase_is_not_recorded(world: World, by_words: Told) -> None:
    """No terminal, and a prompt that is answered with nothing, the end of input or Ctrl-C."""
    assert separately(world, READ).status == 253
    command = "exec secretctl " + " ".join(READ)
    for typed, status in (("", 253), ("\x04", 253), ("\x03", -signal.SIGINT)):
        assert run_on_terminal(command, [typed], world.home).status == status
    assert by_words.lines() == []
    assert run_on_terminal(command, ["another passphrase"], world.home).status == 253
    assert failure(by_words) == ("UnlockVault", UNLOCK, {"method": "passphrase"})
