"""The embedded store: one SQLite file, one table of blobs.

* Rollback journal with ``synchronous=EXTRA``: with less, a commit that was acknowledged can be
  gone after a power loss; write-ahead logging has lost data in releases still in use.
* The schema is compared with the one text it may have before anything is read: a trigger put
  into the file would run inside our transactions.
* The path is never opened by anything but SQLite while a connection is open: closing any
  descriptor of a file drops all of the process's locks on it (POSIX).
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.errors import (
    NoVaultError,
    OutcomeUnknownError,
    SecretctlError,
    StoreBusyError,
    StoreError,
    UnsafePermissionsError,
    VaultDamagedError,
    VaultVersionError,
)
from secretctl.store.lock import LOCK_FILE, WAIT_S, FileLock

APPLICATION_ID = 0x53435456  # "SCTV"
FORMAT_VERSION = 1
SCHEMA = (
    "CREATE TABLE record (key BLOB NOT NULL PRIMARY KEY CHECK (typeof(key) = 'blob'), "
    "value BLOB NOT NULL CHECK (typeof(value) = 'blob')) WITHOUT ROWID"
)
_QUICK_WAIT_MS = 50
_PRAGMAS = (
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA synchronous=EXTRA",
    "PRAGMA secure_delete=ON",
)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_REFUSED = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_AUTH,
)


def create(path: str) -> "SqliteEngine":
    """Make an empty store at *path* (0600) and open it.

    Raises:
        StoreError: Something is there already, or the file system refuses.
    """
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(path, flags, 0o600))
    except OSError as error:
        raise StoreError(f"cannot create the vault file: {error.strerror}") from None
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        with _named_errors():
            connection.execute("PRAGMA page_size=4096")
            connection.execute("PRAGMA auto_vacuum=NONE")
            connection.execute("PRAGMA synchronous=EXTRA")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(SCHEMA)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={FORMAT_VERSION}")
            connection.execute("COMMIT")
    finally:
        connection.close()
    return SqliteEngine(path)


class SqliteEngine:
    """An open SQLite store. One connection; for one thread of one process."""

    def __init__(self, path: str, wait_s: float = WAIT_S) -> None:
        """Open the store at *path*.

        Raises:
            NoVaultError: Nothing is there.
            UnsafePermissionsError: It is a link, somebody else's, or others may write it.
            VaultDamagedError: It is not a store of ours, or its schema was changed.
            VaultVersionError: It is newer than this program.
        """
        _check_file(path)
        self._wait_s = wait_s
        self._lock = FileLock(os.path.join(os.path.dirname(path), LOCK_FILE), wait_s)
        with _named_errors():
            self._db = sqlite3.connect(path, isolation_level=None, timeout=_QUICK_WAIT_MS / 1000)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        for pragma in _PRAGMAS:
            self._db.execute(pragma)
        with self.read():
            if self._pragma("application_id") != APPLICATION_ID:
                raise VaultDamagedError("the vault file is not a vault")
            version = self._pragma("user_version")
            if isinstance(version, int) and version > FORMAT_VERSION:
                raise VaultVersionError(
                    f"the vault has format {version}, this program reads {FORMAT_VERSION}",
                    "install a newer secretctl",
                )
            schema = self._db.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
            if version != FORMAT_VERSION or schema != [("table", "record", SCHEMA)]:
                raise VaultDamagedError("the vault's schema was changed")
            if self._pragma("journal_mode") != "delete":
                raise VaultDamagedError("the vault's journal mode was changed")

    def _pragma(self, name: str) -> object:
        row: tuple[object] | None = self._db.execute(f"PRAGMA {name}").fetchone()
        return row[0] if row else None

    @contextmanager
    def read(self) -> Iterator["SqliteEngine"]:
        """Hold one moment of the store for reading; inside another it is that moment."""
        if self._db.in_transaction:
            yield self
            return
        with _named_errors():
            self._begin_read()
            try:
                yield self
            finally:
                if self._db.in_transaction:
                    self._db.execute("COMMIT")

    def _begin_read(self) -> None:
        self._db.execute("BEGIN")
        try:
            self._db.execute("SELECT 1 FROM sqlite_schema LIMIT 0").fetchall()
        except sqlite3.OperationalError as error:
            if (error.sqlite_errorcode & 0xFF) not in _BUSY:
                raise
            # Writers follow one another closely: queue among them once instead of losing
            # every race for the moment between two commits.
            self._lock.acquire()
            try:
                self._db.execute("SELECT 1 FROM sqlite_schema LIMIT 0").fetchall()
            finally:
                self._lock.release()

    @contextmanager
    def write(self) -> Iterator["SqliteEngine"]:
        """Begin the exclusive write transaction; it is committed at the end of the block."""
        self._lock.acquire()
        try:
            with _named_errors():
                self._wait(self._wait_s)
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self
                    self._commit()
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
        finally:
            self._wait(_QUICK_WAIT_MS / 1000)
            self._lock.release()

    def _wait(self, seconds: float) -> None:
        self._db.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")

    def _commit(self) -> None:
        try:
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if (error.sqlite_errorcode & 0xFF) != sqlite3.SQLITE_IOERR:
                raise
            raise OutcomeUnknownError(
                "the disk failed during the commit; whether the change holds is not known",
                "secretctl fsck",
            ) from None

    def get(self, key: bytes) -> bytes | None:
        """Return the record under *key*, None where there is none."""
        row = self._db.execute("SELECT value FROM record WHERE key = ?", (key,)).fetchone()
        return None if row is None else _blob(row[0])

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return up to *limit* records whose keys begin with *prefix* and follow *after*."""
        if not after:
            found = self._db.execute(
                "SELECT key, value FROM record WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
                (prefix, _end(prefix), limit),
            )
        else:
            found = self._db.execute(
                "SELECT key, value FROM record WHERE key > ? AND key < ? ORDER BY key LIMIT ?",
                (after, _end(prefix), limit),
            )
        return [(_blob(key), _blob(value)) for key, value in found]

    def scan_back(self, prefix: bytes, before: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return up to *limit* records from behind: keys that precede *before*, if it is given."""
        found = self._db.execute(
            "SELECT key, value FROM record WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT ?",
            (prefix, before or _end(prefix), limit),
        )
        return [(_blob(key), _blob(value)) for key, value in found]

    def records(self, batch: int = 1000) -> Iterator[tuple[bytes, bytes]]:
        """Yield every record; call inside ``read()`` or ``write()``."""
        after, more = b"", True
        while more:
            rows = self._db.execute(
                "SELECT key, value FROM record WHERE key > ? ORDER BY key LIMIT ?", (after, batch)
            ).fetchall()
            for key, value in rows:
                after = _blob(key)
                yield after, _blob(value)
            more = len(rows) == batch

    def structure_problems(self) -> list[str]:
        """Return what SQLite's own check of the file finds; call inside ``read()``."""
        rows = self._db.execute("PRAGMA integrity_check(20)").fetchall()
        return [] if rows == [("ok",)] else [str(row[0]) for row in rows]

    def put(self, key: bytes, value: bytes) -> None:
        """Keep *value* under *key*."""
        self._db.execute("INSERT OR REPLACE INTO record (key, value) VALUES (?, ?)", (key, value))

    def delete(self, key: bytes) -> None:
        """Remove the record under *key*; nothing happens where there is none."""
        self._db.execute("DELETE FROM record WHERE key = ?", (key,))

    def close(self) -> None:
        """Release the store."""
        self._db.close()
        self._lock.close()


def _blob(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise VaultDamagedError("the vault holds a record of the wrong type")
    return value


def _end(prefix: bytes) -> bytes:
    """Return the least key behind all that begin with *prefix* (which is not all 0xFF)."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes((stem[-1] + 1,))


def _check_file(path: str) -> None:
    try:
        state = os.lstat(path)
    except FileNotFoundError:
        raise NoVaultError("there is no vault", "secretctl init") from None
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
def _named_errors() -> Iterator[None]:
    try:
        yield
    except SecretctlError:
        raise
    except sqlite3.Error as error:
        raise _named(error) from None


def _named(error: sqlite3.Error) -> SecretctlError:
    code = getattr(error, "sqlite_errorcode", None)
    code = None if code is None else code & 0xFF
    if code in _BUSY:
        return StoreBusyError("another process holds the vault", "try again when it has finished")
    if code == sqlite3.SQLITE_FULL:
        return StoreError("the disk is full; nothing was changed")
    if code == sqlite3.SQLITE_IOERR:
        return StoreError("the disk failed", "secretctl fsck")
    if code in _REFUSED:
        return StoreError("the vault file cannot be written or opened; nothing was changed")
    return VaultDamagedError("the vault file is damaged", "secretctl fsck")
