"""One moment of a journal as it lies on the disk, for reading only; nothing is made or changed."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from secretctl.audit import segments, state
from secretctl.audit.journal import LOCK_FILE
from secretctl.audit.line import LARGEST_BYTES
from secretctl.audit.state import State
from secretctl.errors import JournalUnavailableError, SegmentGoneError, StoreError
from secretctl.store.lock import WAIT_S, check_in_place, open_lock, taken
from secretctl.store.waiting import wait_for

_CHUNK_BYTES = 1 << 20


class Snapshot:
    """Which segments there were, how long, and what the state said, while nobody appended."""

    def __init__(self, directory: str, *, is_held: bool = False) -> None:
        """Look at the journal in *directory*, which nobody writes to if *is_held*.

        Raises:
            JournalUnavailableError: It cannot be read.
            StoreError: The journal of another vault is put in its place, or its lock is no file.
            JournalDamagedError: It is missing, or a file is named like a segment and is none.
            NoJournalFileError: Something else stands in the place of a file or of the directory.
            UnsafePermissionsError: Others can reach it.
        """
        self.directory = directory
        self.boot_id = state.boot_id()
        self._is = segments.checked_directory(directory)
        with nullcontext() if is_held else _still(os.path.join(directory, LOCK_FILE)):
            self.sizes = {number: self._size(number) for number in segments.numbers(directory)}
            self.has_state, self.state = self._state()

    def path(self, segment: int) -> str:
        """Return the file of a segment."""
        return os.path.join(self.directory, segments.name_of(segment))

    def read(self, segment: int, start: int, end: int) -> bytes:
        """Return the bytes of a segment from *start* up to *end*.

        Raises:
            SegmentGoneError: It was pruned meanwhile.
            StoreError: The journal of another vault was put in the place of this one.
            OSError: They cannot be read.
        """
        handle = self._open(segment)
        try:
            return os.pread(handle, end - start, start)
        finally:
            os.close(handle)

    def lines(self, segment: int) -> Iterator[bytes]:
        """Yield the lines of a segment; a last one without its newline too.

        What is longer than any record comes in pieces that have none: memory stays small.

        Raises:
            OSError: They cannot be read.
        """
        rest, offset, size = b"", 0, self.sizes[segment]
        while offset < size:
            chunk = self.read(segment, offset, min(size, offset + _CHUNK_BYTES))
            if not chunk:
                break
            offset += len(chunk)
            whole, newline, last = (rest + chunk).rpartition(b"\n")
            if newline:
                yield from (each + b"\n" for each in whole.split(b"\n"))
            rest = last
            if len(rest) > LARGEST_BYTES:
                yield rest
                rest = b""
        if rest:
            yield rest

    def digest(self, segment: int) -> str:
        """Return the SHA-256 of a segment, in hexadecimal digits.

        Raises:
            SegmentGoneError, StoreError, OSError: As for `read`.
        """
        handle = self._open(segment)
        try:
            return segments.digest_of(handle)
        finally:
            os.close(handle)

    def check_in_place(self) -> None:
        """See that the journal is still that of the vault in its place.

        Raises:
            StoreError: The journal of another vault was put there.
        """
        check_in_place(self.directory, self._is)

    def later(self) -> Snapshot | None:
        """Return the moment it is now, if segments went since; else None.

        Raises:
            JournalUnavailableError, JournalDamagedError, UnsafePermissionsError: As for a new one.
        """
        now = Snapshot(self.directory)
        return None if self.sizes.keys() <= now.sizes.keys() else now

    def _open(self, segment: int) -> int:
        """Open a segment of this journal: of none that was put in its place meanwhile."""
        try:
            handle = segments.open_checked(self.path(segment), os.O_RDONLY)
        except FileNotFoundError:
            self.check_in_place()
            raise SegmentGoneError from None
        try:
            self.check_in_place()
        except StoreError:
            os.close(handle)
            raise
        return handle

    def _size(self, segment: int) -> int:
        handle = self._open(segment)
        try:
            return os.fstat(handle).st_size
        finally:
            os.close(handle)

    def _state(self) -> tuple[bool, State | None]:
        try:
            handle = segments.open_checked(os.path.join(self.directory, state.FILE), os.O_RDONLY)
        except FileNotFoundError:
            return False, None
        try:
            return True, state.decode(os.pread(handle, state.BYTES + 1, 0))
        finally:
            os.close(handle)


@contextmanager
def _still(lock: str) -> Iterator[None]:
    """Keep others from appending, if they ever did."""
    try:
        handle = open_lock(lock, os.O_RDONLY, "journal")
    except OSError as error:  # missing, or on a medium that nobody writes to
        if error.errno not in (errno.ENOENT, errno.EROFS, errno.EACCES):
            raise JournalUnavailableError(
                f"cannot open the journal's lock file: {error.strerror}"
            ) from None
        yield
        return
    try:
        _share(handle)
        yield
    finally:
        os.close(handle)


def _share(handle: int) -> None:
    deadline = time.monotonic() + WAIT_S
    while not taken(handle, fcntl.LOCK_SH):
        left = deadline - time.monotonic()
        if left <= 0:
            raise JournalUnavailableError("another process holds the journal")
        wait_for((handle,), left, fcntl.LOCK_SH)
