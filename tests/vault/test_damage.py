"""A damaged vault is a named error or the right value; never another value, never a crash."""

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secretctl.cli import opening
from secretctl.errors import SecretctlError, VaultDamagedError
from secretctl.vault.fsck import check
from tests.conftest import Service, World, operating

VALUES = {"a": "value of a", "b": "value of b"}


@pytest.fixture
def file(world: World, service: Service) -> Path:
    """A vault with two secrets of two versions each, closed."""
    for name, value in VALUES.items():
        service("CreateSecret", Name=name, SecretString="old " + value)
        service("PutSecretValue", SecretId=name, SecretString=value)
        service("GetSecretValue", SecretId=name)
    service.session.vault.close()
    return Path(world.directory) / "vault.db"


def outcome(world: World) -> dict[str, str]:
    """Return the values of both secrets, or the name of an error where there was one."""
    found = {}
    for name in VALUES:
        try:
            vault = opening.open_vault(world.directory, world.context)
        except SecretctlError as error:
            found[name] = type(error).__name__
            continue
        try:
            with operating(world.context, vault) as service:
                answer = service("GetSecretValue", SecretId=name)
            found[name] = str(answer["SecretString"])
        except SecretctlError as error:
            found[name] = type(error).__name__
        finally:
            vault.close()
    return found


def assert_right_or_refused(world: World) -> None:
    """Check that no wrong value came out."""
    for name, found in outcome(world).items():
        assert found == VALUES[name] or found.endswith(("Error", "Exception")), found


def test_flipped_bits_never_change_a_value(world: World, file: Path) -> None:
    """One flipped bit anywhere in the file: the right value or a named error."""
    whole = file.read_bytes()
    chance = random.Random(7)
    for position in sorted(chance.sample(range(len(whole)), 250)):
        changed = bytearray(whole)
        changed[position] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(changed))
        assert_right_or_refused(world)


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF], ids=hex)
def test_a_flip_in_the_head_or_the_schema_is_a_named_error(
    world: World, file: Path, mask: int
) -> None:
    """Every byte of the file's head and of the schema's text, which need not stay text at all."""
    whole = file.read_bytes()
    begin = whole.index(b"tablerecordrecord") - 16
    for position in [*range(100), *range(begin, whole.index(b"WITHOUT ROWID") + 13)]:
        changed = bytearray(whole)
        changed[position] ^= mask
        file.write_bytes(bytes(changed))
        assert_right_or_refused(world)
        file.with_name("vault.db-journal").unlink(missing_ok=True)


def test_truncation_never_changes_a_value(world: World, file: Path) -> None:
    """A file cut anywhere: the right value or a named error."""
    whole = file.read_bytes()
    for length in [*range(0, 200, 20), *range(200, len(whole), 1111)]:
        file.write_bytes(whole[:length])
        assert_right_or_refused(world)


def rows(file: Path) -> dict[bytes, bytes]:
    """Return the stored records."""
    database = sqlite3.connect(file)
    found = dict(database.execute("SELECT key, value FROM record"))
    database.close()
    return found


def store(file: Path, key: bytes, value: bytes | None) -> None:
    """Replace, or remove, a record behind the program's back."""
    database = sqlite3.connect(file)
    if value is None:
        database.execute("DELETE FROM record WHERE key = ?", (key,))
    else:
        database.execute("INSERT OR REPLACE INTO record VALUES (?, ?)", (key, value))
    database.commit()
    database.close()


def of_kind(records: dict[bytes, bytes], kind: bytes) -> list[bytes]:
    """Return the keys of one kind of record, in order."""
    return sorted(key for key in records if key[:1] == kind)


@pytest.fixture
def problems(world: World) -> Callable[[], tuple[str, ...]]:
    """Run fsck on the vault as it lies there."""

    def run() -> tuple[str, ...]:
        vault = opening.open_vault(world.directory, world.context)
        try:
            return check(vault).problems
        finally:
            vault.close()

    return run


def test_a_sound_vault_has_no_problems(file: Path, problems: Callable[[], tuple[str, ...]]) -> None:
    """Without damage fsck finds none."""
    assert file.exists()
    assert problems() == ()


def test_a_file_that_cannot_be_written_any_more_is_named(
    file: Path, problems: Callable[[], tuple[str, ...]]
) -> None:
    """The number of the format that writers must know (offset 18): reads go on, fsck tells."""
    changed = bytearray(file.read_bytes())
    changed[18] = 3
    file.write_bytes(bytes(changed))
    assert problems() == ("the file: its head says that it is only to be read",)


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Make *folder* a place that cannot be written: for root by a mount, for others by modes."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "--bind", "-o", "ro", folder, folder], check=True)
    else:
        for place in (*folder.iterdir(), folder):
            place.chmod(0o500 if place == folder else 0o400)
    try:
        yield
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", folder], check=True)
        else:
            folder.chmod(0o700)


def sound_where_unwritable(file: Path, problems: Callable[[], tuple[str, ...]]) -> None:
    """What the file system forbids is no damage of the vault."""
    with unwritable(file.parent):
        assert problems() == ()


if os.geteuid() or not subprocess.run(["unshare", "-m", "true"], check=False).returncode:
    test_a_vault_on_a_medium_that_cannot_be_written_is_sound = sound_where_unwritable
else:
    sys.stderr.write("WARNING: nothing may be mounted: a read-only medium is NOT TRIED\n")


SWAPS = [
    ("values of two versions", b"v", 0, 1),
    ("values of two secrets", b"v", 0, 2),
    ("two secrets", b"s", 0, 1),
    ("two names", b"n", 0, 1),
]


@pytest.mark.parametrize("swap", SWAPS, ids=lambda swap: swap[0])
def test_swapped_records_are_noticed(
    world: World,
    file: Path,
    problems: Callable[[], tuple[str, ...]],
    swap: tuple[str, bytes, int, int],
) -> None:
    """Two records that change places: no wrong value, and fsck names the damage."""
    _, kind, left, right = swap
    records = rows(file)
    keys = of_kind(records, kind)
    store(file, keys[left], records[keys[right]])
    store(file, keys[right], records[keys[left]])
    assert_right_or_refused(world)
    assert problems()


def test_a_dropped_record_is_noticed(
    world: World, file: Path, problems: Callable[[], tuple[str, ...]]
) -> None:
    """Whatever record is missing: no wrong value, and fsck or the opening says so."""
    records = rows(file)
    for key, value in records.items():
        store(file, key, None)
        assert_right_or_refused(world)
        try:
            assert problems()
        except VaultDamagedError:
            assert key in (b"h", b"a", b"d")
        store(file, key, value)
    assert problems() == ()


def test_the_key_directory_is_checked_itself(
    file: Path, problems: Callable[[], tuple[str, ...]]
) -> None:
    """A directory that does not open, is gone, or names a key that is gone, is named by fsck."""
    records = rows(file)
    (key,) = of_kind(records, b"k")
    store(file, b"i", bytes(200))
    assert "the vault's key directory is damaged" in problems()
    store(file, b"i", None)
    assert f"a key is missing in the key directory: {key[1:].hex()}" in problems()
    store(file, b"i", records[b"i"])
    store(file, key, None)
    assert f"a key of the key directory is missing: {key[1:].hex()}" in problems()
    store(file, key, records[key])
    assert problems() == ()


def test_an_old_value_put_back_is_refused_on_reading(
    world: World, service: Service, problems: Callable[[], tuple[str, ...]]
) -> None:
    """A version's value record is pinned: another that lay there before does not open."""
    path = Path(world.directory) / "vault.db"
    service("CreateSecret", Name="a", SecretString="v")
    (key,) = of_kind(rows(path), b"v")
    old = rows(path)[key]
    service("UpdateSecret", SecretId="a", KmsKeyId="alias/other")
    service.session.vault.close()
    assert rows(path)[key] != old
    store(path, key, old)
    assert outcome(world) == {"a": "ValueDamagedError", "b": "ServiceError"}
    assert problems()


def test_an_old_secret_put_back_is_found_by_fsck(
    world: World, service: Service, problems: Callable[[], tuple[str, ...]]
) -> None:
    """An older record of a secret opens, and the digest convicts it."""
    path = Path(world.directory) / "vault.db"
    service("CreateSecret", Name="a", SecretString="v")
    before = rows(path)
    service("TagResource", SecretId="a", Tags=[{"Key": "k", "Value": "v"}])
    service.session.vault.close()
    (key,) = of_kind(before, b"s")
    store(path, key, before[key])
    assert any("digest" in problem for problem in problems())


def test_an_added_record_is_found_by_fsck(
    file: Path, problems: Callable[[], tuple[str, ...]]
) -> None:
    """A record that belongs to nothing is named."""
    store(file, b"v" + os.urandom(20), os.urandom(300))
    assert any("belongs to nothing" in problem for problem in problems())
