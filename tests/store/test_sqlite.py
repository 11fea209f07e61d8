"""The embedded store: durable, ordered, and suspicious of its own file."""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.errors import (
    NoVaultError,
    SecretctlError,
    StoreBusyError,
    StoreError,
    UnsafePermissionsError,
    VaultDamagedError,
    VaultVersionError,
)
from secretctl.store import schema
from secretctl.store.lock import FileLock
from secretctl.store.sqlite import SqliteEngine, create


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with three records, closed."""
    tmp_path.chmod(0o700)
    engine = create(str(tmp_path / "vault.db"))
    with engine.write() as writer:
        for key in (b"sa", b"sb", b"sb\xff", b"t"):
            writer.put(key, key * 2)
    engine.close()
    return tmp_path / "vault.db"


def test_pragmas_are_the_durable_ones(path: Path) -> None:
    """Rollback journal, synchronous=EXTRA (3), freed pages overwritten."""
    engine = SqliteEngine(str(path))
    pragma = {
        name: schema.pragma(engine._db, name)
        for name in ("journal_mode", "synchronous", "secure_delete", "trusted_schema", "mmap_size")
    }
    engine.close()
    assert pragma == {
        "journal_mode": "delete",
        "synchronous": 3,
        "secure_delete": 1,
        "trusted_schema": 0,
        "mmap_size": 0,
    }


def test_scans_are_ordered_and_bounded(path: Path) -> None:
    """A scan gives the keys of its prefix, from behind a key, either way round."""
    engine = SqliteEngine(str(path))
    with engine.read() as reader:
        assert [key for key, _ in reader.scan(b"s", b"", 9)] == [b"sa", b"sb", b"sb\xff"]
        assert [key for key, _ in reader.scan(b"s", b"sa", 1)] == [b"sb"]
        assert [key for key, _ in reader.scan(b"sb\xff", b"", 9)] == [b"sb\xff"]
        assert [key for key, _ in reader.scan_back(b"s", b"sb\xff", 9)] == [b"sb", b"sa"]
        assert reader.get(b"nothing") is None
    engine.close()


def test_a_failed_block_changes_nothing(path: Path) -> None:
    """A write is whole or not at all."""
    engine = SqliteEngine(str(path))
    with contextlib.suppress(ZeroDivisionError), engine.write() as writer:
        writer.put(b"new", b"x")
        raise ZeroDivisionError
    with engine.read() as reader:
        assert reader.get(b"new") is None
    engine.close()


def altered(statement: str) -> Callable[[Path], object]:
    """Return a change of the file by plain SQL."""

    def change(path: Path) -> None:
        database = sqlite3.connect(path, isolation_level=None)
        database.execute(statement)
        database.close()

    return change


def replaced_by(make: Callable[[Path], object]) -> Callable[[Path], object]:
    """Return a change that puts something else in the file's place."""

    def change(path: Path) -> None:
        path.rename(path.with_name("old"))
        make(path)

    return change


def stray(path: Path) -> None:
    """Put a write-ahead log beside the file."""
    path.with_name("vault.db-wal").write_bytes(b"x")


CHANGES = {
    "trigger": (
        altered("CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM record; END"),
        VaultDamagedError,
    ),
    "view": (altered("CREATE VIEW v AS SELECT * FROM record"), VaultDamagedError),
    "table": (altered("CREATE TABLE other (x)"), VaultDamagedError),
    "index": (altered("CREATE INDEX i ON record (value)"), VaultDamagedError),
    "application": (altered("PRAGMA application_id=1"), VaultDamagedError),
    "newer": (altered("PRAGMA user_version=2"), VaultVersionError),
    "older": (altered("PRAGMA user_version=0"), VaultDamagedError),
    "write-ahead log": (altered("PRAGMA journal_mode=WAL"), VaultDamagedError),
    "stray log": (stray, VaultDamagedError),
    "nothing": (lambda path: path.unlink(), NoVaultError),
    "empty": (lambda path: path.write_bytes(b""), VaultDamagedError),
    "noise": (lambda path: path.write_bytes(b"noise" * 2000), VaultDamagedError),
    "half": (lambda path: os.truncate(path, 4096), VaultDamagedError),
    "readable": (lambda path: path.chmod(0o644), UnsafePermissionsError),
    "second name": (lambda path: os.link(path, f"{path}2"), UnsafePermissionsError),
    "link": (replaced_by(lambda path: path.symlink_to("old")), UnsafePermissionsError),
    "pipe": (replaced_by(lambda path: os.mkfifo(path, 0o600)), UnsafePermissionsError),
    "directory": (replaced_by(lambda path: path.mkdir(0o700)), UnsafePermissionsError),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_is_a_named_error(path: Path, change: str) -> None:
    """Schema, numbers, kind and permissions are checked before a record is read."""
    make, error = CHANGES[change]
    make(path)
    with pytest.raises(error):
        SqliteEngine(str(path))


WHILE_OPEN = ("trigger", "view", "table", "index", "application", "newer", "write-ahead log")


@pytest.mark.parametrize("change", WHILE_OPEN)
def test_a_file_changed_while_it_is_open_is_a_named_error(path: Path, change: str) -> None:
    """As long as a prompt may wait: what is changed meanwhile stops the next read and write."""
    make, error = CHANGES[change]
    engine, other = SqliteEngine(str(path)), SqliteEngine(str(path))
    with other.write() as writer:
        writer.put(b"sa", b"by another process")
    with engine.read() as reader:
        assert reader.get(b"sa") == b"by another process"
    make(path)
    for begin in (engine.read, engine.write, engine.read, other.write, other.read):
        with pytest.raises(error), begin():
            pass
    engine.close()
    other.close()


def test_a_file_rebuilt_while_it_is_open_is_read_on(path: Path) -> None:
    """Another number of the schema is no damage where the schema is the same."""
    engine = SqliteEngine(str(path))
    altered("VACUUM")(path)
    with engine.write() as writer:
        assert writer.get(b"sa") == b"sasa"
    engine.close()


def test_a_store_is_not_made_over_another(path: Path) -> None:
    """What is there already stays."""
    before = path.read_bytes()
    with pytest.raises(StoreError):
        create(str(path))
    assert path.read_bytes() == before


def test_waiting_for_the_lock_ends(path: Path) -> None:
    """A writer that never ends is an error after the time limit, and costs no processor."""
    lock = FileLock(str(path.with_name("vault.lock")), 1)
    lock.acquire()
    engine = SqliteEngine(str(path), wait_s=0.5)
    used = time.process_time()
    with pytest.raises(StoreBusyError), engine.write():
        pass
    assert time.process_time() - used < 0.4
    lock.close()
    with engine.write() as writer:
        writer.put(b"after", b"x")
    engine.close()


def test_reads_inside_a_read_are_of_its_moment(path: Path) -> None:
    """A reader that asks again sees what it saw, whatever was committed since."""
    reading, writing = SqliteEngine(str(path)), SqliteEngine(str(path), wait_s=0.3)
    with reading.read() as outer:
        assert outer.get(b"new") is None
        with pytest.raises(SecretctlError), writing.write() as writer:
            writer.put(b"new", b"x")
        with reading.read() as inner:
            assert inner.get(b"new") is None
    reading.close()
    writing.close()


def test_a_commit_waits_for_a_reader(path: Path) -> None:
    """A reader that takes its time delays a change, and neither of them fails."""
    reading, writing = SqliteEngine(str(path)), SqliteEngine(str(path), wait_s=10)

    def change() -> None:
        own = SqliteEngine(str(path), wait_s=10)
        with own.write() as writer:
            writer.put(b"new", b"x")
        own.close()

    with reading.read() as moment:
        thread = threading.Thread(target=change)
        thread.start()
        time.sleep(0.3)
        assert thread.is_alive()
        assert moment.get(b"new") is None
    thread.join(5)
    with writing.read() as moment:
        assert moment.get(b"new") == b"x"
    reading.close()
    writing.close()


def statements_of(engine: SqliteEngine) -> list[str]:
    """Return a list that grows by every statement that SQLite is given."""
    ran: list[str] = []
    engine._db.set_trace_callback(ran.append)
    return ran


def got(engine: SqliteEngine, key: bytes) -> bytes | None:
    """Return a record, in a moment of its own."""
    with engine.read() as reader:
        return reader.get(key)


def test_what_nobody_changed_is_not_looked_for_again(path: Path) -> None:
    """Whether it is there or not; in later moments too."""
    engine = SqliteEngine(str(path))
    found = [got(engine, b"sa"), got(engine, b"nothing")]
    ran = statements_of(engine)
    assert [got(engine, b"sa"), got(engine, b"nothing")] == found == [b"sasa", None]
    assert not [each for each in ran if each.startswith("SELECT")]
    engine.close()


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize(
    ("change", "now"),
    [
        (lambda writer: writer.put(b"sa", b"new"), b"new"),
        (lambda writer: writer.delete(b"sa"), None),
    ],
)
def test_a_change_is_seen_in_the_next_moment(
    path: Path, change: Callable[[SqliteEngine], None], now: bytes | None, *, is_own: bool
) -> None:
    """Own ones at once, those of others as soon as they are committed."""
    engine = SqliteEngine(str(path))
    other = engine if is_own else SqliteEngine(str(path))
    assert got(engine, b"sa") == b"sasa"
    with other.write() as writer:
        assert writer.get(b"sa") == b"sasa"
        change(writer)
        assert writer.get(b"sa") == now
    assert got(engine, b"sa") == now
    for each in {engine, other}:
        each.close()


def test_what_was_rolled_back_is_not_kept(path: Path) -> None:
    """Read by whoever wrote it, and gone with the transaction."""
    engine = SqliteEngine(str(path))
    with contextlib.suppress(ZeroDivisionError), engine.write() as writer:
        writer.put(b"sa", b"new")
        assert writer.get(b"sa") == b"new"
        raise ZeroDivisionError
    assert got(engine, b"sa") == b"sasa"
    engine.close()


def test_what_is_kept_is_bounded(path: Path) -> None:
    """Whoever asks a server names the records; large ones are not kept."""
    engine = SqliteEngine(str(path))
    with engine.write() as writer:
        writer.put(b"large", bytes(1 << 16))
    with engine.read() as reader:
        reader.get(b"large")
        for number in range(5000):
            reader.get(number.to_bytes(2, "big"))
    kept = engine._cache._records
    assert len(kept) == 4096
    assert b"large" not in kept
    engine.close()
