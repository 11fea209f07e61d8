"""What works all the same, and costs something: a person is told, a script sees no such line."""

import io
import shutil
from pathlib import Path

import pytest

from secretctl.__main__ import main
from tests.conftest import World
from tests.faults.commands import ended
from tests.odd_files import KINDS, replace


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("name", "is_shown", "warned"),
    [("my-a1b2c3", True, True), ("my-a1b2c3", False, False), ("my-a1b2c", True, False)],
)
def test_a_name_like_an_arn_is_warned_of_on_a_terminal(
    world: World, name: str, *, is_shown: bool, warned: bool
) -> None:
    """A script sees no line that aws would not write."""
    stderr = Terminal() if is_shown else io.StringIO()
    words = ["create-secret", "--name", name, "--secret-string", "v"]
    assert main(words, world.context._replace(stderr=stderr)) == 0
    assert ("is not found by a partial ARN" in stderr.getvalue()) == warned


def said(world: World, stderr: io.StringIO, *words: str) -> str:
    """Return what a command that succeeds says beside its answer."""
    assert main([*words], world.context._replace(stderr=stderr)) == 0
    return stderr.getvalue()


def test_the_first_use_of_a_vault_on_a_machine_is_told_on_a_terminal(world: World) -> None:
    """Once, and not of a vault that was made there; no script sees it."""
    trust = Path(world.home, ".local/state")
    create = ("create-secret", "--name", "a", "--secret-string", "v")
    assert "first use" not in said(world, Terminal(), *create)
    assert said(world, Terminal(), "list-secrets") == ""
    shutil.rmtree(trust)
    assert said(world, io.StringIO(), "list-secrets") == ""
    shutil.rmtree(trust)
    assert said(world, Terminal(), "list-secrets") == (
        "secretctl: note: first use of this vault on this machine; an older copy cannot be told "
        "from the newest yet\n"
    )
    assert said(world, Terminal(), "list-secrets") == ""


@pytest.mark.parametrize("fault", [*KINDS, "open", "second name"])
def test_what_is_no_trust_file_of_ours_is_named_and_left_alone(world: World, fault: str) -> None:
    """Commands go on, warned, and verify notes it; nothing is written into what stands there."""
    said(world, io.StringIO(), "create-secret", "--name", "a", "--secret-string", "v")
    file, away = next(Path(world.home, ".local/state/secretctl/trust").iterdir()), world.home / "x"
    if fault in KINDS:
        replace(file, fault, away)
        named = f"the trust file is a {fault}, not a regular file: {file.name}"
    elif fault == "open":
        file.chmod(0o666)
        away, named = file, f"the trust file is not yours alone: {file.name}"
    else:
        away.hardlink_to(file)
        named = f"the trust file has a second name (a hard link): {file.name}"
    before = away.read_bytes()
    told = said(world, io.StringIO(), "get-secret-value", "--secret-id", "a")
    assert told.endswith(f"would not be noticed: {named}: see $XDG_STATE_HOME\n")
    assert told.count("\n") == 1
    verified = ended(world, "audit", "verify")
    assert verified.status == 0
    noted = f"note: what this machine has seen of the vault cannot be read: {named}\n"
    assert verified.stdout.endswith(noted)
    assert away.read_bytes() == before


def test_a_machine_that_cannot_remember_is_warned_of_that_alone(world: World) -> None:
    """Every use would be the first there."""
    said(world, Terminal(), "init")
    trust = Path(world.home, ".local/state/secretctl/trust")
    shutil.rmtree(trust)
    trust.touch()
    told = said(world, Terminal(), "list-secrets")
    assert "cannot be kept" in told
    assert "first use" not in told
