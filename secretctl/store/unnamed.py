"""New files that have no name until they are whole, so that a kill leaves nothing of them.

Few file systems know them; on others the file has its name at once.
See: open(2), O_TMPFILE
"""

from __future__ import annotations

import os
from contextlib import suppress

_NEW = os.O_WRONLY | os.O_CLOEXEC
_UNNAMED = getattr(os, "O_TMPFILE", 0)


def opened(path: str) -> tuple[int, bool]:
    """Open a new file (0600) for writing; tell whether it has the name *path* already.

    Raises:
        OSError: Something is there already, or the file system refuses.
    """
    if _UNNAMED and os.path.isdir("/proc/self/fd"):
        folder = os.path.dirname(os.path.abspath(path))
        with suppress(OSError):
            return os.open(folder, _NEW | _UNNAMED, 0o600), False
    return os.open(path, _NEW | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), True


def name(handle: int, path: str) -> None:
    """Give an open file without a name the name *path*, which must be free.

    Raises:
        OSError: It is not, or the file system refuses.
    """
    # NOTE: only with a descriptor does Python follow the link that /proc has.
    os.link(f"/proc/self/fd/{handle}", path, src_dir_fd=handle)
