"""Segments: the files a journal is made of, ``audit/00000001.jsonl`` and so on."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from secretctl.errors import (
    JournalDamagedError,
    JournalUnavailableError,
    NoJournalFileError,
    UnsafePermissionsError,
)
from secretctl.store import directories

DIRECTORY = "audit"
A_FILE = "a file of the journal"
LARGEST_BYTES = 16 * 1024 * 1024
"""A segment that would grow beyond this is closed, and the next one begun."""

_LARGEST_BEGINNING = 32 * 1024
_SUFFIX = ".jsonl"
_NAME_DIGITS = 8
_OPEN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def name_of(segment: int) -> str:
    """Return the file name of a segment."""
    return f"{segment:0{_NAME_DIGITS}d}{_SUFFIX}"


def numbers(directory: str) -> list[int]:
    """Return the numbers of the segments that are there, in order.

    Raises:
        JournalDamagedError: A file is named like a segment and is none.
        JournalUnavailableError: The directory cannot be read.
    """
    try:
        names = os.listdir(directory)
    except OSError as error:
        raise JournalUnavailableError(f"cannot read the journal: {error.strerror}") from None
    found = []
    for name in names:
        if is_stray(name):
            raise JournalDamagedError(
                f"a file of the journal has a name no segment has: {name}",
                "move it away, or secretctl accept-restore puts it aside",
            )
        if is_named(name):
            found.append(int(name.removesuffix(_SUFFIX)))
    return sorted(found)


def is_named(name: str) -> bool:
    """Tell whether a file is named as a segment is."""
    stem = name.removesuffix(_SUFFIX)
    if stem == name or not stem.isascii() or not stem.isdigit():
        return False
    return int(stem) > 0 and name_of(int(stem)) == name


def is_stray(name: str) -> bool:
    """Tell whether a file has the suffix of segments and no name that a segment has."""
    return name.endswith(_SUFFIX) and not is_named(name)


def checked_directory(path: str) -> os.stat_result:
    """Return the state of a journal's directory, which must be one and ours alone.

    Whoever reads or writes a journal asks here first.

    Raises:
        JournalDamagedError: There is none.
        NoJournalFileError: It is a link or something else.
        UnsafePermissionsError: Others can reach it.
    """
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        raise JournalDamagedError(
            "the vault's journal is missing", "secretctl audit verify"
        ) from None
    if not stat.S_ISDIR(there.st_mode):
        from secretctl.store import kinds

        raise NoJournalFileError(
            f"the journal's directory is {kinds.of(there.st_mode)}, not a directory",
            f"put the directory itself at {path}",
        )
    is_ours = there.st_uid == os.geteuid()
    if not is_ours or there.st_mode & 0o077:
        from secretctl.store import reach

        why = (
            "others can reach the journal's directory"
            if is_ours
            else "the journal's directory belongs to somebody else"
        )
        raise UnsafePermissionsError(why, reach.hint(there, path))
    return there


def lines_in(path: str) -> int:
    """Return how many lines a small file of the journal has.

    Raises:
        NoJournalFileError, UnsafePermissionsError, JournalUnavailableError: See `open_checked`.
        OSError: It cannot be read.
    """
    handle = open_checked(path, os.O_RDONLY)
    try:
        return os.read(handle, _LARGEST_BEGINNING).count(b"\n")
    finally:
        os.close(handle)


def open_checked(path: str, flags: int, what: str = A_FILE) -> int:
    """Open a file of the journal: regular, ours alone, with one name; made 0600 if at all.

    Args:
        path: Of the file.
        flags: How it is opened, for ``os.open``.
        what: What it is, for messages.

    Raises:
        FileNotFoundError: There is none.
        NoJournalFileError: It is a pipe, a link or another thing that is no regular file.
        UnsafePermissionsError: It has a second name, or others can reach it.
        JournalUnavailableError: The file system refuses.
    """
    try:
        handle = os.open(path, flags | _OPEN, 0o600)
    except FileNotFoundError:
        raise
    except OSError as error:
        check_kind(path, what)
        raise JournalUnavailableError(
            f"cannot open the journal: {error.strerror}; nothing was given out or changed",
            f"its files lie in '{os.path.dirname(path)}'",
        ) from None
    state = os.fstat(handle)
    if not stat.S_ISREG(state.st_mode) or state.st_nlink != 1:
        os.close(handle)
        if not state.st_nlink:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))  # since it was opened
        is_file = stat.S_ISREG(state.st_mode)
        raise _linked(path, what) if is_file else _not_regular(path, state.st_mode, what)
    if state.st_uid != os.geteuid() or state.st_mode & 0o077:
        os.close(handle)
        raise _unsafe(path, what, state)
    return handle


def check_kind(path: str, what: str = A_FILE) -> None:
    """Refuse what stands in the place of a file of the journal and is none; nothing may be there.

    Raises:
        NoJournalFileError: It is a pipe, a link or another thing that is no regular file.
    """
    with suppress(OSError):  # nothing there, or out of reach
        mode = os.lstat(path).st_mode
        if not stat.S_ISREG(mode):
            raise _not_regular(path, mode, what) from None


def create(path: str, content: bytes) -> int:
    """Make a file of the journal (0600) with *content*, durable, and return it open for appending.

    Raises:
        OSError: It is there already, or the file system refuses.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL
    handle = os.open(path, flags | _OPEN, 0o600)
    try:
        if content and os.write(handle, content) != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
        directories.sync(os.path.dirname(path))
    except BaseException:
        os.close(handle)
        os.unlink(path)
        raise
    return handle


def digest_of(handle: int) -> str:
    """Return the SHA-256 of an open file, in hexadecimal digits.

    Raises:
        OSError: It cannot be read.
    """
    from hashlib import sha256 as fast

    whole, offset = fast(), 0
    while part := os.pread(handle, 1 << 20, offset):
        whole.update(part)
        offset += len(part)
    return whole.hexdigest()


def _not_regular(path: str, mode: int, what: str) -> NoJournalFileError:
    from secretctl.store import kinds

    return NoJournalFileError(
        f"{what} is {kinds.of(mode)}, not a regular file: {os.path.basename(path)}",
        "put the file back, or secretctl accept-restore puts it aside",
    )


def _linked(path: str, what: str) -> UnsafePermissionsError:
    from secretctl.store import reach

    return UnsafePermissionsError(
        f"{what} has a second name (a hard link): {os.path.basename(path)}",
        reach.unlink_hint(path),
    )


def _unsafe(path: str, what: str, state: os.stat_result) -> UnsafePermissionsError:
    from secretctl.store import reach

    return UnsafePermissionsError(
        f"{what} is not yours alone: {os.path.basename(path)}", reach.hint(state, path)
    )
