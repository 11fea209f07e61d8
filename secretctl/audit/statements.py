"""The owner's word on what is missing: a record that excuses a gap, with a MAC of the owner's.

Whoever reads the state file can go on writing the journal from there. So that nobody cuts away
what was written before and then explains the gap, such a record carries, besides its place in
the ratchet, a MAC under a key that only an open vault gives.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.audit import line as lines
from secretctl.audit.line import Head
from secretctl.audit.ratchet import owner_mac
from secretctl.crypto.keys import equal
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.audit.snapshot import Snapshot
    from secretctl.audit.verdict import Keys

Fields = dict[str, object]
PRUNED = "PruneJournal"
_MAC = "ownerMac"


def signed(name: str, said: Fields, keys: Keys) -> Fields:
    """Return *said*, what the record *name* tells, with the owner's MAC."""
    return {**said, _MAC: _mac(name, said, keys)}


def told(line: bytes, name: str, keys: Keys) -> Fields | None:
    """Return what a record of that name tells; None if it is none, or not the owner's."""
    try:
        fields = lines.fields_of(line)
    except (ValueError, TypeError, RecursionError):
        return None
    said = fields.get("requestParameters")
    if fields.get("eventName") != name or not isinstance(said, dict):
        return None
    given = said.get(_MAC)
    rest = {key: value for key, value in said.items() if key != _MAC}
    if not isinstance(given, str) or not equal(given.encode(), _mac(name, rest, keys).encode()):
        return None
    return rest


def pruned_before(snapshot: Snapshot, keys: Keys, first: int) -> Head | None:
    """Return the last record that was pruned, if all segments before *first* were."""
    for segment in sorted(snapshot.sizes, reverse=True):
        content = snapshot.read(segment, 0, snapshot.sizes[segment])
        for line in reversed(content.splitlines(keepends=True)):
            if PRUNED.encode() not in line:
                continue
            said = told(line, PRUNED, keys)
            if said is not None and said.get("throughSegment") == first - 1:
                return _head(said)
    return None


def _head(said: Fields) -> Head | None:
    number, record_hash = said.get("throughIndex"), said.get("throughHash")
    if not isinstance(number, int) or not isinstance(record_hash, str):
        return None
    return Head(number, bytes.fromhex(record_hash))


def _mac(name: str, said: Fields, keys: Keys) -> str:
    statement = f"{name} {json_text.compact(said, by_name=True)}".encode()
    return owner_mac(keys.journal, keys.vault_id, statement).hex()
