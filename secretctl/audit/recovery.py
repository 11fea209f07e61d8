"""What lies behind the last record the state file knows of, and what becomes of it.

A process that was killed leaves whole records that it had announced, or a part of them; a loss of
power leaves any number of whole records, and perhaps a torn one. Whole records that the ratchet
vouches for are taken over. A torn rest was never acknowledged: it is kept in a file of its own and
reported. Anything else was written by somebody else.
"""

from __future__ import annotations

import os
from contextlib import suppress

from secretctl.audit import line as lines
from secretctl.audit import segments
from secretctl.audit.line import Head, Record
from secretctl.audit.ratchet import first_key, next_key, next_seed
from secretctl.audit.state import NO_INTENT, State
from secretctl.crypto.hashing import sha256
from secretctl.errors import JournalDamagedError
from secretctl.record import NamedTuple

LONGEST_TAIL = 4 * segments.LARGEST_BYTES
"""Bytes that a crash can leave behind what the state knows of: a segment is closed before, unless
the records of changes that are committed together (`service.one_commit`) go on beyond its end."""

SEGMENT_OPENED = "SegmentOpened"
SEGMENT_CLOSED = "SegmentClosed"
_HINT = "secretctl audit verify"


class Recovered(NamedTuple):
    """The journal after a crash."""

    state: State
    records: int
    """Whole records taken over that the state did not know of."""

    torn: bytes
    """Bytes behind them."""


def begun(seed: bytes, segment: int, before: Head, vault_id: bytes, boot_id: bytes) -> State:
    """Return the state of a segment without a record.

    Args:
        seed: The segment's.
        segment: Its number.
        before: The record before it.
        vault_id: Of the journal's vault.
        boot_id: Of the running system.
    """
    return State(
        vault_id=vault_id,
        boot_id=boot_id,
        segment=segment,
        offset=0,
        number=before.number + 1,
        hash=before.hash,
        key=first_key(seed),
        next_seed=next_seed(seed),
    )


def after(state: State, line: bytes, record: Record) -> State:
    """Return *state* with one record more, and with what that record says of changes."""
    intent, generation = state.intent, state.generation
    if record.phase == "intent":
        intent = state.offset if intent == NO_INTENT else intent
    elif record.phase == "outcome" and not record.more:
        intent = NO_INTENT
    if record.generation is not None and (
        record.phase == "outcome" or record.name == SEGMENT_OPENED
    ):
        generation = record.generation
    return State(  # a third of what _replace costs, for each record
        state.vault_id,
        state.boot_id,
        state.segment,
        state.offset + len(line),
        state.number + 1,
        lines.hash_of(line),
        next_key(state.key),
        state.next_seed,
        generation,
        intent,
        state.pending_offset,
        state.pending_hash,
        int(record.name == SEGMENT_CLOSED),
    )


def announcing(state: State, after: State) -> State:
    """Return *state* with the records announced that lead to *after*."""
    return State(*state[:10], after.offset, after.hash, state.closed)


def sound(state: State, line: bytes) -> State | None:
    """Return *state* with the record *line* more; None if that is not the next record."""
    if state.closed:
        return None
    if not line.endswith(b"\n") or lines.fault(line, state.number, state.hash, state.key):
        return None
    try:
        return after(state, line, lines.record_of(line))
    except (ValueError, TypeError, RecursionError):
        return None


def recover(state: State, tail: bytes, boot_id: bytes) -> Recovered:
    """Go through the bytes behind what *state* knows of.

    Args:
        state: As it was found.
        tail: The bytes of the segment from its offset on.
        boot_id: Of the running system: since it started nothing was lost but by kills.

    Raises:
        JournalDamagedError: The bytes are nobody's who holds the ratchet, or more than a killed
            process can have left.
    """
    same_boot = any(boot_id) and boot_id == state.boot_id
    announced = state.pending_offset - state.offset if state.pending_offset else 0
    if same_boot and len(tail) > announced:
        raise JournalDamagedError("there are records in the journal that nobody announced", _HINT)
    found, records = state, 0
    for line in tail.splitlines(keepends=True):
        behind = sound(found, line)
        if behind is None:
            break
        found = behind
        records += 1
    rest = tail[found.offset - state.offset :]
    whole = not rest and announced == len(tail)
    if same_boot and whole and found.hash != state.pending_hash:
        raise JournalDamagedError("the last records are not those that were announced", _HINT)
    return Recovered(
        found._replace(pending_offset=0, pending_hash=lines.NO_HASH, boot_id=boot_id),
        records,
        rest,
    )


def set_aside(directory: str, number: int, torn: bytes) -> dict[str, object]:
    """Keep a torn rest in a file of its own; return what the journal is to say of it.

    Raises:
        OSError: The file system refuses.
    """
    digest = sha256(torn).hexdigest()
    name = f"torn-{number}-{digest[:16]}"
    path = os.path.join(directory, name)
    with suppress(FileNotFoundError):  # an earlier try was interrupted, perhaps half way
        os.unlink(path)
    os.close(segments.create(path, torn))
    return {"file": name, "bytes": len(torn), "sha256": digest}
