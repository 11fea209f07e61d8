"""Directories made, and their entries kept, so that a loss of power does not lose them.

A new file is durable when it was synced and its directory too; a new directory, when the one above
it was. See: fsync(2), and POSIX.1-2017 on the same.
"""

from __future__ import annotations

import os


def make(directory: str, *, is_durable: bool = True) -> None:
    """Make *directory* and what is missing above it, mode 0700, or less by the umask.

    They are durable before this returns, unless *is_durable* says that they need not be.

    Raises:
        OSError: The file system refuses, or something else stands there.
    """
    missing = []
    place = os.path.abspath(directory)
    while not os.path.isdir(place):
        missing.append(place)
        place = os.path.dirname(place)
    for each in reversed(missing):
        try:
            os.mkdir(each, 0o700)
        except FileExistsError:
            if not os.path.isdir(each):
                raise
        if is_durable:
            sync(os.path.dirname(each))


def sync(directory: str) -> None:
    """Make the entries of *directory* durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
