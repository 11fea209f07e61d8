"""A folder in memory for the files of one run: made, held, removed; and what others have left.

Rotations have theirs from here, too, with another prefix and where TMPDIR says.

    BASE/secretctl-run-<16 hexadecimal digits>/      0700

* BASE is XDG_RUNTIME_DIR if it is in memory and nobody else's, otherwise /dev/shm. The kernel is
  asked whether it is in memory; nothing is ever written to a disk instead.
* Who runs holds a lock on the folder (flock(2)), which ends with the last process that has it: so
  a folder that can be locked belongs to nobody any more. No process id is compared.
* A folder is removed only if its name is one of ours, it is ours, no other may look into it, and it
  is on the file system of BASE. No link is followed. A file that has another name as well is not
  overwritten.

See: https://specifications.freedesktop.org/basedir-spec/latest/
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress

from secretctl.errors import UnsafePermissionsError
from secretctl.record import NamedTuple
from secretctl.store.parents import check_above

_SHARED = "/dev/shm"  # noqa: S108 the folder in it is made by mkdir(2), which takes nothing over
_PREFIX = "secretctl-run-"
_RANDOM_BYTES = 8
_DIGITS = frozenset("0123456789abcdef")
_IN_MEMORY = frozenset({0x01021994, 0x858458F6})
"""Of tmpfs and ramfs, statfs(2)."""

_STATFS_BYTES = 512
"""More than a struct statfs has on any machine."""

_MAGIC_BITS = 0xFFFFFFFF
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ATTEMPTS = 100
_MOST_FOLDERS = 100_000
"""How many are removed in one go: somebody may be making them all the while."""

_LARGEST = 65_536
"""Bytes of the largest secret: how much of a file is overwritten."""


class Base(NamedTuple):
    """Where folders of runs lie."""

    path: str
    handle: int
    prefix: str = _PREFIX
    """What their names begin with."""


class Folder(NamedTuple):
    """The folder of one run, open and locked."""

    base: Base
    name: str
    handle: int

    @property
    def path(self) -> str:
        """Where it lies."""
        return os.path.join(self.base.path, self.name)


def bases(environ: Mapping[str, str]) -> list[Base]:
    """Return where folders of runs may lie, the best first; none if nothing suitable is there."""
    found = (
        _base(environ.get("XDG_RUNTIME_DIR", ""), is_shared=False),
        _base(_SHARED, is_shared=True),
    )
    return [base for base in found if base is not None]


def make(base: Base, random: Callable[[int], bytes]) -> Folder:
    """Make a folder and hold it, with a handle of its own of *base*; `close` gives them back.

    Raises:
        OSError: The file system refuses.
    """
    base = base._replace(handle=os.dup(base.handle))
    try:
        for _ in range(_ATTEMPTS):
            name = base.prefix + random(_RANDOM_BYTES).hex()
            os.mkdir(name, 0o700, dir_fd=base.handle)
            folder = _held(base, name)
            if folder is not None:
                return folder
            with suppress(OSError):  # it went meanwhile, or nothing can be locked here
                os.rmdir(name, dir_fd=base.handle)
        raise OSError(errno.EBUSY, "")
    except BaseException:
        os.close(base.handle)
        raise


def close(folder: Folder) -> None:
    """Hold what `make` gave no longer."""
    os.close(folder.handle)
    os.close(folder.base.handle)


def reap(base: Base) -> None:
    """Remove what runs have left that were killed, as far as it can be."""
    with suppress(OSError):
        for name in os.listdir(base.handle):
            with suppress(Exception):  # whatever is wrong with what is left, the next run goes on
                if _is_one_of(base, name):
                    _reap(base, name)


def _reap(base: Base, name: str) -> None:
    folder = _held(base, name)
    if folder is not None:
        try:
            remove(folder)
        finally:
            os.close(folder.handle)


def remove(folder: Folder) -> bool:
    """Remove *folder* with all that is in it; a second time does nothing.

    Returns:
        Whether it is gone.
    """
    for _ in range(_ATTEMPTS):
        _empty(folder.handle)
        try:
            os.rmdir(folder.name, dir_fd=folder.base.handle)
        except OSError as error:
            if error.errno == errno.ENOTEMPTY:  # somebody has just made something in it
                continue
            return error.errno == errno.ENOENT
        return True
    return False


def _base(path: str, *, is_shared: bool) -> Base | None:
    if not os.path.isabs(path):
        return None
    try:
        check_above(os.path.join(path, _PREFIX))
        handle = os.open(path, _FOLDER)
    except (OSError, UnsafePermissionsError):
        return None
    if (is_shared or _is_ours(os.fstat(handle))) and _is_in_memory(handle):
        return Base(path, handle)
    os.close(handle)
    return None


def _is_in_memory(handle: int) -> bool:
    """Ask the kernel; what cannot be asked is taken for a disk."""
    try:
        import ctypes
    except ImportError:
        return False
    facts = ctypes.create_string_buffer(_STATFS_BYTES)
    if ctypes.CDLL(None).fstatfs(handle, facts):
        return False
    return ctypes.c_long.from_buffer(facts).value & _MAGIC_BITS in _IN_MEMORY


def _is_one_of(base: Base, name: str) -> bool:
    digits = name.removeprefix(base.prefix)
    is_ours = name == base.prefix + digits
    return is_ours and len(digits) == 2 * _RANDOM_BYTES and set(digits) <= _DIGITS


def _is_ours(state: os.stat_result) -> bool:
    return state.st_uid == os.geteuid() and not state.st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def _held(base: Base, name: str) -> Folder | None:
    """Open and lock a folder; None if it is no run's, somebody has it, or it went meanwhile."""
    try:
        handle = os.open(name, _FOLDER, dir_fd=base.handle)
    except OSError:
        return None
    with suppress(OSError):
        state = os.fstat(handle)
        if _is_ours(state) and state.st_dev == os.fstat(base.handle).st_dev:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            there = os.stat(name, dir_fd=base.handle, follow_symlinks=False)
            if os.path.samestat(there, state):
                return Folder(base, name, handle)
    os.close(handle)
    return None


def _empty(folder: int) -> None:
    """Remove what is in the open *folder*, as far as it can be: its files, then what is deeper.

    Folders within others are moved up into *folder* first: so no depth of them is too much, for
    the stack, for descriptors or for the longest path.
    """
    left = _without_files(folder)
    for _ in range(_MOST_FOLDERS):
        if not left:
            return
        with suppress(OSError):
            left += _removed(left.pop(), folder)


def _without_files(folder: int) -> list[str]:
    """Remove all but folders; return their names."""
    found: list[str] = []
    with suppress(OSError):
        os.fchmod(folder, stat.S_IRWXU)
        for name in os.listdir(folder):
            with suppress(OSError):
                state = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISDIR(state.st_mode):
                    found.append(name)
                else:
                    _wipe(name, state, folder)
                    os.unlink(name, dir_fd=folder)
    return found


def _removed(name: str, folder: int) -> list[str]:
    """Remove an inner folder; return what those within it are called now, in *folder*."""
    moved: list[str] = []
    inner = _opened(name, folder)
    try:
        for each in _without_files(inner):
            with suppress(OSError):
                os.close(_opened(each, inner))
                unused = os.urandom(_RANDOM_BYTES).hex()
                os.rename(each, unused, src_dir_fd=inner, dst_dir_fd=folder)
                moved.append(unused)
    finally:
        os.close(inner)
    with suppress(OSError):
        os.rmdir(name, dir_fd=folder)
    return moved


def _opened(name: str, folder: int) -> int:
    """Open an inner folder, and let ourselves in.

    Raises:
        OSError: It cannot be, or is another user's or on another file system.
    """
    inner = os.open(name, _FOLDER, dir_fd=folder)
    try:
        state, outer = os.fstat(inner), os.fstat(folder)
        if (state.st_uid, state.st_dev) != (outer.st_uid, outer.st_dev):
            raise OSError(errno.EXDEV, "")
        os.fchmod(inner, stat.S_IRWXU)
    except BaseException:
        os.close(inner)
        raise
    return inner


def _wipe(name: str, state: os.stat_result, folder: int) -> None:
    """Overwrite a value, and leave nothing to whoever still has it open."""
    if not stat.S_ISREG(state.st_mode) or state.st_nlink != 1 or state.st_uid != os.geteuid():
        return
    with suppress(OSError):
        handle = os.open(name, _FILE, dir_fd=folder)
        try:
            if os.path.samestat(os.fstat(handle), state):
                os.pwrite(handle, bytes(min(state.st_size, _LARGEST)), 0)
                os.ftruncate(handle, 0)
        finally:
            os.close(handle)
