"""A journal without a vault: made, filled, verified."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from secretctl.audit import creation, state
from secretctl.audit import line as lines
from secretctl.audit.event import Caller
from secretctl.audit.journal import Journal
from secretctl.audit.line import Head
from secretctl.audit.ratchet import next_key
from secretctl.audit.records import Records, own
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.state import State
from secretctl.audit.verdict import Keys, Known, Report
from secretctl.audit.verify import verify
from tests.conftest import World

KEYS = Keys(b"journal key of 32 bytes in length", b"id of the vault ")
REGION = "us-east-1"


class Made(NamedTuple):
    """A journal and how its records are made."""

    directory: Path
    records: Records
    journal: Journal
    keys: Keys = KEYS

    def tell(self, count: int) -> Head:
        """Append that many records one by one; return the place of the last."""
        head = Head(-1, b"")
        for number in range(count):
            head = self.journal.append(self.records.of([own("Test", REGION, {"n": number})]))
        return head

    def tell_at_once(self, count: int) -> Head:
        """Append that many records in one go."""
        events = [own("Test", REGION, {"n": number}) for number in range(count)]
        return self.journal.append(self.records.of(events))

    def segment(self, number: int = 1) -> Path:
        """Return the file of a segment."""
        return self.directory / f"{number:08d}.jsonl"

    @property
    def state(self) -> Path:
        """The state file."""
        return self.directory / "state"

    def verified(self, *known: Known, deep: bool = False) -> Report:
        """Verify it as it lies there."""
        return verify(Snapshot(str(self.directory)), self.keys, list(known), deep=deep)


def make(directory: Path, world: World, keys: Keys = KEYS) -> Made:
    """Make an empty journal."""
    surroundings: dict[str, object] = {"host": "here"}
    caller = Caller({"type": "Root"}, "000000000000", "tests", surroundings)
    records = Records(world.context, caller, REGION)
    creation.create(str(directory), keys.vault_id, keys.journal, records.describe)
    journal = Journal(str(directory), keys.vault_id, records.describe)
    return Made(directory, records, journal, keys)


@pytest.fixture
def made(world: World) -> Iterator[Made]:
    """An empty journal."""
    found = make(world.home / "audit", world)
    yield found
    found.journal.close()


def files(directory: Path) -> dict[str, bytes]:
    """Return the content of every file."""
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def lay_out(directory: Path, content: dict[str, bytes]) -> None:
    """Make *directory* hold just these files."""
    for path in directory.iterdir():
        if path.name not in content:
            path.unlink()
    for name, data in content.items():
        path = directory / name
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
            os.chmod(path, 0o600)


def stored(directory: Path) -> State:
    """Return what the state file says."""
    found = state.decode((directory / "state").read_bytes())
    assert found is not None
    return found


def forge(directory: Path, text: str, *, is_told: bool) -> None:
    """Append a record with the present key; *is_told* to the state, or left as by a crash."""
    now = stored(directory)
    line = lines.written(now.number, now.hash, text, now.key)
    with (directory / f"{now.segment:08d}.jsonl").open("ab") as segment:
        segment.write(line)
    told = now._replace(
        offset=now.offset + len(line),
        number=now.number + 1,
        hash=lines.hash_of(line),
        key=next_key(now.key),
    )
    crashed = now._replace(pending_offset=told.offset, pending_hash=told.hash)
    (directory / "state").write_bytes(state.encode(told if is_told else crashed))
