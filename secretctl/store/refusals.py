"""What a store refuses, and what its errors are called."""

from __future__ import annotations

import os
import sqlite3
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

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_REFUSED = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_AUTH,
)


def check_file(path: str) -> None:
    """Refuse a file that is not a vault of ours alone, before SQLite opens it.

    Raises:
        NoVaultError: Nothing is there.
        UnsafePermissionsError: It is a link, somebody else's, or others can reach it.
        VaultDamagedError: Files of another journal mode lie beside it.
    """
    try:
        state = os.lstat(path)
    except FileNotFoundError:
        where = os.path.dirname(path)
        raise NoVaultError(f"there is no vault in '{where}'") from None
    except OSError as error:
        raise StoreError(f"cannot reach the vault file: {error.strerror}") from None
    if not stat.S_ISREG(state.st_mode) or state.st_nlink != 1:
        raise UnsafePermissionsError("the vault file is not a regular file with one name")
    if state.st_uid != os.geteuid() or state.st_mode & 0o077:
        raise UnsafePermissionsError(
            "the vault file belongs to or can be reached by somebody else", f"chmod 600 {path}"
        )
    for trace in ("-wal", "-shm"):
        if os.path.lexists(path + trace):
            raise VaultDamagedError(f"a stray file lies beside the vault: vault.db{trace}")


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
    code = getattr(error, "sqlite_errorcode", None)
    code = None if code is None else code & 0xFF
    if code in BUSY:
        return StoreBusyError("another process holds the vault", "try again when it has finished")
    if code == sqlite3.SQLITE_FULL:
        return StoreError("the disk is full; nothing was changed")
    if code == sqlite3.SQLITE_IOERR:
        return StoreError("the disk failed", "secretctl fsck")
    if code in _REFUSED:
        return StoreError("the vault file cannot be written or opened; nothing was changed")
    return VaultDamagedError("the vault file is damaged", "secretctl fsck")
