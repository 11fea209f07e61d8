"""Another store in the place of one: at once, beside no journal, and the old one is overwritten."""

import os
import resource
import signal
from pathlib import Path

import pytest

from secretctl.errors import StoreError
from secretctl.store.replacing import overwrite, put_in_place
from secretctl.store.sqlite import SqliteEngine, create


def store(path: Path, value: bytes) -> str:
    """Make a store with one record."""
    engine = create(str(path))
    with engine.write() as writer:
        writer.put(b"k", value)
    engine.close()
    return str(path)


def value(path: str) -> bytes | None:
    """Return what is in it."""
    engine = SqliteEngine(path)
    with engine.read() as reader:
        found = reader.get(b"k")
    engine.close()
    return found


def test_the_new_store_has_the_place_and_the_old_one_is_zeros(tmp_path: Path) -> None:
    """Whoever has the old file open finds nothing there, and no name leads to it."""
    path, new = store(tmp_path / "a.db", b"old"), store(tmp_path / "b.db", b"new")
    with open(path, "rb") as reader:
        old = put_in_place(new, path)
        assert os.fstat(old).st_nlink == 0
        assert overwrite(old) == ""
        content = reader.read()
    assert len(content) > 4096
    assert set(content) == {0}
    assert value(path) == b"new"
    assert not os.path.lexists(new)


def test_what_keeps_it_from_being_overwritten_is_told(tmp_path: Path) -> None:
    """A file may not be as large any more; nobody reads it."""
    path, new = store(tmp_path / "a.db", b"old"), store(tmp_path / "b.db", b"new")
    old = put_in_place(new, path)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limit[1]))
    try:
        assert overwrite(old) == "File too large"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_journal_of_the_old_store_refuses_the_new_one(tmp_path: Path) -> None:
    """SQLite would play it back into that."""
    path, new = store(tmp_path / "a.db", b"old"), store(tmp_path / "b.db", b"new")
    Path(path + "-journal").touch()
    with pytest.raises(StoreError):
        put_in_place(new, path)
    Path(path + "-journal").unlink()
    assert (value(path), value(new)) == (b"old", b"new")


def test_what_the_file_system_refuses_changes_nothing(tmp_path: Path) -> None:
    """There is no new store, or a directory stands in the way."""
    path = store(tmp_path / "a.db", b"old")
    with pytest.raises(OSError, match="No such file"):
        put_in_place(str(tmp_path / "none"), path)
    assert value(path) == b"old"
