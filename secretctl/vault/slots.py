"""Unlock slots: sealing the root key to a key file or a passphrase, and opening it again."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.context import KdfProfile
from secretctl.crypto.kdf import SALT_BYTES, passphrase_key
from secretctl.crypto.keys import KEY_BYTES, derive
from secretctl.crypto.seal import SealError, open_sealed, seal
from secretctl.errors import UnlockError, VaultError
from secretctl.vault.header import SLOT_ID_BYTES, Header, Slot, check_room, slot_context

KEY_FILE_MARK = "SECRETCTL-KEY-1 "


def key_file_text(file_key: bytes) -> str:
    """Return the text of a key file: a mark, 64 hexadecimal digits, a newline."""
    return f"{KEY_FILE_MARK}{file_key.hex()}\n"


def parse_key_file(text: bytes) -> bytes:
    """Return the 32 bytes of a key file.

    Raises:
        UnlockError: The text is not that of a key file.
    """
    mark = KEY_FILE_MARK.encode()
    digits = text.removesuffix(b"\n").removeprefix(mark)
    if text.startswith(mark) and len(digits) == 2 * KEY_BYTES:
        try:
            key = bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            key = b""
        if key.hex().encode() == digits:
            return key
    raise UnlockError("the key file is not one of secretctl's")


def replaced_mark(vault_id: bytes, file_key: bytes) -> bytes:
    """Return 8 bytes that name what is to replace *file_key* for one vault, and tell nothing."""
    return derive(file_key, "key-file/replaced", vault_id)[:8]


def key_file_slot(
    vault_id: bytes, root_key: bytes, file_key: bytes, random: Callable[[int], bytes], now_ms: int
) -> Slot:
    """Return a slot that *file_key* (32 bytes) opens."""
    slot = Slot(random(SLOT_ID_BYTES), "key-file", now_ms, b"")
    return renewed_key_file(vault_id, slot, root_key, file_key)


def passphrase_slot(  # noqa: PLR0913 each is a fact the slot records
    vault_id: bytes,
    root_key: bytes,
    passphrase: str,
    profile: KdfProfile,
    random: Callable[[int], bytes],
    now_ms: int,
) -> Slot:
    """Return a slot that *passphrase* opens, at the cost of *profile*."""
    slot = Slot(random(SLOT_ID_BYTES), "passphrase", now_ms, b"")
    return renewed_passphrase(vault_id, slot, root_key, passphrase, profile, random)


def renewed_key_file(vault_id: bytes, slot: Slot, root_key: bytes, file_key: bytes) -> Slot:
    """Return *slot*, of a key file, with another root key and for another key file, or the same."""
    return _sealed(vault_id, slot, _file_slot_key(vault_id, file_key), root_key)


def renewed_passphrase(  # noqa: PLR0913 each is a fact the slot records
    vault_id: bytes,
    slot: Slot,
    root_key: bytes,
    passphrase: str,
    profile: KdfProfile,
    random: Callable[[int], bytes],
) -> Slot:
    """Return *slot*, of a passphrase, with another root key, at the cost of *profile*."""
    fresh = slot._replace(salt=random(SALT_BYTES), kdf=profile)
    return _sealed(vault_id, fresh, _passphrase_slot_key(vault_id, fresh, passphrase), root_key)


def of_key_file(header: Header, file_key: bytes) -> Slot | None:
    """Return the slot that *file_key* opens, None where it opens none."""
    alone = (header._replace(slots=(slot,)) for slot in header.slots)
    found = (each.slots[0] for each in alone if by_key_file(each, file_key) is not None)
    return next(found, None)


def of_passphrase(header: Header, passphrase: str) -> Slot | None:
    """Return the slot that *passphrase* opens, None where it opens none.

    Raises:
        UnlockError: There is not enough memory to try one of them.
    """
    alone = (header._replace(slots=(slot,)) for slot in header.slots)
    found = (each.slots[0] for each in alone if by_passphrase(each, passphrase) is not None)
    return next(found, None)


def by_key_file(header: Header, file_key: bytes) -> bytes | None:
    """Return the root key from whichever slot *file_key* opens, None where it opens none."""
    key = _file_slot_key(header.vault_id, file_key)
    for slot in header.slots:
        if slot.type == "key-file":
            try:
                return _opened(header.vault_id, slot, key)
            except SealError:
                continue
    return None


def open_with_passphrase(header: Header, passphrase: str) -> bytes:
    """Return the root key, from whichever slot *passphrase* opens.

    Raises:
        UnlockError: It opens none; a changed slot and a wrong passphrase look alike.
    """
    root_key = by_passphrase(header, passphrase)
    if root_key is None:
        raise UnlockError("the passphrase does not open this vault")
    return root_key


def by_passphrase(header: Header, passphrase: str) -> bytes | None:
    """Return the root key from whichever slot *passphrase* opens, None where it opens none.

    Raises:
        UnlockError: There is not enough memory to try one of them.
    """
    for slot in header.slots:
        if slot.type == "passphrase":
            try:
                return _opened(
                    header.vault_id, slot, _passphrase_slot_key(header.vault_id, slot, passphrase)
                )
            except SealError:
                continue
    return None


def added(header: Header, slot: Slot) -> Header:
    """Return *header* with one slot more.

    Raises:
        VaultError: It has as many as a vault may have.
    """
    more = (*header.slots, slot)
    check_room(more)
    return header._replace(slots=more)


def removed(header: Header, slot_id: bytes) -> Header:
    """Return *header* without the slot *slot_id*.

    Raises:
        VaultError: There is no such slot, or it is the last.
    """
    left = tuple(slot for slot in header.slots if slot.id != slot_id)
    if len(left) == len(header.slots):
        raise VaultError("there is no such unlock slot", "secretctl unlock-slot list")
    if not left:
        raise VaultError(
            "the last unlock slot cannot be removed: nothing would open the vault again",
            "secretctl unlock-slot add --passphrase",
        )
    return header._replace(slots=left)


def _sealed(vault_id: bytes, slot: Slot, key: bytes, root_key: bytes) -> Slot:
    return slot._replace(sealed=seal(key, slot_context(vault_id, slot), root_key))


def _opened(vault_id: bytes, slot: Slot, key: bytes) -> bytes:
    root_key = open_sealed(key, slot_context(vault_id, slot), slot.sealed)
    if len(root_key) != KEY_BYTES:
        raise SealError
    return root_key


def _file_slot_key(vault_id: bytes, file_key: bytes) -> bytes:
    return derive(file_key, "slot/key-file", vault_id)


def _passphrase_slot_key(vault_id: bytes, slot: Slot, passphrase: str) -> bytes:
    if slot.kdf is None:
        raise SealError
    where = b"secretctl/v1/passphrase\0" + vault_id + slot.id
    try:
        stretched = passphrase_key(passphrase, slot.salt, slot.kdf, where)
    except MemoryError:
        needed = slot.kdf.memory_kib // 1024
        raise UnlockError(
            f"there is not enough memory for the passphrase: it takes {needed} MiB"
        ) from None
    return derive(stretched, "slot/passphrase", vault_id)
