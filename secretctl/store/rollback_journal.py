"""What may lie beside a vault file, looked at before SQLite looks there.

SQLite plays a rollback journal back whoever left it, and deletes the files that its end names as a
super-journal: whoever can put a file beside the vault could have any file of the user removed.
Our transactions span one file, so no journal of ours names another.
See: https://www.sqlite.org/atomiccommit.html, section 5.
"""

from __future__ import annotations

import os
import stat

from secretctl.errors import StoreError, UnsafePermissionsError, VaultDamagedError

JOURNAL = "-journal"
STRAYS = ("-wal", "-shm")
"""Files of another journal mode, which is never ours."""

_MODE_AT, _WRITE_AHEAD = 18, b"\2\2"
_SUPER_JOURNAL_END = bytes.fromhex("d9d505f920a163d7")


def check_beside(path: str) -> None:
    """Refuse what would steer SQLite away from the vault file at *path*; call before each lock.

    Raises:
        UnsafePermissionsError: The journal is a link, no regular file, or within others' reach.
        VaultDamagedError: It is none of ours, or files of another journal mode are there.
        StoreError: It cannot be read.
    """
    for trace in STRAYS:
        if os.path.lexists(path + trace):
            raise _stray(path, trace)
    journal = path + JOURNAL
    try:
        _check_journal(os.lstat(journal), journal)
        descriptor = os.open(journal, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"cannot read vault.db-journal: {error.strerror}") from None
    try:
        _check_end(descriptor, journal)
    except OSError as error:
        raise StoreError(f"cannot read vault.db-journal: {error.strerror}") from None
    finally:
        os.close(descriptor)


def _stray(path: str, trace: str) -> VaultDamagedError:
    """Return what to say of a file of another journal mode.

    SQLite makes them itself where the vault's file says so, and removes them again.
    See: https://www.sqlite.org/fileformat.html, section 1.3.3
    """
    from shlex import quote

    from secretctl.store import reach

    if _mode(path) == _WRITE_AHEAD:
        return VaultDamagedError(
            "another program has set the vault to a write-ahead log, which is never ours",
            f"sqlite3 {quote(path)} 'PRAGMA journal_mode = DELETE'",
        )
    return VaultDamagedError(
        f"a stray file lies beside the vault: vault.db{trace}", reach.away_hint(path + trace)
    )


def _mode(path: str) -> bytes:
    """Return the versions for writing and reading that the file at *path* names."""
    try:
        with open(path, "rb") as file:
            return os.pread(file.fileno(), len(_WRITE_AHEAD), _MODE_AT)
    except OSError:
        return b""


def _check_end(descriptor: int, journal: str) -> None:
    state = os.fstat(descriptor)
    _check_journal(state, journal)
    size = len(_SUPER_JOURNAL_END)
    if os.pread(descriptor, size, max(0, state.st_size - size)) == _SUPER_JOURNAL_END:
        from secretctl.store import reach

        raise VaultDamagedError(
            "vault.db-journal is none of this program's: it would have another file removed",
            reach.away_hint(journal),
        )


def _check_journal(state: os.stat_result, journal: str) -> None:
    is_file = stat.S_ISREG(state.st_mode)
    if not is_file or state.st_nlink > 1:  # none: a commit has just ended
        from secretctl.store import kinds, reach

        kind = f"is {kinds.of(state.st_mode)}, not a regular file"
        raise UnsafePermissionsError(
            f"vault.db-journal {'has a second name (a hard link)' if is_file else kind}",
            reach.away_hint(journal),
        )
    if state.st_uid != os.geteuid() or state.st_mode & 0o077:
        from secretctl.store import reach

        raise UnsafePermissionsError(
            "vault.db-journal belongs to or can be reached by somebody else",
            reach.hint(state, journal),
        )
