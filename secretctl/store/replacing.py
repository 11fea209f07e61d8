"""Another store put in the place of one, in one step; what was there is overwritten.

Whoever has the old file open reads the moment they began with to its end. Then the bytes go: the
name alone would leave them in blocks that nobody owns. A disk may keep copies that no program
reaches: spare blocks of a solid-state disk, a journaling or copy-on-write file system, snapshots.
"""

from __future__ import annotations

import fcntl
import os
import time

from secretctl.errors import StoreError
from secretctl.store.lock import WAIT_S
from secretctl.store.rollback_journal import JOURNAL

_SHARED_FIRST = 0x40000002
_SHARED_BYTES = 510
"""Which bytes SQLite locks while it reads.

See: the lock-byte page in https://www.sqlite.org/fileformat2.html and
https://www.sqlite.org/lockingv3.html
"""

_PAUSE_S = 0.01
_CHUNK_BYTES = 1 << 20


def put_in_place(new: str, path: str) -> int:
    """Give the store *new* the name *path*; return the one that had it, open.

    Call while holding the writers' lock, with no transaction open.

    Raises:
        StoreError: A journal of the old store is there, which would be played back into the new.
        OSError: The file system refuses, and nothing was done.
    """
    if os.path.lexists(path + JOURNAL):
        raise StoreError("a change of the vault was cut off meanwhile", "type the command again")
    old = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.rename(new, path)
    except BaseException:
        os.close(old)
        raise
    return old


def overwrite(old: int, wait_s: float = WAIT_S) -> str:
    """Overwrite and close a store that has no name any more; return why not, empty if it was done.

    NOTE: call once the new name is durable: until then a loss of power brings the old one back.
    """
    try:
        if not _is_left(old, wait_s):
            return "another process reads it to the end"
        size, at = os.fstat(old).st_size, 0
        while at < size:
            at += os.pwrite(old, bytes(min(_CHUNK_BYTES, size - at)), at)
        os.fdatasync(old)
    except OSError as error:
        return str(error.strerror)
    finally:
        os.close(old)
    return ""


def _is_left(old: int, wait_s: float) -> bool:
    """Wait until nobody reads the store any more; whoever begins later finds the other one."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.lockf(old, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_BYTES, _SHARED_FIRST)
        except OSError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_S)
        else:
            return True
