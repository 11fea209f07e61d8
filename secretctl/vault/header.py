"""The plain header: which vault this is, and the slots that hold its root key.

Stored as a 32-byte MAC followed by canonical JSON (sorted keys, no spaces, ASCII). The MAC is
keyed from the root key, so it is checked as soon as a slot has opened; until then nothing of
the header is believed but the bounds of its numbers.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.context import KdfProfile
from secretctl.crypto.kdf import SALT_BYTES, within_bounds
from secretctl.crypto.keys import MAC_BYTES, derive, equal, mac
from secretctl.crypto.seal import context
from secretctl.errors import VaultDamagedError, VaultError, VaultVersionError
from secretctl.record import NamedTuple

MAGIC = "secretctl vault"
FORMAT = 1
VAULT_ID_BYTES = 16
SLOT_ID_BYTES = 8
MOST_SLOTS = 64
MOST_PASSPHRASES = 8
"""A passphrase is tried on one slot after the other, each at the cost that the slot names."""

_LARGEST_BYTES = 65_536
SLOT_TYPES = ("key-file", "passphrase")
_SLOTS_HINT = "secretctl unlock-slot list"


class Slot(NamedTuple):
    """One way to open the vault: the root key, sealed under what its owner holds."""

    id: bytes
    type: str
    """``key-file`` or ``passphrase``."""

    created_ms: int
    sealed: bytes
    salt: bytes = b""
    """Argon2id salt of a passphrase slot."""

    kdf: KdfProfile | None = None


class Header(NamedTuple):
    """The header as read; believed only once `check` has passed."""

    vault_id: bytes
    created_ms: int
    slots: tuple[Slot, ...]


def slot_context(vault_id: bytes, slot: Slot) -> bytes:
    """Return the context in which a slot's root key is sealed: all else the slot says."""
    return context(b"slot", vault_id, _json(_slot_fields(slot)))


def check_room(slots: tuple[Slot, ...]) -> None:
    """Refuse more slots than `decode` would read again.

    Raises:
        VaultError: There are too many of them, or too many passphrases.
    """
    if len(slots) > MOST_SLOTS:
        raise VaultError(f"a vault has at most {MOST_SLOTS} unlock slots", _SLOTS_HINT)
    if _passphrases(slots) > MOST_PASSPHRASES:
        raise VaultError(f"a vault has at most {MOST_PASSPHRASES} passphrases", _SLOTS_HINT)


def encode(header: Header, root_key: bytes) -> bytes:
    """Return the stored bytes of *header*.

    Raises:
        VaultError: It has more slots than a vault may.
    """
    check_room(header.slots)
    body = _json(
        {
            "magic": MAGIC,
            "format": FORMAT,
            "vault_id": header.vault_id.hex(),
            "created_ms": header.created_ms,
            "slots": [{**_slot_fields(slot), "sealed": slot.sealed.hex()} for slot in header.slots],
        }
    )
    return _mac(header.vault_id, root_key, body) + body


def decode(stored: bytes | None) -> Header:
    """Read stored bytes without believing them.

    Raises:
        VaultDamagedError: They are missing or not a header, or a number is out of bounds.
        VaultVersionError: A newer program wrote them.
    """
    if stored is None:
        raise VaultDamagedError("the vault's header is missing")
    if not MAC_BYTES < len(stored) <= _LARGEST_BYTES:
        raise VaultDamagedError("the vault's header is damaged")
    try:
        fields = json_text.read(stored[MAC_BYTES:].decode("ascii"))
        if fields["magic"] != MAGIC:
            raise VaultDamagedError("the vault's header is damaged")
        if fields["format"] != FORMAT:
            raise VaultVersionError("the vault's format is not known", "install a newer secretctl")
        header = Header(
            vault_id=bytes.fromhex(fields["vault_id"]),
            created_ms=_whole(fields["created_ms"]),
            slots=tuple(_slot(slot) for slot in fields["slots"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise VaultDamagedError("the vault's header is damaged") from None
    _check_slots(header)
    return header


def check(stored: bytes | None, root_key: bytes) -> Header:
    """Check the header's MAC; return the header, to be believed.

    Raises:
        VaultDamagedError: It is missing, or was changed by somebody without the root key.
    """
    header = decode(stored)
    assert stored is not None
    if not equal(_mac(header.vault_id, root_key, stored[MAC_BYTES:]), stored[:MAC_BYTES]):
        raise VaultDamagedError("the vault's header was changed")
    return header


def _mac(vault_id: bytes, root_key: bytes, body: bytes) -> bytes:
    return mac(derive(root_key, "header", vault_id), body)


def _check_slots(header: Header) -> None:
    ids = {slot.id for slot in header.slots}
    whole = len(header.vault_id) == VAULT_ID_BYTES and 1 <= len(header.slots) <= MOST_SLOTS
    if not whole or len(ids) != len(header.slots):
        raise VaultDamagedError("the vault's header is damaged")
    if _passphrases(header.slots) > MOST_PASSPHRASES:
        raise VaultDamagedError("the vault's header has too many passphrases")


def _passphrases(slots: tuple[Slot, ...]) -> int:
    return sum(slot.type == "passphrase" for slot in slots)


def _slot(fields: dict[str, object]) -> Slot:
    kdf = fields.get("kdf")
    slot = Slot(
        id=bytes.fromhex(str(fields["id"])),
        type=str(fields["type"]),
        created_ms=_whole(fields["created_ms"]),
        sealed=bytes.fromhex(str(fields["sealed"])),
        salt=bytes.fromhex(str(fields.get("salt", ""))),
        kdf=None if kdf is None else KdfProfile(*(_whole(number) for number in _list(kdf))),
    )
    if slot.type not in SLOT_TYPES:
        raise VaultVersionError("the vault has an unlock method this program does not know")
    is_passphrase = slot.type == "passphrase"
    proper_kdf = slot.kdf is not None and within_bounds(slot.kdf) and len(slot.salt) == SALT_BYTES
    if len(slot.id) != SLOT_ID_BYTES or is_passphrase != proper_kdf:
        raise VaultDamagedError("an unlock slot of the vault is damaged")
    return slot


def _slot_fields(slot: Slot) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": slot.id.hex(),
        "type": slot.type,
        "created_ms": slot.created_ms,
    }
    if slot.kdf is not None:
        fields |= {"salt": slot.salt.hex(), "kdf": list(slot.kdf)}
    return fields


def _json(fields: dict[str, object]) -> bytes:
    return json_text.compact(fields, by_name=True).encode("ascii")


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value
