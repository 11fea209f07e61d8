"""Going on with a journal of which the owner knows that it is an old copy, or a broken one.

What verifies is kept, and the state is made anew behind it; what does not is moved aside, never
thrown away. Only the vault's owner can do this: the key for the next record is worked out anew.
"""

from __future__ import annotations

import os

from secretctl.audit import line as lines
from secretctl.audit import recovery, segments, state, statements
from secretctl.audit.journal import LOCK_FILE, refusals
from secretctl.audit.line import Head
from secretctl.audit.ratchet import first_key, next_seed, seed_of
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.state import State
from secretctl.audit.verdict import Keys
from secretctl.store import directories
from secretctl.store.lock import WAIT_S, FileLock


def repair(directory: str, keys: Keys) -> list[str]:
    """Make the journal end behind its last sound record, with the state that belongs there.

    Returns:
        The files that what stood behind was moved to.

    Raises:
        JournalUnavailableError: The file system refuses.
    """
    lock = FileLock(os.path.join(directory, LOCK_FILE), WAIT_S, "journal")
    with refusals():
        lock.acquire()
        try:
            return _repair(Snapshot(directory, is_held=True), keys)
        finally:
            lock.close()


def _repair(there: Snapshot, keys: Keys) -> list[str]:
    end = _sound_end(there, keys)
    moved = []
    for segment in sorted(there.sizes):
        if end is None or segment > end.segment:
            moved.append(_moved(there.path(segment)))
        elif segment == end.segment and there.sizes[segment] > end.offset:
            moved.append(_cut(there, end))
    if end is not None and not moved and end == there.state:
        return []  # whoever has the state open goes on with it
    path = os.path.join(there.directory, state.FILE)
    if os.path.lexists(path):
        os.unlink(path)
    if end is not None:
        draft = f"{path}.new"
        if os.path.lexists(draft):
            os.unlink(draft)
        os.close(segments.create(draft, state.encode(end)))
        os.rename(draft, path)
    directories.sync(there.directory)
    return moved


def _sound_end(there: Snapshot, keys: Keys) -> State | None:
    """Return the state behind the last sound record; None if not even the first is sound."""
    end: State | None = None
    first = min(there.sizes, default=1)
    pruned = None if first == 1 else statements.pruned_before(there, keys, first)
    if first != 1 and pruned is None:
        return None
    before = pruned or Head(-1, lines.NO_HASH)
    for segment in sorted(there.sizes):
        seed = seed_of(keys.journal, keys.vault_id, segment)
        begun = State(
            vault_id=keys.vault_id,
            boot_id=there.boot_id,
            segment=segment,
            offset=0,
            number=end.number if end else before.number + 1,
            hash=end.hash if end else before.hash,
            key=first_key(seed),
            next_seed=next_seed(seed),
            generation=end.generation if end else 0,
        )
        if end is not None and not (end.closed and segment == end.segment + 1):
            return end
        now = begun
        for line in there.lines(segment):
            if not line.endswith(b"\n") or lines.fault(line, now.number, now.hash, now.key):
                return now if now.offset else end
            now = recovery.after(now, line, lines.record_of(line))
        end = now
    return end


def _cut(there: Snapshot, end: State) -> str:
    path = there.path(end.segment)
    rest = there.read(end.segment, end.offset, there.sizes[end.segment])
    name = f"{_aside(path)}-{end.offset}"
    os.close(segments.create(name, rest))
    os.truncate(path, end.offset)
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return os.path.basename(name)


def _moved(path: str) -> str:
    name = _aside(path)
    os.rename(path, name)
    return os.path.basename(name)


def _aside(path: str) -> str:
    """Return a name for what is moved aside that is no segment's and not taken."""
    folder, base = os.path.split(path)
    number = 1
    while True:
        name = os.path.join(folder, f"aside-{number}-{base.removesuffix('.jsonl')}")
        taken = os.path.basename(name)
        if not any(each.startswith(taken) for each in os.listdir(folder)):
            return name
        number += 1
