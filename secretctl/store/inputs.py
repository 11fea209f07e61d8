"""Files that the user names to be read: whatever lies there, nobody is waited for."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader

from secretctl.store import kinds

_READ = (os.devnull, "/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""Nothing, or what this process was started with: a redirection, a pipe that a shell made."""

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def open_input(path: str) -> BufferedReader:
    """Open a file that is read from its beginning, once; a pipe only if this process has it open.

    Raises:
        OSError: It is a directory, a named pipe, a device; or the file system refuses.
    """
    handle = os.open(path, _FLAGS)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode) and not path.startswith(_READ):
            raise OSError(errno.EINVAL, f"it is {kinds.of(mode)}, not a regular file")
        os.set_blocking(handle, True)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise
