"""What a store refuses, and what its errors are called."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.errors import (
    NoVaultError,
    SecretctlError,
    StoreBusyError,
    StoreError,
    UnsafePermissionsError,
    VaultDamagedError,
)
from secretctl.store.rollback_journal import check_beside
from secretctl.store.rows import run, sqlite3

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_REFUSED = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
)


def check_file(path: str) -> os.stat_result:
    """Refuse a file that is not a vault of ours alone, before SQLite opens it; return its state.

    Raises:
        NoVaultError: Nothing is there.
        UnsafePermissionsError: It is a link, somebody else's, or others can reach it.
        VaultDamagedError: Something lies beside it that would steer SQLite.
        StoreError: It, or what lies beside it, cannot be reached.
    """
    try:
        state = os.lstat(path)
    except FileNotFoundError:
        where = os.path.dirname(path)
        raise NoVaultError(f"there is no vault in '{where}'") from None
    except OSError as error:
        raise StoreError(f"cannot reach the vault file: {error.strerror}") from None
    if not stat.S_ISREG(state.st_mode):
        from secretctl.store import kinds

        raise UnsafePermissionsError(
            f"the vault file is {kinds.of(state.st_mode)}, not a regular file",
            f"put the file itself at {path}",
        )
    if state.st_nlink != 1:
        from secretctl.store import reach

        raise UnsafePermissionsError(
            "the vault file has a second name (a hard link)", reach.unlink_hint(path)
        )
    if state.st_uid != os.geteuid() or state.st_mode & 0o077:
        from secretctl.store import reach

        raise UnsafePermissionsError(
            "the vault file belongs to or can be reached by somebody else", reach.hint(state, path)
        )
    check_beside(path)
    return state


def keeps_from_writing(connection: sqlite3.Connection, path: str) -> bool:
    """Tell whether the file at *path* keeps SQLite from writing it, where nothing else does.

    Its head may name a format that SQLite only reads. A medium that cannot be written is no damage.
    """
    run(connection, "BEGIN")
    try:
        run(connection, "DELETE FROM record WHERE 0")  # BEGIN IMMEDIATE alone does not tell
    except sqlite3.OperationalError as error:
        if code_of(error) in BUSY:  # somebody is writing it
            return False
        if code_of(error) != sqlite3.SQLITE_READONLY:
            raise
        return all(os.access(place, os.W_OK) for place in (path, os.path.dirname(path)))
    finally:
        if connection.in_transaction:
            run(connection, "ROLLBACK")
    return False


def code_of(error: sqlite3.Error) -> int | None:
    """Return SQLite's primary result code, None for an error of Python's module itself."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn SQLite's errors into ours; its texts may hold parts of records."""
    try:
        yield
    except SecretctlError:
        raise
    except sqlite3.Error as error:
        raise _named(error) from None


def _named(error: sqlite3.Error) -> SecretctlError:
    code = code_of(error)
    if code in BUSY:
        return StoreBusyError("another process holds the vault", "try again when it has finished")
    if code == sqlite3.SQLITE_FULL:
        return StoreError("the disk is full; nothing was changed")
    if code == sqlite3.SQLITE_IOERR:
        return StoreError("the disk failed", "secretctl fsck")
    if code in _REFUSED:
        return StoreError("the vault file cannot be written or opened; nothing was changed")
    return VaultDamagedError("the vault file is damaged", "secretctl fsck")
