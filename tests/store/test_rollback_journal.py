"""Files planted beside a vault never steer SQLite: not to other files, not into waiting."""

import contextlib
import os
import shlex
import sqlite3
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.errors import SecretctlError, UnsafePermissionsError, VaultDamagedError
from secretctl.store.sqlite import SqliteEngine, create

MAGIC = bytes.fromhex("d9d505f920a163d7")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one record, closed."""
    tmp_path.chmod(0o700)
    engine = create(str(tmp_path / "vault.db"))
    with engine.write() as writer:
        writer.put(b"k", b"before")
    engine.close()
    return tmp_path / "vault.db"


def journal_of(path: Path) -> Path:
    """Return where the rollback journal of *path* lies."""
    return Path(f"{path}-journal")


def super_journal(path: Path, victim: Path) -> None:
    """Write a journal that has SQLite delete *victim* when it is played back."""
    name = str(victim).encode()
    head = (MAGIC + struct.pack(">IIIII", 0, 0, 5, 512, 4096)).ljust(512, b"\0")
    end = struct.pack(">II", len(name), sum(name) & 0xFFFFFFFF) + MAGIC
    journal_of(path).write_bytes(head + struct.pack(">I", 262145) + name + end)
    journal_of(path).chmod(0o600)


def plant_super_journal(path: Path) -> None:
    """Plant a journal whose end names a file that exists."""
    victim = path.with_name("victim")
    victim.write_bytes(b"not a super-journal")
    super_journal(path, victim)


def plant_link(path: Path) -> None:
    """Plant a symbolic link."""
    path.with_name("elsewhere").write_bytes(b"")
    journal_of(path).symlink_to("elsewhere")


def plant_second_name(path: Path) -> None:
    """Plant a second name of another file."""
    other = path.with_name("other")
    other.touch(0o600)
    os.link(other, journal_of(path))


def plant_readable(path: Path) -> None:
    """Plant a journal that others can read."""
    journal_of(path).touch()
    journal_of(path).chmod(0o644)


PLANTED: dict[str, tuple[Callable[[Path], object], type[SecretctlError]]] = {
    "super-journal": (plant_super_journal, VaultDamagedError),
    "pipe": (lambda path: os.mkfifo(journal_of(path), 0o600), UnsafePermissionsError),
    "link": (plant_link, UnsafePermissionsError),
    "directory": (lambda path: journal_of(path).mkdir(0o700), UnsafePermissionsError),
    "second name": (plant_second_name, UnsafePermissionsError),
    "readable": (plant_readable, UnsafePermissionsError),
    "log": (lambda path: path.with_name("vault.db-wal").touch(0o600), VaultDamagedError),
}
if os.geteuid() == 0:

    def plant_foreign(path: Path) -> None:
        """Plant a journal of another user's."""
        journal_of(path).touch(0o600)
        os.chown(journal_of(path), 65534, 65534)

    PLANTED["foreign"] = (plant_foreign, UnsafePermissionsError)


def reading(engine: SqliteEngine, _: Path) -> None:
    """Begin to read."""
    with engine.read():
        pass


def writing(engine: SqliteEngine, _: Path) -> None:
    """Begin to write."""
    with engine.write():
        pass


MOMENTS: dict[str, Callable[[SqliteEngine, Path], object]] = {
    "opening": lambda _, path: SqliteEngine(str(path)),
    "reading": reading,
    "writing": writing,
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_file_is_refused_by_name(path: Path, planted: str, moment: str) -> None:
    """Whenever it appears: an error that names it, no other file removed, nobody kept waiting."""
    plant, expected = PLANTED[planted]
    engine = SqliteEngine(str(path))
    plant(path)
    with pytest.raises(expected, match=r"vault\.db-(journal|wal)"):
        MOMENTS[moment](engine, path)
    engine.close()
    assert path.with_name("victim").exists() == (planted == "super-journal")


@pytest.mark.parametrize("planted", ["super-journal", "pipe", "second name", "-wal", "-shm"])
def test_the_hint_puts_a_stray_file_away(path: Path, planted: str) -> None:
    """Typed as it stands, wherever the vault lies; the file is kept."""
    path = path.rename(path.with_name("vault of o'neil.db"))
    stray = Path(f"{path}{planted}") if planted[0] == "-" else journal_of(path)
    if planted[0] == "-":
        stray.touch(0o600)
    else:
        PLANTED[planted][0](path)
    with pytest.raises(SecretctlError, match=r"vault.db-(journal|wal|shm)") as error:
        SqliteEngine(str(path))
    subprocess.run(error.value.hints[0], shell=True, check=True)
    SqliteEngine(str(path)).close()
    assert os.path.lexists(f"{stray}.away")


def test_a_write_ahead_log_is_told_from_a_stray_file(path: Path) -> None:
    """SQLite makes the log when it opens a vault that is set to one: there is none to put away."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
    with pytest.raises(VaultDamagedError, match="set the vault to a write-ahead log") as error:
        SqliteEngine(str(path))
    words = shlex.split(error.value.hints[0])
    assert words[:2] == ["sqlite3", str(path)]
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute(words[2])
    SqliteEngine(str(path)).close()


def test_a_journal_of_a_commit_cut_off_is_played_back(path: Path) -> None:
    """What SQLite itself left behind is no plant: the store is what it was."""
    whole = path.read_bytes()
    engine = SqliteEngine(str(path))
    engine._db.execute("PRAGMA cache_spill=1")
    engine._db.execute("PRAGMA cache_size=1")
    with engine.write() as writer:
        for number in range(200):
            writer.put(b"k" + bytes((number,)), b"after" * 1000)
        writer.put(b"k", b"after")
        kept = {file: file.read_bytes() for file in (path, journal_of(path))}
    engine.close()
    assert kept[path] != whole
    for file, content in kept.items():
        file.touch(0o600)
        file.write_bytes(content)
    engine = SqliteEngine(str(path))
    with engine.read() as reader:
        assert reader.get(b"k") == b"before"
    engine.close()
    assert not journal_of(path).exists()
