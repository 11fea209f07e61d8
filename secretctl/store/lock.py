"""One writer at a time, by a kernel lock on a file of its own.

SQLite's busy handler starves waiting writers; a lock before ``BEGIN IMMEDIATE`` does not.
"""

from __future__ import annotations

import fcntl
import os
import time

from secretctl.errors import StoreBusyError, StoreError

LOCK_FILE = "vault.lock"
WAIT_S = 30.0
"""How long a writer waits for its turn."""

_FIRST_PAUSE_S = 0.0003
_LONGEST_PAUSE_S = 0.004


class FileLock:
    """An exclusive ``flock`` on *path*; released at the latest when the process ends."""

    def __init__(self, path: str, timeout_s: float, thing: str = "vault") -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._thing = thing
        self._fd = -1

    def acquire(self) -> None:
        """Wait for the lock.

        Raises:
            StoreBusyError: It was not free within the time limit.
            StoreError: The lock file cannot be opened.
        """
        if self._fd < 0:
            self._fd = self._open()
        deadline = time.monotonic() + self._timeout_s
        pause = _FIRST_PAUSE_S
        while True:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StoreBusyError(
                        f"another process holds the {self._thing}", "try again when it has finished"
                    ) from None
            else:
                return
            # Spread the waiters, so that none of them always comes too late.
            time.sleep(pause * (0.5 + os.urandom(1)[0] / 256))
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    def release(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the file back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(self._path, flags, 0o600)
        except OSError as error:
            raise StoreError(
                f"cannot open the {self._thing}'s lock file: {error.strerror}"
            ) from None
