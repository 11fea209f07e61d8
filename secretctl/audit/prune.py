"""Removing old segments, so that it can be told for ever what went and that the owner did it."""

from __future__ import annotations

import os
from contextlib import suppress

from secretctl import json_text
from secretctl.audit import line as lines
from secretctl.audit import segments, statements
from secretctl.audit.line import Head
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verdict import Keys
from secretctl.model.shapes import Fields
from secretctl.record import NamedTuple

_MOST_SEGMENTS = 100
"""Removed at a time: one record names them all."""


class Plan(NamedTuple):
    """Segments to be removed."""

    through: int
    """Number of the last of them."""

    head: Head
    """The last record of it."""

    gone: tuple[tuple[str, str, int], ...]
    """Of each its name, its SHA-256 and its size in bytes."""

    end: Head
    """The journal's last record when this was planned."""


def left(there: Snapshot, keys: Keys) -> list[str]:
    """Return the segments, by name, that were pruned and whose removal was interrupted.

    What lies under such a name and is another file is none of them.

    Raises:
        SegmentGoneError, StoreError, OSError: As for `Snapshot.read`.
    """
    pruned = statements.pruned(there, keys)
    if pruned is None:
        return []
    named = {s: segments.name_of(s) for s in sorted(there.sizes) if s <= pruned.through}
    return [name for s, name in named.items() if there.digest(s) == pruned.digests.get(name)]


def plan(there: Snapshot, before_ms: int, end: Head) -> Plan | None:
    """Return what can go: closed segments, oldest first, whose records are all older; 100 at most.

    Args:
        there: The journal, verified, and without what is left of an earlier pruning.
        before_ms: Milliseconds since 1970.
        end: Its last record when it was verified.

    Raises:
        SegmentGoneError, StoreError, OSError: As for `Snapshot.read`.
    """
    through, head = 0, None
    gone: list[tuple[str, str, int]] = []
    *closed, _ = sorted(there.sizes) or [0]
    for segment in closed[:_MOST_SEGMENTS]:
        last, newest_ms = _last(there, segment)
        if newest_ms >= before_ms:
            break
        number = lines.fields_of(last).get("index")
        assert isinstance(number, int), "verified"
        if number >= end.number:
            break
        through, head = segment, Head(number, lines.hash_of(last))
        name = segments.name_of(segment)
        gone.append((name, there.digest(segment), there.sizes[segment]))
    return None if head is None else Plan(through, head, tuple(gone), end)


def _last(there: Snapshot, segment: int) -> tuple[bytes, int]:
    """Return the last record of a segment, and the time of its newest (clocks are set back)."""
    line, newest_ms = b"", 0
    for line in there.lines(segment):
        additional = lines.fields_of(line).get("additionalEventData")
        written_ms = additional.get("timeMs") if isinstance(additional, dict) else None
        assert isinstance(written_ms, int), "verified"
        newest_ms = max(newest_ms, written_ms)
    return line, newest_ms


def statement(planned: Plan, keys: Keys) -> Fields:
    """Return what the journal is to say of it, with the owner's MAC."""
    said: Fields = {
        "throughSegment": planned.through,
        "throughIndex": planned.head.number,
        "throughHash": planned.head.hash.hex(),
        "afterIndex": planned.end.number,
        "afterHash": planned.end.hash.hex(),
        "segments": [
            {"name": name, "sha256": digest, "bytes": size} for name, digest, size in planned.gone
        ],
    }
    return statements.signed(statements.PRUNED, said, keys)


def restated(there: Snapshot, planned: Plan, keys: Keys) -> list[Fields]:
    """Return what is said of earlier prunings in the segments that go, oldest first.

    Recorded once more it stays, with the owner's present MAC and the time when it was said first.

    Raises:
        SegmentGoneError, StoreError, OSError: As for `Snapshot.read`.
    """
    going = [segment for segment in sorted(there.sizes) if segment <= planned.through]
    found = {_gone(said): said for said in statements.said_to_be_pruned(there, keys, going)}
    return [statements.signed(statements.PRUNED, said, keys) for said in found.values()]


def _gone(said: Fields) -> str:
    """Return what tells one pruning from another: what went."""
    return json_text.compact([said.get("throughHash"), said.get("segments")], by_name=True)


def remove(directory: str, names: list[str]) -> None:
    """Remove segments; that they go is recorded by now.

    Call while holding the journal, so that its directory is the one at that path.

    Raises:
        OSError: The file system refuses; what is left is removed by the next pruning.
    """
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for name in names:
            with suppress(FileNotFoundError):  # an interrupted pruning removed it
                os.unlink(name, dir_fd=handle)
        os.fsync(handle)
    finally:
        os.close(handle)
