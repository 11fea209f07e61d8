"""The embedded store: one SQLite file, one table of blobs.

* Rollback journal with ``synchronous=EXTRA``: with less, a commit that was acknowledged can be
  gone after a power loss; write-ahead logging has lost data in releases still in use.
* The schema is compared with the one text it may have before anything is read, and again in each
  transaction before which another process changed the file: a trigger put into it would run inside
  our transactions.
* The path is never opened by anything but SQLite while a connection is open: closing any
  descriptor of a file drops all of the process's locks on it (POSIX).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from secretctl.errors import OutcomeUnknownError, StoreError
from secretctl.record import TYPE_CHECKING
from secretctl.store.lock import LOCK_FILE, WAIT_S, FileLock, check_in_place
from secretctl.store.record_cache import RecordCache
from secretctl.store.refusals import BUSY, check_file, code_of, keeps_from_writing, named_errors
from secretctl.store.rollback_journal import check_beside
from secretctl.store.rows import Rows, blob, end_of, ordered, run, sqlite3
from secretctl.store.schema import check, write

if TYPE_CHECKING:
    from secretctl.store.engine import After

_QUICK_WAIT_S = 0.05
_VERSION = "PRAGMA data_version"
"""Another number whenever another connection has committed; asking takes the lock for reading."""

_PRAGMAS = (
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA synchronous=EXTRA",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_spill=OFF",  # a large transaction keeps no reader out before its commit
)


def create(path: str) -> SqliteEngine:
    """Make an empty store at *path* (0600) and open it.

    Raises:
        StoreError: Something is there already, or the file system refuses.
    """
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(path, flags, 0o600))
    except OSError as error:
        raise StoreError(f"cannot create the vault file: {error.strerror}") from None
    try:
        with named_errors():
            write(path)
        return SqliteEngine(path)
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise


class SqliteEngine:
    """An open SQLite store. One connection; for one process, one of its threads at a time."""

    def __init__(self, path: str, wait_s: float = WAIT_S) -> None:
        """Open the store at *path*; its lock is waited for *wait_s* seconds.

        Raises:
            NoVaultError: Nothing is there.
            UnsafePermissionsError: It is a link, somebody else's, or others can reach it.
            VaultDamagedError: It is not a store of ours, or its schema was changed.
            VaultVersionError: It is newer than this program.
            StoreError: It cannot be reached.
        """
        self._opened = check_file(path)
        self._path = path
        self.wait_s = wait_s
        self._checked: Rows = []
        self._cache = RecordCache()
        lock = os.path.join(os.path.dirname(path), LOCK_FILE)
        self._lock = FileLock(lock, wait_s, checks_place=False)
        with named_errors():
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=_QUICK_WAIT_S, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self.close()
                raise

    def _prepare(self) -> None:
        for pragma in _PRAGMAS:
            self._look(pragma)  # some of them read the schema
        with self.read():  # which checks the file
            pass

    @contextmanager
    def read(self) -> Iterator[SqliteEngine]:
        """Hold one moment of the store for reading; inside another it is that moment."""
        if self._db.in_transaction:
            yield self
            return
        with named_errors():
            try:
                self._begin_read()
                yield self
            finally:
                self._end()

    def _begin_read(self) -> None:
        run(self._db, "BEGIN")
        self._check(self._look(_VERSION))

    def _check(self, version: Rows) -> None:
        """Check the file again if another process has changed it since; the lock is held."""
        if version != self._checked:
            self._cache.clear()
            check(self._db)
            self._checked = version

    def _look(self, statement: str) -> Rows:
        """Run a statement that takes the lock for reading.

        Writers follow one another closely: where the lock is not had at once, queue among them
        instead of losing every race for the moment between two commits.
        """
        self._check_place()
        try:
            return run(self._db, statement)
        except sqlite3.OperationalError as error:
            if code_of(error) not in BUSY:
                raise
            if self._lock.is_held:  # by this writer itself, who comes before all who wait
                return self._patiently(statement)
            self._lock.acquire()
            try:
                self._check_place()
                return run(self._db, statement)
            finally:
                self._lock.release()

    def _check_place(self) -> None:
        """Look at what SQLite goes by: it finds its rollback journal by the name of the file.

        Where the file was moved away, it would take the journal of whatever is there now.
        """
        check_in_place(self._path, self._opened)
        check_beside(self._path)

    @contextmanager
    def write(self, after: After = lambda _: None) -> Iterator[SqliteEngine]:
        """Begin the exclusive write transaction; it is committed at the end of the block.

        Args:
            after: Called when the transaction has ended, and before anybody else may write.
        """
        failure: BaseException | None = None
        self._lock.acquire()
        try:
            try:
                with named_errors():
                    self._check_place()
                    self._patiently("BEGIN IMMEDIATE")
                    try:
                        self._check(run(self._db, _VERSION))
                        yield self
                        self._commit()
                    finally:
                        self._cache.clear()
                        self._end()
            except BaseException as error:
                failure = error
                raise
            finally:
                after(failure)
        finally:
            self._lock.release()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every writer out, without changing anything."""
        self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def _end(self) -> None:
        """Leave the transaction, if there is one, without hiding what went wrong in it."""
        if self._db.in_transaction:
            with suppress(sqlite3.Error):
                run(self._db, "ROLLBACK")

    def _patiently(self, statement: str) -> Rows:
        """Run a statement of a writer, whom readers keep waiting for a moment each.

        NOTE: a COMMIT that was refused for them keeps new ones out until it is tried again.
        """
        deadline = time.monotonic() + self.wait_s
        while True:
            try:
                return run(self._db, statement)
            except sqlite3.OperationalError as error:
                if code_of(error) not in BUSY or time.monotonic() >= deadline:
                    raise

    def _commit(self) -> None:
        try:
            self._patiently("COMMIT")
        except sqlite3.OperationalError as error:
            if code_of(error) != sqlite3.SQLITE_IOERR:
                raise
            raise OutcomeUnknownError(
                "the disk failed during the commit; whether the change holds is not known",
                "secretctl fsck",
            ) from None

    def get(self, key: bytes) -> bytes | None:
        """Return the record under *key*, None where there is none."""
        return self._cache.of(key, self._stored) if self._db.in_transaction else self._stored(key)

    def _stored(self, key: bytes) -> bytes | None:
        found = run(self._db, "SELECT value FROM record WHERE key = ?", (key,))
        return blob(found[0][0]) if found else None

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return up to *limit* records whose keys begin with *prefix* and follow *after*."""
        found = run(
            self._db,
            "SELECT key, value FROM record WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
            (after + b"\0" if after else prefix, end_of(prefix), limit),
        )
        return ordered(found, after)

    def scan_back(self, prefix: bytes, before: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return up to *limit* records from behind: keys that precede *before*, if it is given."""
        found = run(
            self._db,
            "SELECT key, value FROM record WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT ?",
            (prefix, before or end_of(prefix), limit),
        )
        return ordered(found, before, backwards=True)

    def records(self, batch: int = 1000) -> Iterator[tuple[bytes, bytes]]:
        """Yield every record; call inside ``read()`` or ``write()``."""
        # The first batch has no lower bound: what is no blob sorts before all that are.
        rows = run(self._db, "SELECT key, value FROM record ORDER BY key LIMIT ?", (batch,))
        found = ordered(rows, b"")
        while found:
            yield from found
            rows = run(
                self._db,
                "SELECT key, value FROM record WHERE key > ? ORDER BY key LIMIT ?",
                (found[-1][0], batch),
            )
            found = ordered(rows, found[-1][0])

    def structure_problems(self) -> list[str]:
        """Return what SQLite's own check of the file finds; call inside ``read()``."""
        rows = run(self._db, "PRAGMA integrity_check(20)")
        return [] if rows == [("ok",)] else [str(row[0]) for row in rows]

    def is_read_only(self) -> bool:
        """Tell whether the file keeps SQLite from writing it; call outside of transactions."""
        check_beside(self._path)
        with named_errors():
            return keeps_from_writing(self._db, self._path)

    def put(self, key: bytes, value: bytes) -> None:
        """Keep *value* under *key*."""
        self._cache.forget(key)
        run(self._db, "INSERT OR REPLACE INTO record (key, value) VALUES (?, ?)", (key, value))

    def delete(self, key: bytes) -> None:
        """Remove the record under *key*; nothing happens where there is none."""
        self._cache.forget(key)
        run(self._db, "DELETE FROM record WHERE key = ?", (key,))

    def close(self) -> None:
        """Release the store."""
        self._db.close()
        self._lock.close()

    def disown(self) -> None:
        """Give back, in a process that was forked, what its parent's locks would last by.

        NOTE: SQLite is not asked to close anything: another thread of the parent may have been in
        it, and its mutexes stay locked here for ever. Its own locks are not inherited.
        """
        self._lock.close()
