"""What a header may say before it is believed: one that no program writes is damage."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from secretctl.context import CHEAPEST
from secretctl.crypto.keys import MAC_BYTES
from secretctl.errors import SecretctlError, VaultDamagedError, VaultVersionError
from secretctl.vault import header
from secretctl.vault.header import MOST_PASSPHRASES, MOST_SLOTS, Header, Slot

ROOT_KEY = bytes(range(32))
LARGEST_BYTES = 65_536
FILE = Slot(b"12345678", "key-file", 5, b"sealed")
WORDS = Slot(b"abcdefgh", "passphrase", 6, b"sealed", bytes(16), CHEAPEST)
HEADER = Header(b"id of 16 bytes..", 4, (FILE, WORDS))


def with_slots(*slots: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Return what puts other slots into a header, each like the first but for what is given."""

    def change(fields: dict[str, Any]) -> None:
        fields["slots"] = [{**fields["slots"][0], **slot} for slot in slots]

    return change


def several(count: int, **members: object) -> Callable[[dict[str, Any]], None]:
    """Return what puts that many slots into a header, each with an id of its own."""
    return with_slots(*({"id": f"{number:016x}", **members} for number in range(count)))


def read(change: Callable[[dict[str, Any]], object]) -> Header:
    """Return the header that stored bytes say, once *change* was made to them."""
    stored = header.encode(HEADER, ROOT_KEY)
    fields = json.loads(stored[MAC_BYTES:])
    change(fields)
    return header.decode(stored[:MAC_BYTES] + json.dumps(fields).encode())


PASSPHRASE = {"type": "passphrase", "kdf": list(CHEAPEST), "salt": "00" * 16}
WRONG: dict[str, tuple[Callable[[dict[str, Any]], object], type[SecretctlError]]] = {
    "magic": (lambda it: it.update(magic="another vault"), VaultDamagedError),
    "format": (lambda it: it.update(format=2), VaultVersionError),
    "time": (lambda it: it.update(created_ms="4"), VaultDamagedError),
    "short id": (lambda it: it.update(vault_id="00" * 15), VaultDamagedError),
    "no slot": (with_slots(), VaultDamagedError),
    "one slot twice": (with_slots({}, {}), VaultDamagedError),
    "slots": (several(MOST_SLOTS + 1), VaultDamagedError),
    "passphrases": (several(MOST_PASSPHRASES + 1, **PASSPHRASE), VaultDamagedError),
    "id of a slot": (with_slots({"id": "00" * 7}), VaultDamagedError),
    "type of a slot": (with_slots({"type": "token"}), VaultVersionError),
    "no cost": (with_slots({"type": "passphrase", "salt": "00" * 16}), VaultDamagedError),
    "no salt": (with_slots({**PASSPHRASE, "salt": ""}), VaultDamagedError),
    "a cost": (with_slots({**PASSPHRASE, "type": "key-file"}), VaultDamagedError),
    "cheap": (with_slots({**PASSPHRASE, "kdf": [8, 1, 1]}), VaultDamagedError),
    "dear": (with_slots({**PASSPHRASE, "kdf": [1 << 31, 3, 1]}), VaultDamagedError),
}


@pytest.mark.parametrize(("change", "error"), WRONG.values(), ids=WRONG)
def test_a_header_that_no_program_writes_is_refused(
    change: Callable[[dict[str, Any]], object], error: type[SecretctlError]
) -> None:
    """Before its MAC can be checked, for which a slot has to open: whatever is out of bounds."""
    with pytest.raises(error):
        read(change)


@pytest.mark.parametrize("number", [MOST_SLOTS, 1])
def test_a_header_may_have_as_many_slots_as_fit(number: int) -> None:
    """The most, and one."""
    assert len(read(several(number)).slots) == number


def test_as_many_passphrases_as_are_tried_may_be_there() -> None:
    """Each is tried at its own cost."""
    assert len(read(several(MOST_PASSPHRASES, **PASSPHRASE)).slots) == MOST_PASSPHRASES


def test_what_was_written_is_read_and_believed_with_its_key_alone() -> None:
    """The MAC is of the root key, over each byte behind it."""
    stored = header.encode(HEADER, ROOT_KEY)
    assert header.decode(stored) == header.check(stored, ROOT_KEY) == HEADER
    for key, changed in (
        (bytes(32), stored),
        (ROOT_KEY, stored.replace(b'"created_ms":4', b'"created_ms":5')),
        (ROOT_KEY, bytes(MAC_BYTES) + stored[MAC_BYTES:]),
    ):
        with pytest.raises(VaultDamagedError, match="was changed"):
            header.check(changed, key)


@pytest.mark.parametrize("length", [0, MAC_BYTES, LARGEST_BYTES + 1])
def test_bytes_that_are_too_few_or_too_many_are_no_header(length: int) -> None:
    """Blanks behind a header are none of it either, once it is longer than any can be."""
    stored = header.encode(HEADER, ROOT_KEY).ljust(LARGEST_BYTES)
    assert header.decode(stored) == HEADER
    with pytest.raises(VaultDamagedError, match="header is damaged"):
        header.decode(stored.ljust(length)[:length])
    with pytest.raises(VaultDamagedError, match="header is missing"):
        header.decode(None)
