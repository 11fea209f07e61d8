"""Values that a program is given as files, and who sees to it that nothing of them stays.

* ``file``: a regular file (0600) in a folder of the run, see `run_folder`.
* ``fifo``: a named pipe there. Whoever opens it for reading gets the value, then the end; it is
  replaced by a new one at once, for the next who opens it.
* ``descriptor``: a sealed file without a name (memfd_create(2)), which the program inherits open.

A guard, a process of its own and of a session of its own, serves the pipes, and removes the folder
if we are killed. All signals are blocked from before the folder is made, so nothing else ends us
before it is removed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress

from secretctl.delivery import run_folder
from secretctl.delivery.references import shown
from secretctl.delivery.run_folder import Base, Folder
from secretctl.delivery.supervise_relay import close_others, write_all
from secretctl.errors import NoRoomError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import NoReturn

FILE, FIFO, DESCRIPTOR = "file", "fifo", "descriptor"
KINDS = (FILE, FIFO, DESCRIPTOR)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_SERVED = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEXT = ".secretctl-next-"
_LOWEST = 20
"""Descriptors below are left to shells and scripts, which number their own."""

_OF_LIMITS = {
    errno.EFBIG: "ulimit -f is too small for the value: --file-kind fifo writes it to no file",
    errno.EMFILE: f"ulimit -n has to be more than {_LOWEST} by the number of files",
}
"""What is to be done where a limit of the process is in the way."""


class Value(NamedTuple):
    """One value, and what it is called."""

    variable: str
    name: str
    """Of the file."""

    content: bytes

    def __repr__(self) -> str:
        """Leave the value out."""
        return f"Value({self.variable!r})"


class Wanted(NamedTuple):
    """Files of one run; as often as it is run."""

    base: Base
    kind: str
    values: tuple[Value, ...]
    random: Callable[[int], bytes]

    def placed(self) -> Placed:
        """Make the files. All signals are to be blocked.

        Raises:
            NoRoomError: The file system refuses; nothing is left then.
        """
        try:
            folder = run_folder.make(self.base, self.random)
        except OSError as error:
            raise self.refused(error) from None
        alive = -1
        try:
            for value in self.values if self.kind == FIFO else ():
                os.mkfifo(value.name, 0o600, dir_fd=folder.handle)
            alive = _guarded(folder, self.values if self.kind == FIFO else ())
            for value in self.values if self.kind == FILE else ():
                _write(value, folder)
        except OSError as error:
            Placed({}, folder, alive).put_away()
            raise self.refused(error) from None
        paths = {each.variable: os.path.join(folder.path, each.name) for each in self.values}
        return Placed(as_environment(paths), folder, alive)

    def refused(self, error: OSError) -> NoRoomError:
        """Return what is said where the file system refuses."""
        reason = os.strerror(error.errno or 0).lower()
        return NoRoomError(
            f"no files can be made in '{shown(self.base.path)}': {reason}",
            _OF_LIMITS.get(error.errno or 0, "--file-kind descriptor needs no room there"),
        )


class Placed(NamedTuple):
    """Files of a run that are there."""

    environment: dict[bytes, bytes]
    """Their paths, by variable."""

    folder: Folder
    alive: int
    """Pipe to the guard: at its end, so is the run."""

    def renew(self, wanted: Wanted) -> None:
        """Put the files of *wanted* in the place of those of the same names, each at once.

        None before there is room for all. Who has one open goes on reading what was in it.

        Raises:
            NoRoomError: The file system refuses; the files are as they were.
        """
        handle = self.folder.handle
        following = [each._replace(name=_NEXT + each.variable) for each in wanted.values]
        try:
            for value in following:
                _write(value, self.folder)
            for old, new in zip(wanted.values, following, strict=True):
                os.rename(new.name, old.name, src_dir_fd=handle, dst_dir_fd=handle)
        except OSError as error:
            for value in following:
                with suppress(FileNotFoundError):
                    os.unlink(value.name, dir_fd=handle)
            raise wanted.refused(error) from None

    def put_away(self) -> str:
        """Remove them; the guard leaves.

        Returns:
            The folder, where it cannot be removed; else nothing.
        """
        is_gone = run_folder.remove(self.folder)
        run_folder.close(self.folder)
        if self.alive >= 0:
            os.close(self.alive)
        return "" if is_gone else self.folder.path


def as_environment(paths: dict[str, str]) -> dict[bytes, bytes]:
    """Return variables as a program is given them."""
    return {name.encode(): os.fsencode(path) for name, path in paths.items()}


def described(values: Iterable[Value]) -> dict[bytes, bytes]:
    """Open a descriptor for each value, to be inherited; return their paths, by variable.

    Raises:
        NoRoomError: There is no room for all; none is open then.
    """
    opened: dict[str, int] = {}
    try:
        for each in values:
            opened[each.variable] = _descriptor(each)
    except OSError as error:
        for opened_already in opened.values():
            os.close(opened_already)
        # fcntl(2): EINVAL where the lowest number that is asked for is beyond the limit
        number = errno.EMFILE if error.errno == errno.EINVAL else error.errno or 0
        hints = [_OF_LIMITS[number]] if number in _OF_LIMITS else []
        reason = os.strerror(number).lower()
        raise NoRoomError(f"no descriptor can be made: {reason}", *hints) from None
    return as_environment({name: f"/dev/fd/{number}" for name, number in opened.items()})


def _descriptor(value: Value) -> int:
    """Return the number of a descriptor of a sealed file, at its begin."""
    handle = os.memfd_create(value.variable, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.fchmod(handle, 0o600)
        write_all(handle, value.content)
        os.lseek(handle, 0, os.SEEK_SET)
        seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
        fcntl.fcntl(handle, fcntl.F_ADD_SEALS, seals)
        return fcntl.fcntl(handle, fcntl.F_DUPFD, _LOWEST)
    finally:
        os.close(handle)


def _write(value: Value, folder: Folder) -> None:
    handle = os.open(value.name, _NEW, 0o600, dir_fd=folder.handle)
    try:
        write_all(handle, value.content)
    finally:
        os.close(handle)


def _guarded(folder: Folder, served: tuple[Value, ...]) -> int:
    """Start the guard; return the pipe by which it knows that we live.

    It is none of our session by then, in which all that belongs to a program may be ended.
    """
    (ended, alive), (begun, begins) = os.pipe(), os.pipe()
    if not os.fork():
        _guard(folder, served, ended)
    os.close(ended)
    os.close(begins)
    os.read(begun, 1)
    os.close(begun)
    return alive


def _guard(folder: Folder, served: tuple[Value, ...], ended: int) -> NoReturn:
    try:
        os.setsid()  # what kills a whole job does not reach it
        close_others({ended, folder.handle, folder.base.handle})
        for value in served:
            _serve_beside(value, folder.handle)
        os.read(ended, 1)
        run_folder.remove(folder)
    finally:
        os._exit(0)


def _serve_beside(value: Value, folder: int) -> None:
    import _thread  # threading, around it, costs milliseconds and is not needed

    _thread.start_new_thread(_serve, (value, folder))


def _serve(value: Value, folder: int) -> None:
    """Give a value to everybody who opens its pipe, until the pipe or its folder is gone."""
    with suppress(OSError):
        while True:
            reader = os.open(value.name, _SERVED, dir_fd=folder)
            try:
                if not stat.S_ISFIFO(os.fstat(reader).st_mode):
                    return  # the program has put something else there
                os.mkfifo(_NEXT + value.variable, 0o600, dir_fd=folder)
                os.rename(_NEXT + value.variable, value.name, src_dir_fd=folder, dst_dir_fd=folder)
                with suppress(BrokenPipeError):
                    write_all(reader, value.content)
            finally:
                os.close(reader)
