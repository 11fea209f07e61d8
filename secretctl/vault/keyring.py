"""The keys behind the root key.

*Access keys* find and open everything but values: names, metadata, the state, the journal.
*Key-encryption keys* (AWS's KMS keys) wrap the data keys of versions, and each is sealed by
itself, so that somebody can be given the access keys and only some of these.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.crypto.keys import KEY_BYTES, derive
from secretctl.crypto.seal import SealError, open_sealed, seal
from secretctl.errors import VaultDamagedError
from secretctl.record import NamedTuple
from secretctl.vault.layout import ACCESS, KEK, record_context

Former = tuple[bytes, int]
"""A journal key that was replaced, and the last segment of the journal that is under it."""


class AccessKeys(NamedTuple):
    """Keys to find and read everything but values, 32 bytes each; and whose vault it is."""

    name_index: bytes
    metadata: bytes
    state: bytes
    journal: bytes
    account: str
    """Twelve digits."""

    former: tuple[Former, ...] = ()
    """Oldest first."""

    vouches: int = 0
    """Whether the vault must have a record of what its owner vouches for: 1 of any kind, as an
    older program made it, 2 of today's (`vouched`)."""


def seal_access(root_key: bytes, vault_id: bytes, keys: AccessKeys) -> bytes:
    """Return the stored record of *keys*."""
    fields: dict[str, object] = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in keys._asdict().items()
    }
    fields["former"] = [(key.hex(), through) for key, through in keys.former]
    return seal(
        derive(root_key, "access", vault_id),
        record_context(vault_id, b"access", ACCESS),
        json_text.compact(fields).encode(),
    )


def open_access(root_key: bytes, vault_id: bytes, stored: bytes) -> AccessKeys:
    """Open the stored record of the access keys.

    Raises:
        VaultDamagedError: It is not what was written.
    """
    try:
        plain = open_sealed(
            derive(root_key, "access", vault_id),
            record_context(vault_id, b"access", ACCESS),
            stored,
        )
        fields = json_text.of_bytes(plain)
        account, vouches = fields.pop("account"), int(fields.pop("vouches", 0))
        former = [(bytes.fromhex(key), through) for key, through in fields.pop("former", ())]
        return AccessKeys(
            **{name: bytes.fromhex(value) for name, value in fields.items()},
            account=account,
            former=tuple(former),
            vouches=vouches,
        )
    except (SealError, ValueError, KeyError, TypeError):
        raise VaultDamagedError("the vault's access keys are damaged", "secretctl fsck") from None


def up_to(former: tuple[Former, ...], segment: int) -> tuple[Former, ...]:
    """Return which journal keys were replaced in a journal that ends with *segment*."""
    kept: list[Former] = []
    first = 1
    for key, through in former:
        if first <= segment:
            kept.append((key, min(through, segment)))
        first = through + 1
    return tuple(kept)


def seal_kek(root_key: bytes, vault_id: bytes, key_id: bytes, kek: bytes) -> bytes:
    """Return the stored record of a key-encryption key."""
    return seal(
        derive(root_key, "keyring", vault_id), record_context(vault_id, b"kek", KEK + key_id), kek
    )


def open_kek(root_key: bytes, vault_id: bytes, key_id: bytes, stored: bytes | None) -> bytes:
    """Open the stored record of a key-encryption key.

    Raises:
        VaultDamagedError: It is missing or not what was written.
    """
    try:
        kek = open_sealed(
            derive(root_key, "keyring", vault_id),
            record_context(vault_id, b"kek", KEK + key_id),
            stored or b"",
        )
        if len(kek) != KEY_BYTES:
            raise SealError
    except SealError:
        raise VaultDamagedError("a key of the vault is damaged", "secretctl fsck") from None
    else:
        return kek
