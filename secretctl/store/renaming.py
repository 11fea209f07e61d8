"""Renames that POSIX does not have: onto a free name alone, and two names exchanged at once.

Linux has both for most file systems; elsewhere callers are told, or two steps do for one.
See: renameat2(2)
"""

from __future__ import annotations

import errno
import os

_AT_FDCWD = -100
_NOREPLACE = 1
_EXCHANGE = 2
_CANNOT = (errno.ENOSYS, errno.EINVAL)
"""What says that the system or the file system does not know how."""


def to_free_name(path: str, free: str) -> None:
    """Rename *path* to *free*, which replaces nothing.

    Raises:
        FileExistsError: Something is there.
        OSError: The file system refuses.
    """
    refused = _renamed(path, free, _NOREPLACE)
    if refused in _CANNOT:
        refused = errno.EEXIST if os.path.lexists(free) else 0
        if not refused:
            os.rename(path, free)
    if refused:
        raise OSError(refused, os.strerror(refused))


def exchange(one: str, other: str) -> bool:
    """Let two names change places in one step; False where that cannot be, and nothing was done."""
    return not _renamed(one, other, _EXCHANGE)


def _renamed(path: str, other: str, flags: int) -> int:
    """Rename by the system call; return the number of its error, 0 for none."""
    try:
        import ctypes

        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (ImportError, AttributeError):
        return errno.ENOSYS
    if call(_AT_FDCWD, os.fsencode(path), _AT_FDCWD, os.fsencode(other), flags) == 0:
        return 0
    return ctypes.get_errno()
