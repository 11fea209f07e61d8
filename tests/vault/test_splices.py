"""Records moved, mixed and forged by somebody who has the file and no key."""

import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.cli import making, opening, unlock_slots
from secretctl.crypto.seal import seal
from secretctl.errors import RolledBackError, SecretctlError, UnlockError, VaultDamagedError
from secretctl.service import unlocking
from secretctl.service.opening import begin
from secretctl.vault import layout, slots
from secretctl.vault.fsck import check
from secretctl.vault.state import encode, sealed_state
from tests.conftest import Service, World, change_slots, operating, world_in
from tests.vault.stored import change, records_of
from tests.vault.stored import of_kind as kind

PASSPHRASE = "correct horse battery"
SEALED_KEY_BYTES = 145


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a vault: two secrets, two keys, three values, two slots of either type."""
    world = world_in(tmp_path_factory.mktemp("made") / "home")
    vault = making.make_vault(world.directory, world.context).vault
    with operating(world.context, vault) as service:
        service("CreateSecret", Name="a", SecretString="one of a")
        service("PutSecretValue", SecretId="a", SecretString="two of a")
        service("CreateSecret", Name="b", SecretString="one of b", KmsKeyId="other")
        slot = unlock_slots.passphrase_slot(vault, PASSPHRASE, world.context)
        with unlocking.adding_slot(service.session) as add:
            add(slot)
    vault.close()
    return world.home


@pytest.fixture
def path(made: Path, world: World) -> Path:
    """The file of a copy of it."""
    shutil.copytree(made, world.home, dirs_exist_ok=True)
    return Path(world.directory) / "vault.db"


def read(world: World, name: str) -> str:
    """Return a secret's value as a new process would read it."""
    vault = opening.open_vault(world.directory, world.context)
    try:
        with operating(world.context, vault) as service:
            return str(service("GetSecretValue", SecretId=name)["SecretString"])
    finally:
        vault.close()


def problems(world: World) -> tuple[str, ...]:
    """Return what fsck finds, or the error it ends with."""
    try:
        vault = opening.open_vault(world.directory, world.context)
    except (VaultDamagedError, UnlockError) as error:
        return (error.message,)
    try:
        return check(vault).problems
    except VaultDamagedError as error:
        return (error.message,)
    finally:
        vault.close()


def part(offset: int, length: int) -> Callable[[bytes, bytes], tuple[bytes, bytes]]:
    """Return a function that exchanges one stretch of two records."""

    def exchange(left: bytes, right: bytes) -> tuple[bytes, bytes]:
        end = offset + length
        return (
            left[:offset] + right[offset:end] + left[end:],
            right[:offset] + left[offset:end] + right[end:],
        )

    return exchange


STRETCHES = {
    "key ids": part(0, layout.KEY_ID_BYTES),
    "data keys": part(layout.KEY_ID_BYTES, SEALED_KEY_BYTES),
    "key ids and data keys": part(0, layout.KEY_ID_BYTES + SEALED_KEY_BYTES),
    "values": part(layout.KEY_ID_BYTES + SEALED_KEY_BYTES, 10_000),
}


@pytest.mark.parametrize("stretch", STRETCHES)
def test_parts_of_two_values_exchanged_are_refused(world: World, path: Path, stretch: str) -> None:
    """Neither the data key nor the value of one version opens under another."""
    records = records_of(path)
    values = kind(records, layout.VALUE)
    left, right = values[0], values[2]
    changed = STRETCHES[stretch](records[left], records[right])
    change(path, dict(zip((left, right), changed, strict=True)))
    with pytest.raises(VaultDamagedError):
        read(world, "b")
    assert problems(world)


def test_key_encryption_keys_exchanged_are_refused(world: World, path: Path) -> None:
    """A key opens under its own id only."""
    records = records_of(path)
    left, right = kind(records, layout.KEK)
    change(path, {left: records[right], right: records[left]})
    for name in "ab":
        with pytest.raises(VaultDamagedError):
            read(world, name)
    assert any("a key of the vault is damaged" in problem for problem in problems(world))


def test_a_record_of_another_kind_does_not_open(world: World, path: Path) -> None:
    """Sealed records put under each other's keys are refused."""
    records = records_of(path)
    sealed = [layout.ACCESS, layout.STATE, layout.KEY_DIRECTORY, kind(records, layout.SECRET)[0]]
    for index, key in enumerate(sealed):
        change(path, {key: records[sealed[index - 1]]})
        assert problems(world)
        change(path, {key: records[key]})
    assert problems(world) == ()


def test_records_of_another_vault_do_not_open(world: World, path: Path) -> None:
    """Whatever comes from another vault, even one with the same key file, is refused."""
    own = records_of(path)
    (key_file,) = map(str, (world.home / ".config/secretctl/keys").iterdir())
    other = str(world.home / "other")
    made = making.make_vault(other, world.context, key_file=key_file)
    with operating(world.context, made.vault) as again:
        again("CreateSecret", Name="a", SecretString="value of another")
    made.vault.close()
    foreign = records_of(Path(other) / "vault.db")
    for key in (layout.HEADER, layout.ACCESS, layout.STATE, layout.KEY_DIRECTORY):
        change(path, {key: foreign[key]})
        with pytest.raises((SecretctlError, AssertionError)):  # noqa: PT012 reading or the check
            assert read(world, "a") == "two of a"
            assert problems(world) == ()
        change(path, {key: own[key]})
    assert problems(world) == ()


def test_slots_cannot_be_exchanged_added_or_dropped(world: World, path: Path) -> None:
    """The header's MAC covers its slots."""
    records = records_of(path)
    stored = records[layout.HEADER]
    cut = stored.index(b'},{"created_ms"')
    head = stored.index(b'"slots":[') + len(b'"slots":[')
    tail = stored.index(b"],", cut + 1) if b"]," in stored[cut:] else stored.rindex(b'],"vault_id"')
    first, second = stored[head : cut + 1], stored[cut + 2 : stored.rindex(b'],"vault_id"')]
    assert tail
    end = stored[stored.rindex(b'],"vault_id"') :]
    for some in ([second, first], [first], [first, second, second]):
        change(path, {layout.HEADER: stored[:head] + b",".join(some) + end})
        with pytest.raises(VaultDamagedError):
            read(world, "a")
    change(path, {layout.HEADER: stored[:head] + b",".join([first, second]) + end})
    assert read(world, "a") == "two of a"


def test_a_slot_that_was_removed_does_not_come_back(world: World, path: Path) -> None:
    """An older header, whole and with its MAC, is refused by whoever still opens the vault."""
    before = records_of(path)[layout.HEADER]
    vault = opening.open_vault(world.directory, world.context)
    removed = vault.header().slots[1]
    change_slots(world, vault, lambda header: slots.removed(header, removed.id))
    vault.close()
    latest = records_of(path)[layout.HEADER]
    change(path, {layout.HEADER: before})
    environ = {**world.context.environ, "SECRETCTL_PASSPHRASE": PASSPHRASE}
    elsewhere = world.home / "elsewhere"
    elsewhere.mkdir()
    no_key_file = {**environ, "HOME": str(elsewhere)}
    for context in (world.context, world.context._replace(environ=no_key_file)):
        with pytest.raises(VaultDamagedError, match="older header"):
            opening.open_vault(world.directory, context)
    change(path, {layout.HEADER: latest})
    assert problems(world) == ()


def test_an_older_state_put_back_costs_no_secret(world: World, path: Path) -> None:
    """Numbers counted back lead a new secret to the place of another, which stays whose it is."""
    before = records_of(path)[layout.STATE]
    vault = opening.open_vault(world.directory, world.context)
    service = Service(begin(world.context, vault, "us-east-1"))
    service("CreateSecret", Name="c", SecretString="one of c")
    service.session.close()
    change(path, {layout.STATE: before})
    vault = opening.open_vault(world.directory, world.context)
    with pytest.raises(RolledBackError):
        begin(world.context, vault, "us-east-1")
    shutil.rmtree(Path(world.directory) / "audit")  # nothing tells any more how old the record is
    with vault.read() as view:
        unproved = view.state()._replace(journal_number=-1, journal_hash="")
    change(path, {layout.STATE: sealed_state(vault.keys, unproved)})
    with operating(world.context, vault) as service:
        for given in ({"SecretString": "one of d"}, {}):
            with pytest.raises(VaultDamagedError, match="older state record"):
                service("CreateSecret", Name="d", **given)
    vault.close()
    assert read(world, "c") == "one of c"
    assert any("digest" in problem for problem in problems(world))


def test_an_older_header_put_back_meanwhile_stays_out(world: World, path: Path) -> None:
    """Nor do the slots of an older header come into a new one, or past a check."""
    before = records_of(path)[layout.HEADER]
    vault = opening.open_vault(world.directory, world.context)
    slot = unlock_slots.key_file_slot(vault, bytes(32), world.context)
    change_slots(world, vault, lambda header: slots.added(header, slot))
    change(path, {layout.HEADER: before})
    with pytest.raises(VaultDamagedError, match="older header"):
        change_slots(world, vault, lambda header: slots.removed(header, slot.id))
    assert any("older header" in problem for problem in check(vault).problems)
    vault.close()


def test_a_vault_that_names_no_header_names_it_from_the_next_on(world: World, path: Path) -> None:
    """A state record of a time before headers were kept in it opens the vault all the same."""
    vault = opening.open_vault(world.directory, world.context)
    with vault.read() as view:
        state = view.state()
    before = records_of(path)
    bare = encode(state).replace(b',"header":"' + state.header.encode() + b'"', b"")
    assert b"header" not in bare
    keys = vault.keys
    sealed = seal(keys.access.state, keys.where(b"state", layout.STATE), bare)
    change(path, {layout.STATE: sealed})
    assert problems(world) == ()
    change_slots(world, vault, lambda header: slots.removed(header, header.slots[1].id))
    vault.close()
    assert problems(world) == ()
    change(path, {layout.HEADER: before[layout.HEADER]})
    assert problems(world) == ("an older header of the vault was put back",)


@pytest.mark.parametrize("cost", ["2147483648,3,4", "65536,2147483648,4", "65535,3,4", "65536,2,4"])
def test_a_forged_cost_is_refused_before_it_is_paid(world: World, path: Path, cost: str) -> None:
    """A header asking for two tebibytes or for next to nothing is refused at once."""
    records = records_of(path)
    kdf = b'"kdf":[65536,3,4]'
    assert kdf in records[layout.HEADER]
    forged = records[layout.HEADER].replace(kdf, f'"kdf":[{cost}]'.encode())
    change(path, {layout.HEADER: forged})
    environ = {**world.context.environ, "SECRETCTL_PASSPHRASE": PASSPHRASE}
    began = time.process_time()
    with pytest.raises(VaultDamagedError, match="unlock slot"):
        opening.open_vault(world.directory, world.context._replace(environ=environ))
    assert time.process_time() - began < 0.1


def test_fsck_finds_a_flipped_bit_in_any_record(world: World, path: Path) -> None:
    """Every record, every byte of it (sampled in long ones), one bit: never sound."""
    records = records_of(path)
    chance = random.Random(11)
    for key, value in sorted(records.items()):
        positions = range(len(value))
        for position in chance.sample(positions, min(len(value), 24)):
            changed = bytearray(value)
            changed[position] ^= 1 << chance.randrange(8)
            change(path, {key: bytes(changed)})
            assert problems(world), (key, position)
        change(path, {key: value})
    assert problems(world) == ()


ODD_ROWS = {
    "an empty key": ("x''", "x'00'"),
    "a text key": ("'text'", "x'00'"),
    "a number as key": ("7", "x'00'"),
    "a text value": ("x'76'", "'text'"),
    "an unknown kind": ("x'ff00'", "x'00'"),
}


@pytest.mark.parametrize("row", ODD_ROWS)
def test_fsck_finds_rows_that_no_key_leads_to(world: World, path: Path, row: str) -> None:
    """A row of the wrong type, or under a key that sorts before all others, is seen."""
    key, value = ODD_ROWS[row]
    database = sqlite3.connect(path)
    database.execute("PRAGMA ignore_check_constraints=ON")
    database.execute(f"INSERT INTO record VALUES ({key}, {value})")
    database.commit()
    database.close()
    assert problems(world)


def test_flipped_bytes_of_the_file_are_found_whole(world: World, path: Path) -> None:
    """Where one flipped bit of the file changes any row, fsck says so, and never crashes."""
    whole, sound = path.read_bytes(), records_of(path)
    chance = random.Random(5)
    for position in sorted(chance.sample(range(len(whole)), 700)):
        changed = bytearray(whole)
        changed[position] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(changed))
        try:
            found = problems(world)
        except SecretctlError:
            continue
        try:
            same = records_of(path) == sound
        except sqlite3.Error:
            same = False
        assert same or found, position
        path.with_name("vault.db-journal").unlink(missing_ok=True)
