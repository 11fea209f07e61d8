"""Who stands in the queue of a lock, as the kernel tells."""

import os
import time
from pathlib import Path

from secretctl.store.lock import QUEUE

_LOCKS = Path("/proc/locks")
_WAIT_S = 20


def await_queued(path: str, count: int = 1) -> None:
    """Wait until *count* callers are kept waiting for the lock at *path*."""
    if not _LOCKS.exists():
        time.sleep(0.3)
        return
    inodes = {str(os.stat(each).st_ino) for each in (path, path + QUEUE)}
    ends = time.monotonic() + _WAIT_S
    while _waiting(inodes) < count:
        assert time.monotonic() < ends, "nobody waits"
        time.sleep(0.002)


def _waiting(inodes: set[str]) -> int:
    lines = _LOCKS.read_text().splitlines()
    return sum("->" in line and line.split()[-3].split(":")[2] in inodes for line in lines)
