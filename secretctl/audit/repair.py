"""Going on with a journal of which the owner knows that it is an old copy, or a broken one.

What verifies is kept, and the state is made anew behind it; what does not is moved aside, never
thrown away. Only the vault's owner can do this: the key for the next record is worked out anew.
"""

from __future__ import annotations

import os
import stat

from secretctl.audit import line as lines
from secretctl.audit import prune, recovery, segments, state, statements
from secretctl.audit.files import refusals
from secretctl.audit.journal import LOCK_FILE
from secretctl.audit.line import Head
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.state import State
from secretctl.audit.trust import MOST_COMMITS
from secretctl.audit.verdict import Keys, Verdict
from secretctl.audit.verify import verify
from secretctl.record import NamedTuple
from secretctl.store import directories
from secretctl.store.lock import QUEUE, WAIT_S, FileLock

_ASIDE = "aside-"


class Repaired(NamedTuple):
    """What was done to a journal."""

    moved: list[str]
    """Files that what did not verify was moved to."""

    before: list[str]
    """Files that such was moved to earlier, and that still lie there."""

    removed: list[str]
    """Segments whose pruning had been interrupted."""


def repair(directory: str, keys: Keys) -> Repaired:
    """Make the journal end behind its last sound record, with the state that belongs there.

    In an intact journal what was pruned and is still there is removed, as its owner wanted it.

    Raises:
        JournalUnavailableError: The file system refuses.
        NoJournalFileError, UnsafePermissionsError: Its directory is none, or not ours alone.
    """
    with refusals():
        segments.checked_directory(directory)
        before = _set_aside(directory)
        moved = _cleared(directory)
        lock = FileLock(os.path.join(directory, LOCK_FILE), WAIT_S, "journal")
        lock.acquire()
        try:
            removed = _pruned(Snapshot(directory, is_held=True), keys)
            moved += _repair(Snapshot(directory, is_held=True), keys)
            return Repaired(moved, before, removed)
        finally:
            lock.close()


def _pruned(there: Snapshot, keys: Keys) -> list[str]:
    """Remove what an interrupted pruning left, if the owner's word is of this journal."""
    names = prune.left(there, keys)
    if not names or verify(there, keys, []).verdict != Verdict.INTACT:
        return []
    prune.remove(there.directory, names)
    return names


def _set_aside(directory: str) -> list[str]:
    return sorted(name for name in os.listdir(directory) if name.startswith(_ASIDE))


def _cleared(directory: str) -> list[str]:
    """Move aside what stands in a file's place and is none, and strays named like segments."""
    moved = []
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        is_file = stat.S_ISREG(os.lstat(path).st_mode)
        if segments.is_stray(name) or (not is_file and _is_named(name)):
            moved.append(_moved(path))
    return moved


def _is_named(name: str) -> bool:
    """Tell whether the journal has files of that name."""
    names = (state.FILE, state.DRAFT, LOCK_FILE, LOCK_FILE + QUEUE)
    return name in names or segments.is_named(name)


def _repair(there: Snapshot, keys: Keys) -> list[str]:
    end = _sound_end(there, keys)
    first = end.first if end else 0
    moved = []
    for segment in sorted(there.sizes):
        if end is None or not first <= segment <= end.state.segment:
            moved.append(_moved(there.path(segment)))
        elif segment == end.state.segment and there.sizes[segment] > end.state.offset:
            moved.append(_cut(there, end.state))
    if end is not None and not moved and end.state == there.state:
        return []  # whoever has the state open goes on with it
    path = os.path.join(there.directory, state.FILE)
    if os.path.lexists(path):
        os.unlink(path)
    if end is not None:
        draft = os.path.join(there.directory, state.DRAFT)
        if os.path.lexists(draft):
            os.unlink(draft)
        os.close(segments.create(draft, state.encode(end.state)))
        os.rename(draft, path)
    directories.sync(there.directory)
    return moved


class _End(NamedTuple):
    """Where the journal is to go on."""

    first: int
    """Number of its first segment."""

    state: State


def _sound_end(there: Snapshot, keys: Keys) -> _End | None:
    """Return the place behind the last sound record; None if not even the first is sound."""
    pruned = statements.pruned(there, keys)
    first, before = (pruned.through + 1, pruned.head) if pruned else (1, Head(-1, lines.NO_HASH))
    end: State | None = None
    segment = first
    while segment in there.sizes and (end is None or end.closed):
        start = recovery.begun(
            keys.seed(segment), segment, before, keys.vault_id, there.boot_id
        )._replace(next_seed=keys.seed(segment + 1))
        now = _followed(there, start)
        if not now.offset:
            break
        end, before = now, now.head
        segment += 1
    return None if end is None else _End(first, end)


def _followed(there: Snapshot, start: State) -> State:
    """Return the state behind the last sound record of a segment."""
    now = start
    for line in there.lines(start.segment):
        behind = recovery.sound(now, line)
        if behind is None or behind.generation >= MOST_COMMITS:
            break
        now = behind
    return now


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
        name = os.path.join(folder, f"{_ASIDE}{number}-{base.removesuffix('.jsonl')}")
        taken = os.path.basename(name)
        if not any(each.startswith(taken) for each in os.listdir(folder)):
            return name
        number += 1
