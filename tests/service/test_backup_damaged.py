"""Damage is said when a backup is made, and does not keep what is sound from being restored."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.audit import segments
from secretctl.cli import opening
from secretctl.vault import layout
from tests.conftest import World
from tests.faults.commands import ended
from tests.faults.replay import snapshot

GET = ("get-secret-value", "--secret-id", "a", "--query", "SecretString", "--output", "text")


@pytest.fixture
def filled(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A vault with a journal of several segments."""
    monkeypatch.setattr(segments, "LARGEST_BYTES", 8_000)
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    for _ in range(12):
        assert ended(world, "describe-secret", "--secret-id", "a").status == 0
    assert len(list(journal(world).glob("*.jsonl"))) > 2
    return world


def journal(world: World) -> Path:
    """Return the folder of the journal."""
    return Path(world.directory, "audit")


def last_record(world: World) -> bytes:
    """Return the newest record."""
    newest = max(path for path in journal(world).iterdir() if path.suffix == ".jsonl")
    return newest.read_bytes().splitlines()[-1]


def changed(world: World) -> None:
    """Change a record, to one of the same length."""
    path = journal(world) / "00000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"Root"', b'"Rood"', 1))


def changed_later(world: World) -> None:
    """Change a record of the second segment."""
    path = journal(world) / "00000002.jsonl"
    path.write_bytes(path.read_bytes().replace(b"DescribeSecret", b"DescribeSecrer", 1))


def removed(world: World) -> None:
    """Remove a segment."""
    (journal(world) / "00000002.jsonl").unlink()


def begun_late(world: World) -> None:
    """Remove the first segment: not one record is sound without it."""
    (journal(world) / "00000001.jsonl").unlink()


DAMAGES = {each.__name__: each for each in (changed, changed_later, removed, begun_late)}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_journal_is_said_and_keeps_no_vault_from_being_restored(
    filled: World, tmp_path: Path, damage: Callable[[World], None]
) -> None:
    """The backup is made, 253; the restored vault goes on, and what did not verify lies aside."""
    damage(filled)
    file = tmp_path / "kept"
    made = ended(filled, "backup", str(file))
    assert made.status == 253
    assert "the journal was backed up as it is, and does not verify: " in made.stderr
    assert made.stdout.startswith("backed up to ")
    assert re.search(rb'"BackUpVault".*"journal":"tampered"', last_record(filled))
    lost = {path: text for path, text in snapshot(journal(filled)).items() if ".jsonl" in path}
    done = ended(filled, "restore", str(file), "--replace")
    assert done.status == 0, done
    assert "secretctl: warning: the journal in the backup does not verify: " in done.stderr
    assert "what did not verify was moved to audit/aside-1-" in done.stdout
    assert ended(filled, *GET).stdout == "v\n"
    verified = ended(filled, "audit", "verify", "--deep")
    assert verified.status == 0, verified
    kept = b"".join(path.read_bytes() for path in sorted(journal(filled).iterdir()))
    for line in b"".join(lost.values()).splitlines():
        assert line in kept


def test_a_damaged_vault_is_not_backed_up(filled: World, tmp_path: Path) -> None:
    """No restore would take it: it is said now, not then."""
    vault = opening.open_vault(filled.directory, filled.context)
    with vault.engine.write() as writer:
        writer.put(layout.VALUE + bytes(20), b"x")
    vault.close()
    done = ended(filled, "backup", str(tmp_path / "kept"))
    assert done.status == 253
    assert "the vault is damaged; no backup was made" in done.stderr
    assert "secretctl: hint: secretctl fsck\n" in done.stderr
    assert list(tmp_path.glob("kept*")) == []
