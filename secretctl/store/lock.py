"""One at a time, by kernel locks on files of their own.

SQLite's busy handler starves waiting writers; a lock before ``BEGIN IMMEDIATE`` does not. Whoever
lets go of a lock and wants it again at once would still be faster than all who wait. So there are
two files: who holds the first, the queue's, is the next to have the second.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from contextlib import suppress

from secretctl.errors import StoreBusyError, StoreError

LOCK_FILE = "vault.lock"
WAIT_S = 30.0
"""How long a writer waits for its turn."""

BRIEF_S = 0.5
"""How long whoever has something else to attend to waits, and tries again later."""

AGAIN = "type the command again"
"""What to do where another vault is in the place of the one that was opened."""

QUEUE = ".queue"
PAUSE_S = 0.004
"""How long whoever is not woken waits before trying again."""


def check_in_place(path: str, opened: os.stat_result) -> None:
    """See that *path* still names the file that was opened under it.

    Raises:
        StoreError: It names another or none: the vault was moved away meanwhile.
    """
    try:
        there = os.lstat(path)
    except OSError:
        there = None
    if there is None or (there.st_dev, there.st_ino) != (opened.st_dev, opened.st_ino):
        raise StoreError(
            "another vault was put in the place of this one; nothing was given out or changed",
            AGAIN,
        )


def open_lock(path: str, flags: int, thing: str) -> int:
    """Open the file of a lock: a regular one of ours alone, as it was made.

    Whoever could open it could hold the lock, and what is no file may not be lockable.

    Args:
        path: Of the file.
        flags: How it is opened, for ``os.open``.
        thing: What the lock keeps, for messages.

    Raises:
        StoreError: Something else stands there, or others can reach it.
        OSError: The file system refuses.
    """
    try:
        handle = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError:
        with suppress(FileNotFoundError):  # a link, directory or socket cannot even be opened
            _check_file(os.lstat(path), path, thing)
        raise
    try:
        _check_file(os.fstat(handle), path, thing)
    except StoreError:
        os.close(handle)
        raise
    return handle


def _check_file(there: os.stat_result, path: str, thing: str) -> None:
    is_file, is_ours = stat.S_ISREG(there.st_mode), there.st_uid == os.geteuid()
    if is_file and is_ours and not there.st_mode & 0o077:
        return
    from secretctl.store import kinds, reach

    why = "not yours alone" if is_ours else "somebody else's"
    hint = reach.hint(there, path)
    if not is_file:
        why = f"{kinds.of(there.st_mode)}, not a regular file"
        hint = reach.away_hint(path)
    raise StoreError(f"the {thing}'s lock is {why}: {os.path.basename(path)}", hint)


class FileLock:
    """An exclusive ``flock`` on *path*; released at the latest when the process ends."""

    def __init__(
        self, path: str, timeout_s: float, thing: str = "vault", *, checks_place: bool = True
    ) -> None:
        """Name the lock; nothing is opened yet.

        Args:
            path: Of its file.
            timeout_s: How long to wait for it, in seconds.
            thing: What it keeps, for messages.
            checks_place: Whether to see, once it is held, that its file is still the one at *path*;
                not needed where a file that the lock keeps is looked at in that way.
        """
        self._checks_place = checks_place
        self._path = path
        self._timeout_s = timeout_s
        self._thing = thing
        self._fd = self._queue = -1
        self.is_held = False

    def acquire(self) -> None:
        """Wait for the lock.

        Raises:
            StoreBusyError: It was not free within the time limit.
            StoreError: The lock file cannot be opened, or a restored vault took its place.
        """
        try:
            if self._queue < 0:
                self._queue = self._open(self._path + QUEUE)
            if self._fd < 0:
                self._fd = self._open(self._path)
            if not (taken(self._queue) and taken(self._fd)):
                self._wait()
        except BaseException:
            self.close()
            raise
        self.is_held = True
        fcntl.flock(self._queue, fcntl.LOCK_UN)
        if self._checks_place:
            try:
                check_in_place(self._path, os.fstat(self._fd))
            except StoreError:
                self.release()
                raise

    def release(self) -> None:
        """Let the next one in."""
        self.is_held = False
        fcntl.flock(self._fd, fcntl.LOCK_UN)

    def __enter__(self) -> None:
        """Wait for the lock; it is released at the end of the block."""
        self.acquire()

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""
        self.release()

    def close(self) -> None:
        """Give the files back."""
        self.is_held = False
        for handle in (self._fd, self._queue):
            if handle >= 0:
                os.close(handle)
        self._fd = self._queue = -1

    def _wait(self) -> None:
        deadline = time.monotonic() + self._timeout_s
        while (left := deadline - time.monotonic()) > 0:
            if self._timeout_s > BRIEF_S:
                from secretctl.store.waiting import wait_for

                wait_for((self._queue, self._fd), left)
            else:  # whoever tries again and again has other things to do in between
                time.sleep(min(left, PAUSE_S))
            if taken(self._queue) and taken(self._fd):
                return
        raise StoreBusyError(
            f"another process holds the {self._thing}", "try again when it has finished"
        )

    def _open(self, path: str) -> int:
        try:
            return open_lock(path, os.O_RDWR | os.O_CREAT, self._thing)
        except OSError as error:
            raise StoreError(
                f"cannot open the {self._thing}'s lock file: {error.strerror}"
            ) from None


def taken(handle: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Take a lock, ``LOCK_EX`` or ``LOCK_SH``, if it is free; one that is held already is taken."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
