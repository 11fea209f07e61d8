"""``rekey`` behind one that was cut off, and one that a signal ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.machine import OTHER, WORDS, Machine, cut_off, new_key_files
from tests.conftest import World
from tests.faults.commands import ROOT
from tests.vault.stored import records_of

FINISHED = (
    "a rekey that was cut off is finished: it was recorded, and the journal has its new key\n"
)
WOULD = "a rekey that was cut off would be finished: recorded, and the journal given its new key\n"


def files_of(machine: Machine) -> dict[Path, bytes]:
    """Return the vault, where it is written anew, and the key files."""
    below = [*Path(machine.world.directory).glob("vault.*"), *machine.key_file.parent.iterdir()]
    files = {path: path.read_bytes() if path.is_file() else b"" for path in below}
    return {path: content for path, content in files.items() if path.name != "vault.lock"}


def test_options_that_the_one_that_was_cut_off_had_not_are_heeded(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is finished, and another follows; where it gave the slot up already, none does."""
    first, second = machine.add_passphrase(WORDS), machine.add_passphrase(OTHER)
    machine.environ["SECRETCTL_PASSPHRASE"] = OTHER
    cut_off(machine, monkeypatch, "--drop-slot", first)
    dry = machine("rekey", "--dry-run", "--drop-slot", first)
    assert (dry.status, dry.stdout) == (0, f"nothing was changed; {WOULD}")
    dry = machine("rekey", "--dry-run", "--drop-slot", first, "--drop-slot", second)
    assert (dry.status, dry.stdout.startswith(f"first, {WOULD}nothing was changed; ")) == (0, True)
    said = machine("rekey", "--drop-slot", first)
    assert (said.status, said.stdout) == (0, FINISHED)
    cut_off(machine, monkeypatch)
    said = machine("rekey", "--drop-slot", second)
    assert said.status == 0
    assert said.stdout.startswith(f"{FINISHED}the vault has new keys:\n")
    assert len(machine.slots()) == 1
    assert machine.opens()
    cut_off(machine, monkeypatch)
    said = machine("rekey", "--drop-slot", second)
    assert (said.status, said.stdout) == (253, FINISHED)
    assert "no such unlock slot" in said.stderr
    cut_off(machine, monkeypatch)
    said = machine("rekey", "--key-file", str(machine.key_file))
    assert said.stdout.startswith(f"{FINISHED}the vault has new keys:\n")
    assert machine("audit", "verify", "--deep").status == 0


def test_the_same_command_behind_one_that_was_done_says_so(machine: Machine) -> None:
    """As where it was killed with its outcome recorded and nothing printed yet."""
    identifier = machine.add_passphrase(WORDS)
    words = ("rekey", "--drop-slot", identifier.upper())
    assert machine(*words).status == 0
    key = machine.key_file.read_bytes()
    for more in ((), ("--dry-run",)):
        said = machine(*words, *more)
        assert (said.status, said.stdout) == (
            0,
            "nothing was changed: that was given up by the last rekey, which gave the vault the "
            "keys that it has\n",
        )
    assert machine.key_file.read_bytes() == key
    said = machine(*words, "--drop-slot", "00" * 8)
    assert (said.status, "no such unlock slot" in said.stderr) == (253, True)
    said = machine(*words, "--key-file", str(machine.key_file))
    assert said.stdout.startswith("the vault has new keys:\n")
    said = machine(*words)
    assert (said.status, "no such unlock slot" in said.stderr) == (253, True)
    assert machine.opens()


def test_a_dry_run_behind_one_that_was_cut_off_changes_nothing(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither key files nor the vault, nor is it recorded that it is finished."""
    cut_off(machine, monkeypatch)
    before = files_of(machine)
    dry = machine("rekey", "--dry-run")
    assert (dry.status, dry.stdout, dry.stderr) == (0, f"nothing was changed; {WOULD}", "")
    assert files_of(machine) == before
    segments = sorted(Path(machine.world.directory, "audit").glob("*.jsonl"))
    assert len(segments) == 1
    assert segments[0].read_text().count('"RekeyVault"') == 1
    assert machine("rekey").stdout == FINISHED
    assert machine.opens()


def test_whichever_command_finishes_it_leaves_nothing_of_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder in which the vault was written anew is gone, as the new key file."""
    left = Path(machine.world.directory, f"vault.rekeying-{'0a' * 8}")
    for command in (("list-secrets",), ("rekey",)):
        cut_off(machine, monkeypatch)
        left.mkdir()
        assert machine(*command).status == 0
        assert not new_key_files(machine.key_file.parent)
        assert not left.exists()


ENDED = """
import os, sys
from secretctl.service import rekeying
number = int(sys.argv.pop())
def end(*_): os.kill(os.getpid(), number)
rekeying._check = end
from secretctl.__main__ import run
run()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_it_leaves_nothing_of_it(world: World, number: signal.Signals) -> None:
    """As Ctrl-C does; whoever waits for the process learns by which signal it ended."""
    machine = Machine(world)
    assert machine("create-secret", "--name", "a", "--secret-string", "v").status == 0
    before, records = files_of(machine), records_of(Path(world.directory, "vault.db"))
    environ = {"HOME": str(world.home), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", ENDED, "rekey", str(int(number))]
    done = subprocess.run(words, env=environ, capture_output=True, check=False)
    assert done.returncode == -number, done.stderr
    assert files_of(machine).keys() == before.keys()
    assert records_of(Path(world.directory, "vault.db")) == records
    assert machine.opens()
