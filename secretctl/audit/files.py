"""The files a journal is written to: its state, and the segment that records are appended to.

What of them shows at a glance that they are not the journal's is refused here.
"""

from __future__ import annotations

import os
from contextlib import suppress

from secretctl.audit import line as lines
from secretctl.audit import segments, state
from secretctl.audit.state import State
from secretctl.errors import JournalDamagedError, JournalUnavailableError
from secretctl.record import TYPE_CHECKING
from secretctl.store.lock import check_in_place

if TYPE_CHECKING:
    from types import TracebackType

_HINT = "secretctl audit verify"


class Files:
    """The open files of one journal; used while its lock is held, but for reading the state."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._state = self._segment = -1
        self._state_path = os.path.join(directory, state.FILE)
        self._state_is: os.stat_result | None = None
        self._segment_is = 0, 0
        """Device and inode of the open segment, which no other file has while it is open."""

    def close(self) -> None:
        """Give the files back."""
        for handle in (self._state, self._segment):
            if handle >= 0:
                os.close(handle)
        self._state = self._segment = -1

    def check_there(self) -> None:
        """Refuse a directory that is missing, or not the user's alone.

        Once the state is open, `check_state_in_place` tells whether it still lies there.
        """
        if self._state < 0:
            segments.checked_directory(self.directory)

    def stored_state(self) -> bytes:
        """Return the bytes of the state file, and one more if it is too long."""
        if self._state < 0:
            try:
                self._state = segments.open_checked(self._state_path, os.O_RDWR)
                self._state_is = os.fstat(self._state)
            except FileNotFoundError:
                raise JournalDamagedError("the journal's state file is missing", _HINT) from None
        return os.pread(self._state, state.BYTES + 1, 0)

    def check_state_in_place(self) -> None:
        """Refuse to go on with a state file in whose place another was put.

        Raises:
            StoreError: It was.
        """
        assert self._state_is is not None, "it was read"
        check_in_place(self._state_path, self._state_is)

    def store_state(self, stored: bytes) -> None:
        """Overwrite the state file; not synced."""
        os.pwrite(self._state, stored, 0)

    def size_of(self, segment: int) -> int:
        """Open *segment* unless it is, and return its size in bytes.

        Raises:
            JournalDamagedError: It is missing.
            StoreError: It is another file than before, and the state has another in its place too.
        """
        path = f"{self.directory}/{segments.name_of(segment)}"
        try:
            there = os.lstat(path)
            if self._segment >= 0 and (there.st_dev, there.st_ino) == self._segment_is:
                return there.st_size
            return self._open(path)
        except FileNotFoundError:
            self.check_state_in_place()
            raise JournalDamagedError("a segment of the journal is missing", _HINT) from None

    def _open(self, path: str) -> int:
        self.check_state_in_place()
        if self._segment >= 0:
            os.close(self._segment)
            self._segment = -1
        return self._hold(segments.open_checked(path, os.O_RDWR | os.O_APPEND))

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the open segment."""
        return os.pread(self._segment, length, offset)

    def digest(self) -> str:
        """Return the SHA-256 of the open segment."""
        return segments.digest_of(self._segment)

    def append(self, content: bytes) -> None:
        """Append *content* to the open segment; durable when this returns."""
        while content:
            content = content[os.write(self._segment, content) :]
        os.fdatasync(self._segment)

    def cut(self, size: int) -> None:
        """Cut the open segment to *size* bytes."""
        os.ftruncate(self._segment, size)

    def sync(self) -> None:
        """Sync the open segment."""
        os.fdatasync(self._segment)

    def begin(self, segment: int, line: bytes) -> None:
        """Make a segment of one record, durable, and open it; a file there is thrown away.

        Raises:
            NoJournalFileError: Something else than a file is there.
        """
        path = os.path.join(self.directory, segments.name_of(segment))
        segments.check_kind(path)
        os.close(self._segment)
        self._segment = -1
        with suppress(FileNotFoundError):
            os.unlink(path)
        self._hold(segments.create(path, line))

    def sync_state(self) -> None:
        """Sync the state file."""
        os.fdatasync(self._state)

    def check_last(self, found: State) -> None:
        """See that the last record is the one of which the state says so."""
        start = max(0, found.offset - lines.LARGEST_BYTES)
        tail = os.pread(self._segment, found.offset - start, start)
        last = tail[tail[:-1].rfind(b"\n") + 1 :]
        beginning = b'{"index":%d,' % (found.number - 1)
        if not last.startswith(beginning) or not lines.names_hash(last, found.hash):
            raise JournalDamagedError("the journal does not end as its state file says", _HINT)

    def check_newest(self, found: State) -> None:
        """Refuse a state of before a segment was begun, other than one that a crash left behind.

        A segment is made with its first record before the state tells of it.
        """
        path = os.path.join(self.directory, segments.name_of(found.segment + 1))
        try:
            is_begun = (
                segments.lines_in(path) <= 1 and os.lstat(path).st_size <= lines.LARGEST_BYTES
            )
        except FileNotFoundError:
            return
        if not found.closed or not is_begun:
            raise JournalDamagedError("the journal's state file is older than the journal", _HINT)

    def _hold(self, handle: int) -> int:
        """Keep an open segment; return its size."""
        there = os.fstat(handle)
        self._segment, self._segment_is = handle, (there.st_dev, there.st_ino)
        return there.st_size


class _Refusals:
    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: object, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            raise JournalUnavailableError(
                f"the journal cannot be written: {error.strerror}; "
                "nothing was given out or changed",
                "it lies in the folder audit of the vault's directory",
            ) from None


_REFUSALS = _Refusals()


def refusals() -> _Refusals:
    """Turn what the file system refuses into an error of the journal, in a ``with`` block."""
    return _REFUSALS
