"""One at a time, by kernel locks on files of their own.

SQLite's busy handler starves waiting writers; a lock before ``BEGIN IMMEDIATE`` does not. Whoever
lets go of a lock and wants it again at once would still be faster than all who wait and look now
and then. So there are two files: who holds the first, the queue's, is the next to have the second.
"""

from __future__ import annotations

import fcntl
import os
import time

from secretctl.errors import StoreBusyError, StoreError

LOCK_FILE = "vault.lock"
WAIT_S = 30.0
"""How long a writer waits for its turn."""

QUEUE = ".queue"
_FIRST_PAUSE_S = 0.0003
_LONGEST_PAUSE_S = 0.004


def check_in_place(path: str, opened: os.stat_result) -> None:
    """See that *path* still names the file that was opened under it.

    Raises:
        StoreError: It names another or none: the vault was moved away meanwhile.
    """
    try:
        there = os.stat(path, follow_symlinks=False)
    except OSError:
        there = None
    if there is None or (there.st_dev, there.st_ino) != (opened.st_dev, opened.st_ino):
        raise StoreError(
            "another vault was put in the place of this one; nothing was given out or changed",
            "type the command again",
        )


class FileLock:
    """An exclusive ``flock`` on *path*; released at the latest when the process ends."""

    def __init__(self, path: str, timeout_s: float, thing: str = "vault") -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._thing = thing
        self._fd = self._queue = -1

    def acquire(self) -> None:
        """Wait for the lock.

        Raises:
            StoreBusyError: It was not free within the time limit.
            StoreError: The lock file cannot be opened, or a restored vault took its place.
        """
        if self._queue < 0:
            self._queue = self._open(self._path + QUEUE)
        if self._fd < 0:
            self._fd = self._open(self._path)
        deadline = time.monotonic() + self._timeout_s
        self._wait(self._queue, deadline)
        try:
            self._wait(self._fd, deadline)
        finally:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
        try:
            check_in_place(self._path, os.fstat(self._fd))
        except StoreError:
            self.release()
            raise

    def release(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the files back."""
        for handle in (self._fd, self._queue):
            if handle >= 0:
                os.close(handle)
        self._fd = self._queue = -1

    def _wait(self, handle: int, deadline: float) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StoreBusyError(
                        f"another process holds the {self._thing}",
                        "try again when it has finished",
                    ) from None
            else:
                return
            # Spread the waiters, so that none of them always comes too late.
            time.sleep(pause * (0.5 + os.urandom(1)[0] / 256))
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    def _open(self, path: str) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(path, flags, 0o600)
        except OSError as error:
            if os.path.islink(path) or os.path.isdir(path):
                raise StoreError(
                    f"the {self._thing}'s lock is a link or a directory", f"mv {path} {path}.away"
                ) from None
            raise StoreError(
                f"cannot open the {self._thing}'s lock file: {error.strerror}"
            ) from None
