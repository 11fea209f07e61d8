"""A vault is made where none is, and nothing that lay there becomes a part of it."""

import glob
import os
from pathlib import Path

import pytest

from secretctl.cli import opening
from secretctl.errors import VaultDamagedError, VaultExistsError
from secretctl.vault.fsck import check
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
        opening.make_vault(world.directory, world.context)
    assert [file.read_bytes() for file in place.iterdir()] == [b"what a commit left"]
    assert key_files(world) == []


def test_where_a_vault_is_no_key_file_is_made(world: World) -> None:
    """A vault that is there is refused before anything is made for another."""
    opening.make_vault(world.directory, world.context).vault.close()
    made = key_files(world)
    with pytest.raises(VaultExistsError):
        opening.make_vault(world.directory, world.context, key_file=str(world.home / "k"))
    assert key_files(world) == made
    assert not (world.home / "k").exists()


def test_drafts_that_were_given_up_are_removed(world: World, place: Path) -> None:
    """Drafts older than an hour go when a vault is made; a younger one may still be written."""
    ages = {"vault.db.new-1": 2, "vault.db.new-1-journal": 2, "vault.db.new-2": 0.5, "notes": 9}
    for name, hours in ages.items():
        (place / name).touch()
        changed_s = (world.clock() - hours * HOUR_MS) / 1000
        os.utime(place / name, (changed_s, changed_s))
    vault = opening.make_vault(world.directory, world.context).vault
    assert check(vault).problems == ()
    vault.close()
    left = {file.name for file in place.iterdir()}
    assert left == {"vault.db", "vault.lock", "vault.lock.queue", "vault.db.new-2", "notes"}
