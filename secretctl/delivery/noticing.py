"""Notice that a file may have been changed, at next to no cost while it is not.

The kernel is asked to tell of changes in the directory by SIGIO (`F_NOTIFY`, fcntl(2)); where
it cannot, or another machine makes the change on a file system of a network, looking at the
file's state now and then notices as well. The file itself is never opened.
"""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from secretctl.delivery.supervise_start import SI_KERNEL

_TOLD_S, _UNTOLD_S = 10.0, 1.0
"""Seconds between two looks at the file, where the kernel tells of changes and where not."""

Stamp = tuple[int, int, int, int]
_GONE: Stamp = (0, 0, 0, 0)


def stamp(path: str) -> Stamp:
    """Return what is another whenever the file was written, or another took its place."""
    try:
        found = os.stat(path)
    except OSError:
        return _GONE
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def told(path: str) -> Iterator[float]:
    """Have the kernel send SIGIO, which must be blocked, for changes in the directory of *path*.

    Yields:
        How many seconds may pass until the file is looked at, told or not.
    """
    directory = _asked(os.path.dirname(path))
    try:
        yield _UNTOLD_S if directory is None else _TOLD_S
    finally:
        if directory is not None:
            os.close(directory)
            signal.sigtimedwait({signal.SIGIO}, 0)


def is_told(sent: signal.struct_siginfo) -> bool:
    """Tell whether a signal is the kernel's SIGIO, and not from a process."""
    return sent.si_signo == signal.SIGIO and sent.si_code == SI_KERNEL


def _asked(path: str) -> int | None:
    number = None
    with suppress(OSError):  # looking now and then is enough
        number = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        kinds = fcntl.DN_MODIFY | fcntl.DN_CREATE | fcntl.DN_DELETE | fcntl.DN_RENAME
        fcntl.fcntl(number, fcntl.F_NOTIFY, kinds | fcntl.DN_MULTISHOT)
        return number
    if number is not None:
        os.close(number)
    return None
