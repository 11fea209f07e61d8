"""Unlock slots: as many as will be read again, each of them a way of its own."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secretctl.cli import opening, unlock_slots
from secretctl.crypto.kdf import CEILING
from secretctl.errors import StoreError, UnlockError, VaultDamagedError, VaultError
from secretctl.vault import header as headers
from secretctl.vault import slots
from secretctl.vault.header import MOST_PASSPHRASES, MOST_SLOTS, Header, Slot
from secretctl.vault.vault import Vault
from tests.conftest import Service, World, change_slots

PASSPHRASE = "correct horse battery"


def key_slot(world: World, vault: Vault) -> Slot:
    """Return a slot for a new key file."""
    return unlock_slots.key_file_slot(vault, os.urandom(32), world.context)


def with_passphrases(world: World, vault: Vault, number: int) -> tuple[Slot, ...]:
    """Return slots of passphrases that differ in their ids alone."""
    slot = unlock_slots.passphrase_slot(vault, PASSPHRASE, world.context)
    return tuple(slot._replace(id=bytes((index,)) * 8) for index in range(number))


def test_a_slot_too_many_is_refused_and_the_vault_stays(world: World, vault: Vault) -> None:
    """The last slot that fits is added, the next refused, and the vault opens as before."""
    room = MOST_SLOTS - len(vault.header().slots)
    more = tuple(key_slot(world, vault) for _ in range(room))
    change_slots(world, vault, lambda header: header._replace(slots=(*header.slots, *more)))
    with pytest.raises(VaultError, match="at most 64 unlock slots"):
        change_slots(world, vault, lambda header: slots.added(header, key_slot(world, vault)))
    opening.open_vault(world.directory, world.context).close()


def test_a_passphrase_too_many_is_refused(world: World, vault: Vault) -> None:
    """Eight are added, a ninth is not."""
    *some, last = with_passphrases(world, vault, MOST_PASSPHRASES + 1)
    for slot in some:
        change_slots(world, vault, lambda header, slot=slot: slots.added(header, slot))  # type: ignore[misc]
    with pytest.raises(VaultError, match="at most 8 passphrases"):
        change_slots(world, vault, lambda header: slots.added(header, last))
    opening.open_vault(world.directory, world.context).close()


def test_no_header_is_written_that_would_not_be_read(world: World, vault: Vault) -> None:
    """Whoever made it: a header with too many slots has no stored form."""
    header = vault.header()
    for crowd in (
        (key_slot(world, vault)._replace(id=bytes((index,)) * 8) for index in range(65)),
        with_passphrases(world, vault, 9),
    ):
        with pytest.raises(VaultError, match="at most"):
            headers.encode(header._replace(slots=tuple(crowd)), vault.keys.root)


def test_a_forged_header_cannot_multiply_the_cost(world: World, vault: Vault) -> None:
    """More passphrases than may be are refused before the first is tried."""
    eight = with_passphrases(world, vault, MOST_PASSPHRASES)
    stored = headers.encode(vault.header()._replace(slots=eight), vault.keys.root)
    assert headers.decode(stored).slots == eight
    begin = stored.index(b'"slots":[') + len(b'"slots":[')
    ninth = stored[begin : stored.index(b"},{") + 2].replace(b"0000000000000000", b"ff" * 8)
    with pytest.raises(VaultDamagedError, match="too many passphrases"):
        headers.decode(stored[:begin] + ninth + stored[begin:])


def failing(vault: Vault, error: BaseException, *, behind: bool) -> None:
    """Let the next commit of *vault* end in *error*: before anything is written, or behind it."""
    commit = vault.engine._commit

    def fail() -> None:
        if behind:
            commit()
        raise error

    vault.engine._commit = fail  # type: ignore[method-assign]


@pytest.mark.parametrize("error", [StoreError("the disk is full"), KeyboardInterrupt()], ids=type)
def test_a_key_file_made_for_nothing_is_removed(
    world: World, service: Service, error: BaseException
) -> None:
    """A failed addition leaves no key file behind; one that was there stays."""
    path = world.home / "keys/second.key"
    failing(service.session.vault, error, behind=False)
    with pytest.raises(type(error)):
        unlock_slots.add_key_file(service.session, str(path), world.context)
    assert not path.exists()
    path.touch(0o600)
    path.write_text(slots.key_file_text(bytes(32)))
    with pytest.raises(type(error)):
        unlock_slots.add_key_file(service.session, str(path), world.context)
    assert path.exists()


def test_a_key_file_that_opens_the_vault_is_kept(world: World, service: Service) -> None:
    """Interrupted behind the commit: the slot is there, so its key file stays."""
    path = world.home / "second.key"
    failing(service.session.vault, KeyboardInterrupt(), behind=True)
    with pytest.raises(KeyboardInterrupt):
        unlock_slots.add_key_file(service.session, str(path), world.context)
    environ = {**world.context.environ, "SECRETCTL_KEY_FILE": str(path)}
    opening.open_vault(world.directory, world.context._replace(environ=environ)).close()


@contextmanager
def memory_left(mebibytes: int) -> Iterator[None]:
    """Let the process have that much more memory."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + (mebibytes << 20), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def test_a_slot_that_takes_more_memory_than_there_is_says_so(world: World, vault: Vault) -> None:
    """The dearest slot a vault may hold, on a machine too small for it: an error that tells why."""
    (slot,) = with_passphrases(world, vault, 1)
    dear = slot._replace(kdf=CEILING._replace(iterations=3))
    header = Header(vault.keys.vault_id, 0, (dear,))
    with memory_left(512), pytest.raises(UnlockError, match=r"not enough memory.* 2048 MiB"):
        slots.open_with_passphrase(header, PASSPHRASE)


KEY = bytes(range(32))
NO_KEY_FILES = {
    "empty": b"",
    "no mark": KEY.hex().encode() + b"\n",
    "another mark": b"SECRETCTL-KEY-2 " + KEY.hex().encode() + b"\n",
    "short": b"SECRETCTL-KEY-1 " + KEY[1:].hex().encode() + b"\n",
    "long": b"SECRETCTL-KEY-1 00" + KEY.hex().encode() + b"\n",
    "capitals": b"SECRETCTL-KEY-1 " + KEY.hex().upper().encode() + b"\n",
    "no digits": b"SECRETCTL-KEY-1 " + b"x" * 64 + b"\n",
    "no ASCII": b"SECRETCTL-KEY-1 " + b"\xff" * 64 + b"\n",
    "blanks": b"SECRETCTL-KEY-1 " + b" " * 62 + b"00\n",
    "two lines": b"SECRETCTL-KEY-1 " + KEY.hex().encode() + b"\n\n",
}


def test_a_key_file_is_read_as_it_was_written() -> None:
    """With its newline, or without."""
    text = slots.key_file_text(KEY)
    assert slots.parse_key_file(text.encode()) == slots.parse_key_file(text[:-1].encode()) == KEY


@pytest.mark.parametrize("text", NO_KEY_FILES.values(), ids=NO_KEY_FILES)
def test_no_other_text_is_a_key_file(text: bytes) -> None:
    """There is one spelling of a key, and what was read instead is not repeated."""
    with pytest.raises(UnlockError, match=r"^the key file is not one of secretctl's$"):
        slots.parse_key_file(text)


def test_the_last_slot_stays() -> None:
    """Nothing would open the vault again; nor is a slot removed that is not there."""
    one, other = Slot(b"1" * 8, "key-file", 0, b""), Slot(b"2" * 8, "key-file", 0, b"")
    both = Header(bytes(16), 0, (one, other))
    assert slots.removed(both, one.id).slots == (other,)
    with pytest.raises(VaultError, match="the last unlock slot cannot be removed"):
        slots.removed(both._replace(slots=(one,)), one.id)
    with pytest.raises(VaultError, match="there is no such unlock slot"):
        slots.removed(both, b"3" * 8)
