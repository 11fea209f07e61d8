"""What stands in the place of something else, in words."""

from __future__ import annotations

import stat

_KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a directory",
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def of(mode: int) -> str:
    """Return what has that mode (``st_mode``): ``a pipe``, ``a link`` and so on."""
    return _KINDS.get(stat.S_IFMT(mode), "something else")
