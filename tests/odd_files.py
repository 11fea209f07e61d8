"""What somebody may put in the place of a file."""

import os
import stat
from collections.abc import Callable
from pathlib import Path


def _link(path: Path, away: Path) -> None:
    path.symlink_to(away)


def _directory(path: Path, _: Path) -> None:
    path.mkdir(0o700)


def _pipe(path: Path, _: Path) -> None:
    os.mkfifo(path, 0o600)


def _socket(path: Path, _: Path) -> None:
    os.mknod(path, 0o600 | stat.S_IFSOCK)


KINDS: dict[str, Callable[[Path, Path], None]] = {
    "link": _link,
    "directory": _directory,
    "pipe": _pipe,
    "socket": _socket,
}
"""By the name that messages have for it: what makes it at a path, whose file is elsewhere now."""


def replace(path: Path, kind: str, away: Path) -> None:
    """Put something of that *kind* at *path*; the file that was there, if any, goes *away*."""
    if path.exists():
        path.rename(away)
    else:
        away.touch(0o600)
    KINDS[kind](path, away)
