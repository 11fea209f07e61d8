"""A vault that is moved away while a command has it open is neither read nor written any more."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.audit.records import own
from secretctl.cli import opening
from secretctl.errors import StoreError
from secretctl.service.opening import begin
from secretctl.store.lock import FileLock
from secretctl.store.sqlite import SqliteEngine, create
from tests.conftest import Service, World
from tests.faults.commands import ended
from tests.faults.replay import snapshot
from tests.store.queued import await_queued

MOVED = "another vault was put in the place of this one"


def replaced(directory: Path) -> Path:
    """Move a store's directory away and put another in its place; return the new store."""
    directory.rename(directory.with_name("old"))
    directory.mkdir(mode=0o700)
    engine = create(str(directory / "vault.db"))
    with engine.write() as writer:
        writer.put(b"k", b"new")
    engine.close()
    return directory / "vault.db"


@pytest.fixture
def engine(tmp_path: Path) -> SqliteEngine:
    """An open store with a record in it."""
    folder = tmp_path / "store"
    folder.mkdir(mode=0o700)
    made = create(str(folder / "vault.db"))
    with made.write() as writer:
        writer.put(b"k", b"old")
    return made


def put(engine: SqliteEngine) -> None:
    """Write a record."""
    with engine.write() as writer:
        writer.put(b"k", b"later")


def get(engine: SqliteEngine) -> None:
    """Read a record."""
    with engine.read() as reader:
        reader.get(b"k")


@pytest.mark.parametrize("use", [put, get])
def test_a_store_that_was_moved_is_not_used(
    engine: SqliteEngine, tmp_path: Path, use: Callable[[SqliteEngine], None]
) -> None:
    """Not even a hot journal of the store in its place is touched."""
    new = replaced(tmp_path / "store")
    new.with_name("vault.db-journal").write_bytes(b"of the new store")
    new.with_name("vault.db-journal").chmod(0o600)
    before = snapshot(tmp_path)
    with pytest.raises(StoreError, match=MOVED):
        use(engine)
    engine.close()
    assert {**snapshot(tmp_path), **before} == snapshot(tmp_path)


WAITER = """
import sys
from secretctl.errors import StoreError
from secretctl.store.lock import FileLock
lock = FileLock(sys.argv[1], 10)
try:
    lock.acquire()
except StoreError as error:
    print(error.message)
"""


def test_who_waited_for_a_lock_that_was_moved_does_not_get_it(tmp_path: Path) -> None:
    """It would be alone with a vault that is not there any more."""
    folder = tmp_path / "store"
    folder.mkdir()
    lock = FileLock(str(folder / "vault.lock"), 1)
    lock.acquire()
    words = [sys.executable, "-c", WAITER, str(folder / "vault.lock")]
    waiter = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    await_queued(str(folder / "vault.lock"))
    folder.rename(tmp_path / "old")
    folder.mkdir()
    (folder / "vault.lock").touch()
    lock.close()
    assert MOVED in waiter.communicate(timeout=20)[0]


@pytest.mark.parametrize("change", [None, "PutSecretValue"])
def test_a_session_of_a_vault_that_was_replaced_ends(
    world: World, service: Service, tmp_path: Path, change: str | None
) -> None:
    """Records, reads and changes are refused, and of what was restored nothing is touched."""
    service("CreateSecret", Name="a", SecretString="v")
    assert ended(world, "backup", str(tmp_path / "kept")).status == 0
    vault = opening.open_vault(world.directory, world.context)
    session = Service(begin(world.context, vault, "us-east-1"))
    if change:
        session(change, SecretId="a", SecretString="later")
    assert ended(world, "restore", str(tmp_path / "kept"), "--replace").status == 0
    before = snapshot(Path(world.directory))
    with pytest.raises(StoreError, match=MOVED):
        session.session.recorder.write([own("HashName", "us-east-1", {}, read_only=True)])
    with pytest.raises(StoreError, match=MOVED):
        session("GetSecretValue", SecretId="a")
    with pytest.raises(StoreError, match=MOVED):
        session("PutSecretValue", SecretId="a", SecretString="w")
    session.session.recorder.journal.close()
    vault.close()
    after = snapshot(Path(world.directory))
    assert {path: after[path] for path in before} == before
    assert ended(world, "audit", "verify", "--deep").status == 0
