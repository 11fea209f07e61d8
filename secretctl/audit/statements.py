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
from secretctl.model.shapes import Fields
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secretctl.audit.snapshot import Snapshot
    from secretctl.audit.verdict import Keys

PRUNED = "PruneJournal"
_HINT = b'"eventName":"PruneJournal"'
_MAC = "ownerMac"


def signed(name: str, said: Fields, keys: Keys) -> Fields:
    """Return *said*, what the record *name* tells, with the owner's MAC."""
    return {**said, _MAC: _mac(name, said, keys.journal, keys.vault_id)}


def told(line: bytes, name: str, keys: Keys, segment: int) -> Fields | None:
    """Return what a record of that name tells; None if it is none, or not the owner's.

    In a segment the word of an earlier owner counts for nothing: whoever had a journal key before
    it was replaced may have kept it.
    """
    fields = lines.fields_or_nothing(line)
    said = fields.get("requestParameters")
    if fields.get("eventName") != name or not isinstance(said, dict):
        return None
    given = said.get(_MAC)
    rest = {key: value for key, value in said.items() if key != _MAC}
    try:
        is_owners = isinstance(given, str) and any(
            equal(given.encode(), _mac(name, rest, key, keys.vault_id).encode())
            for key in keys.from_then(segment)
        )
    except (ValueError, RecursionError):  # surrogates, numbers or depths that are not written
        return None
    return rest if is_owners else None


class Pruned(NamedTuple):
    """What the owner has removed, as far as the journal that is left tells."""

    through: int
    """Number of the last segment that went."""

    head: Head
    """The last record of it."""

    digests: dict[str, str]
    """SHA-256 of each segment, by its name."""

    said_behind: Head
    """A record that stood in the journal when this was said: the word is good for no other one."""


def pruned(snapshot: Snapshot, keys: Keys) -> Pruned | None:
    """Return what was pruned; None if nothing was, or all of it is still there.

    Of several records the one counts that goes furthest: a pruning that decided before another one
    may be recorded behind it, and never takes back what that one removed.

    Raises:
        SegmentGoneError, StoreError, OSError: As for `Snapshot.read`.
    """
    if len(snapshot.sizes) == max(snapshot.sizes, default=0):
        return None
    furthest: Pruned | None = None
    for said in said_to_be_pruned(snapshot, keys, sorted(snapshot.sizes)):
        found = _pruned(said)
        if found is None:
            continue
        if furthest is not None:
            digests = {**furthest.digests, **found.digests}
            furthest = max(found, furthest, key=lambda one: one.through)
            found = furthest._replace(digests=digests)
        furthest = found
    return furthest


def said_to_be_pruned(snapshot: Snapshot, keys: Keys, among: list[int]) -> Iterator[Fields]:
    """Yield what the owner said of prunings in the segments *among*, and when: ``prunedAt``.

    Raises:
        SegmentGoneError, StoreError, OSError: As for `Snapshot.read`.
    """
    for segment in among:
        for line in snapshot.lines(segment):
            said = told(line, PRUNED, keys, segment) if _HINT in line else None
            if said is not None:
                yield {"prunedAt": str(lines.fields_of(line).get("eventTime")), **said}


def _pruned(said: Fields) -> Pruned | None:
    through, gone = said.get("throughSegment"), said.get("segments")
    head, behind = _head(said, "through"), _head(said, "after")
    if not isinstance(through, int) or not isinstance(gone, list) or not head or not behind:
        return None
    digests = {str(one["name"]): str(one["sha256"]) for one in gone}
    return Pruned(through, head, digests, behind)


def _head(said: Fields, which: str) -> Head | None:
    number, record_hash = said.get(f"{which}Index"), said.get(f"{which}Hash")
    if not isinstance(number, int) or not isinstance(record_hash, str):
        return None
    return Head(number, bytes.fromhex(record_hash))


def _mac(name: str, said: Fields, journal_key: bytes, vault_id: bytes) -> str:
    statement = f"{name} {json_text.compact(said, by_name=True)}".encode()
    return owner_mac(journal_key, vault_id, statement).hex()
