"""The journal of one vault: append records, durable when that returns.

Many processes append at once: a lock is held from reading the state until the records are on the
disk. The order of one append:

1. the state says where the records will end; 2. the records are written; 3. they are synced;
4. the state moves on behind them.

The state itself is never synced. It may be one append behind after a kill, and any number after a
loss of power; it is never ahead of what is on the disk. See: docs/audit.md
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from secretctl.audit import line as lines
from secretctl.audit import recovery, segments, state
from secretctl.audit.line import Head, Record
from secretctl.audit.ratchet import first_key, next_seed
from secretctl.audit.state import State
from secretctl.errors import JournalDamagedError, JournalUnavailableError
from secretctl.store.lock import WAIT_S, FileLock, check_in_place

LOCK_FILE = "lock"
_HINT = "secretctl audit verify"
Fields = dict[str, object]
Describe = Callable[[str, Fields, int | None], Record]
"""Given an event's name, what it is to say and the vault's generation where it is to say that,
returns a record of the journal itself."""

Look = Callable[[State], None]
"""Is shown where the journal stands, and may refuse by raising."""


def _pass(_state: State) -> None:
    """Have nothing against it."""


class Journal:
    """An open journal; for one thread of one process."""

    def __init__(self, directory: str, vault_id: bytes, describe: Describe) -> None:
        """Open the journal in *directory*.

        Args:
            directory: ``audit`` in the vault's directory.
            vault_id: Whose journal it must be.
            describe: Makes the records in which the journal tells of itself.
        """
        self.directory = directory
        self._describe = describe
        self._vault_id = vault_id
        self._lock = FileLock(os.path.join(directory, LOCK_FILE), WAIT_S, "journal")
        self._state = self._segment = -1
        self._boot_id = state.boot_id()
        self._kept: tuple[bytes, State | None] = b"", None
        """What was written last, so that it need not be read again."""

    def append(self, records: list[Record], before: Look = _pass, after: Look = _pass) -> Head:
        """Append records; they are durable when this returns.

        Args:
            records: One at least.
            before: Looks at the journal before anything is written.
            after: Looks at it afterwards. Nobody else appends in between.

        Returns:
            The place of the last of them.

        Raises:
            JournalUnavailableError: They could not be written; none of them is there.
            JournalDamagedError: The journal is not what was written.
        """
        with self._turn() as now:
            before(now)
            written = self._write(self._with_room(now), records)
            after(written)
            return written.head

    def glance(self) -> State:
        """Return where the journal stands, without waiting unless something is to be seen to.

        Raises:
            JournalDamagedError: It is not what was written.
        """
        with refusals():
            self._check_there()
            found = self._stored_state()
        unsettled = found is None or found.pending_offset or found.boot_id != self._boot_id
        return self.settled() if found is None or unsettled else found

    def record_at(self, offset: int) -> bytes:
        """Return the record of the present segment that begins at *offset*."""
        with refusals():
            content = os.pread(self._segment, lines.LARGEST_BYTES, offset)
        line = content[: content.find(b"\n") + 1]
        if not line:
            raise JournalDamagedError("the journal's state file is damaged", _HINT)
        return line

    def settled(self) -> State:
        """Return where the journal stands, after any crash was seen to.

        Raises:
            JournalDamagedError: It is not what was written.
        """
        with self._turn() as now:
            return now

    def close(self) -> None:
        """Give the files back."""
        for handle in (self._state, self._segment):
            if handle >= 0:
                os.close(handle)
        self._state = self._segment = -1
        self._lock.close()

    @contextmanager
    def _turn(self) -> Iterator[State]:
        """Hold the journal alone; gives its state, with the records of a crash taken over."""
        with refusals():
            self._check_there()
            self._lock.acquire()
            try:
                yield self._settled(self._read_state())
            finally:
                self._lock.release()

    def _settled(self, found: State) -> State:
        """Return the state once all that a crash left is seen to."""
        now, told = self._recovered(found)
        if now.closed:
            now = self._opened(now)
        if told:
            return self._write(now, [self._describe("JournalRecovered", told, None)])
        return now

    def _check_there(self) -> None:
        try:
            there = os.lstat(self.directory)
        except FileNotFoundError:
            raise JournalDamagedError("the vault's journal is missing", _HINT) from None
        segments.check_directory(self.directory, there)

    def _read_state(self) -> State:
        found = self._stored_state()
        if found is None:
            raise JournalDamagedError("the journal's state file is damaged", _HINT)
        check_in_place(os.path.join(self.directory, state.FILE), os.fstat(self._state))
        return found

    def _stored_state(self) -> State | None:
        if self._state < 0:
            try:
                path = os.path.join(self.directory, state.FILE)
                self._state = segments.open_checked(path, os.O_RDWR)
            except FileNotFoundError:
                raise JournalDamagedError("the journal's state file is missing", _HINT) from None
        stored = os.pread(self._state, state.BYTES + 1, 0)
        found = self._kept[1] if stored == self._kept[0] else state.decode(stored)
        if found is not None and found.vault_id != self._vault_id:
            raise JournalDamagedError("the journal is that of another vault", _HINT)
        return found

    def _recovered(self, found: State) -> tuple[State, Fields]:
        """Return the state with the records of a crash, and what is to be told of it, if anything.

        Raises:
            JournalDamagedError: What there is was not left by a crash.
        """
        size = self._size_of(found.segment)
        if size < found.offset:
            raise JournalDamagedError("the journal was cut short", _HINT)
        if size == found.offset and not found.pending_offset:
            if found is not self._kept[1]:
                self._check_last(found)
                self._check_newest(found)
            return found._replace(boot_id=self._boot_id), {}
        self._check_last(found)
        if size - found.offset > recovery.LONGEST_TAIL:
            raise JournalDamagedError("there is more in the journal than a crash can leave", _HINT)
        tail = os.pread(self._segment, size - found.offset, found.offset)
        recovered = recovery.recover(found, tail, self._boot_id)
        self._check_newest(recovered.state)
        told: Fields = {"records": recovered.records}
        if recovered.torn:
            aside = recovery.set_aside(self.directory, recovered.state.number, recovered.torn)
            told["torn"] = aside
            os.ftruncate(self._segment, recovered.state.offset)
        os.fdatasync(self._segment)
        self._keep(recovered.state)
        announced = recovered.state.offset == found.pending_offset or not recovered.records
        return recovered.state, told if recovered.torn or not announced else {}

    def _check_last(self, found: State) -> None:
        """See that the last record is the one of which the state says so."""
        start = max(0, found.offset - lines.LARGEST_BYTES)
        tail = os.pread(self._segment, found.offset - start, start)
        last = tail[tail[:-1].rfind(b"\n") + 1 :]
        beginning = b'{"index":%d,' % (found.number - 1)
        if not last.startswith(beginning) or not lines.names_hash(last, found.hash):
            raise JournalDamagedError("the journal does not end as its state file says", _HINT)

    def _check_newest(self, found: State) -> None:
        """Refuse a state of before a segment was begun, other than one that a crash left behind.

        A segment is made with its first record before the state tells of it.
        """
        path = os.path.join(self.directory, segments.name_of(found.segment + 1))
        try:
            size = os.lstat(path).st_size
        except FileNotFoundError:
            return
        if not found.closed or size > lines.LARGEST_BYTES or segments.lines_in(path) > 1:
            raise JournalDamagedError("the journal's state file is older than the journal", _HINT)

    def _size_of(self, segment: int) -> int:
        """Open *segment* unless it is, and return its size."""
        path = os.path.join(self.directory, segments.name_of(segment))
        try:
            there = os.stat(path, follow_symlinks=False)
            if self._segment >= 0:
                held = os.fstat(self._segment)
                if (held.st_dev, held.st_ino) == (there.st_dev, there.st_ino):
                    return held.st_size
                os.close(self._segment)
                self._segment = -1
            self._segment = segments.open_checked(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            raise JournalDamagedError("a segment of the journal is missing", _HINT) from None
        return os.fstat(self._segment).st_size

    def _write(self, before: State, records: list[Record]) -> State:
        written, after = [], before
        for record in records:
            line = lines.written(after.number, after.hash, record.text, after.key)
            after = recovery.after(after, line, record)
            written.append(line)
        content = b"".join(written)
        self._keep(before._replace(pending_offset=after.offset, pending_hash=after.hash))
        try:
            while content:
                content = content[os.write(self._segment, content) :]
            os.fdatasync(self._segment)
        except OSError:
            # Nothing was acknowledged and the lock is ours: take back what there is of it.
            with suppress(OSError):
                os.ftruncate(self._segment, before.offset)
                self._keep(before)
            raise
        self._keep(after)
        return after

    def _keep(self, now: State) -> None:
        self._kept = state.encode(now), now
        os.pwrite(self._state, self._kept[0], 0)

    def _with_room(self, before: State) -> State:
        """Return the state in a segment with room; none ends between an intent and its outcome."""
        if before.offset < segments.LARGEST_BYTES or before.intent != state.NO_INTENT:
            return before
        return self._next_segment(before)

    def _next_segment(self, before: State) -> State:
        told: Fields = {"segment": segments.name_of(before.segment), "records": before.number}
        closed = self._write(before, [self._describe(recovery.SEGMENT_CLOSED, told, None)])
        return self._opened(closed)

    def _opened(self, closed: State) -> State:
        """Begin the segment behind a closed one; its first record holds the digest of that one.

        A file that stands there already was left by a crash: nobody appends to a segment before
        the state says that it was begun.
        """
        digest = segments.digest_of(os.path.join(self.directory, segments.name_of(closed.segment)))
        begun = closed._replace(
            segment=closed.segment + 1,
            offset=0,
            key=first_key(closed.next_seed),
            next_seed=next_seed(closed.next_seed),
            closed=0,
        )
        told: Fields = {"previous": segments.name_of(closed.segment), "sha256": digest}
        record = self._describe(recovery.SEGMENT_OPENED, told, begun.generation)
        line = lines.written(begun.number, begun.hash, record.text, begun.key)
        os.close(self._segment)
        self._segment = -1
        path = os.path.join(self.directory, segments.name_of(begun.segment))
        with suppress(FileNotFoundError):
            os.unlink(path)
        self._segment = segments.create(path, line)
        after = recovery.after(begun, line, record)
        self._keep(after)
        os.fdatasync(self._state)
        return after


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the file system refuses into an error of the journal."""
    try:
        yield
    except OSError as error:
        raise JournalUnavailableError(
            f"the journal cannot be written: {error.strerror}; nothing was given out or changed",
            "it lies in the folder audit of the vault's directory",
        ) from None
