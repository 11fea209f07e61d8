"""A vault is made where none is, and nothing that lay there becomes a part of it."""

import glob
import os
from pathlib import Path

import pytest

from secretctl.cli import keyfile, making, places
from secretctl.errors import StoreError, VaultDamagedError, VaultExistsError
from secretctl.vault.fsck import check
from secretctl.vault.slots import key_file_text
from tests.conftest import World

HOUR_MS = 3_600_000


@pytest.fixture
def place(world: World) -> Path:
    """The empty directory of a vault to be."""
    directory = Path(world.directory)
    directory.mkdir(parents=True, mode=0o700)
    return directory


def key_files(world: World) -> list[str]:
    """Return the key files at their usual place."""
    return glob.glob(str(world.home / ".config/secretctl/keys/*"))


@pytest.mark.parametrize("trace", ["-journal", "-wal", "-shm"])
def test_a_part_of_a_vault_that_is_gone_is_not_swallowed(
    world: World, place: Path, trace: str
) -> None:
    """A journal without its vault: no vault, no key file, and the journal stays as it is."""
    (place / f"vault.db{trace}").write_bytes(b"what a commit left")
    with pytest.raises(VaultDamagedError, match=f"vault.db is gone.*vault.db{trace}"):
        making.make_vault(world.directory, world.context)
    assert [file.read_bytes() for file in place.iterdir()] == [b"what a commit left"]
    assert key_files(world) == []


def test_where_a_vault_is_no_key_file_is_made(world: World) -> None:
    """A vault that is there is refused before anything is made for another."""
    making.make_vault(world.directory, world.context).vault.close()
    made = key_files(world)
    with pytest.raises(VaultExistsError):
        making.make_vault(world.directory, world.context, key_file=str(world.home / "k"))
    assert key_files(world) == made
    assert not (world.home / "k").exists()


def left_over(world: World, place: Path) -> str:
    """Leave a draft as a vault that was never finished does; return its key file."""
    making.make_vault(world.directory, world.context).vault.close()
    (place / "vault.db").rename(place / "vault.db.new-1")
    (key,) = key_files(world)
    return key


@pytest.mark.parametrize("content", [None, ""])
def test_key_file_of_a_draft_goes_with_it(world: World, place: Path, content: str | None) -> None:
    """It opens what will never be a vault; or it was not written yet."""
    key = left_over(world, place)
    if content is not None:
        Path(key).write_text(content)
    making.make_vault(world.directory, world.context).vault.close()
    assert key not in key_files(world)
    assert len(key_files(world)) == 1
    assert not (place / "vault.db.new-1").exists()


@pytest.mark.parametrize("reason", ["seen", "of another", "no key file"])
def test_key_file_that_may_open_a_vault_stays(world: World, place: Path, reason: str) -> None:
    """Whoever puts a copy of a vault among the drafts has no key file removed by that."""
    key = left_over(world, place)
    if reason == "seen":
        trust = Path(places.trust_file(world.context.environ, Path(key).stem))
        trust.parent.mkdir(parents=True)
        trust.touch()
    else:
        Path(key).unlink()
        keyfile.create(key, world.directory, bytes(32))
        if reason == "no key file":
            Path(key).write_text("something else")
    before = Path(key).read_bytes()
    making.make_vault(world.directory, world.context).vault.close()
    assert Path(key).read_bytes() == before


def test_a_key_file_that_cannot_be_made_leaves_no_vault(world: World, place: Path) -> None:
    """Nor anything else of it."""
    Path(world.home, ".config").write_text("no folder")
    with pytest.raises(StoreError, match="key file"):
        making.make_vault(world.directory, world.context)
    assert list(place.iterdir()) == []


def test_a_key_file_that_is_there_by_then_is_kept(world: World, place: Path) -> None:
    """Two that make the same one at once: the second has no vault, the first has its key."""
    key = world.home / "k"

    def random(size: int) -> bytes:
        if size == 32 and not key.exists():
            keyfile.create(str(key), world.directory, bytes(32))
        return os.urandom(size)

    context = world.context._replace(random=random)
    with pytest.raises(StoreError, match="key file"):
        making.make_vault(world.directory, context, key_file=str(key))
    assert key.read_text() == key_file_text(bytes(32))
    assert {file.name for file in place.iterdir()} <= {"vault.lock", "vault.lock.queue"}


def test_drafts_that_were_given_up_are_removed(world: World, place: Path) -> None:
    """Drafts older than an hour go when a vault is made; a younger one may still be written."""
    ages = {"vault.db.new-1": 2, "vault.db.new-1-journal": 2, "vault.db.new-2": 0.5, "notes": 9}
    for name, hours in ages.items():
        (place / name).touch()
        changed_s = (world.clock() - hours * HOUR_MS) / 1000
        os.utime(place / name, (changed_s, changed_s))
    vault = making.make_vault(world.directory, world.context).vault
    assert check(vault).problems == ()
    vault.close()
    left = {file.name for file in place.iterdir()}
    assert left == {"vault.db", "vault.lock", "vault.lock.queue", "vault.db.new-2", "notes"}
