"""Keys granted to principals: each sealed to the public key of whoever is granted it.

Private keys of principals are kept as well, sealed under the root key, so that the owner can give
a principal another credential.
"""

from __future__ import annotations

from secretctl.crypto.hashing import sha256
from secretctl.crypto.keys import KEY_BYTES, derive, mac
from secretctl.crypto.seal import SealError, context, open_sealed, seal
from secretctl.errors import KeyNotGrantedError, VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import layout

if TYPE_CHECKING:
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.unlocked import Keys
    from secretctl.vault.view import View

Grantee = tuple[str, bytes]
"""Unique id and public key of a principal."""

_FIELD = b"grant"
_PRIVATE = b"private-key"
_HASH_BYTES = 16
GRANTEE = slice(1, 1 + _HASH_BYTES)
"""Of the key of a record that belongs to a principal: the keyed hash of its id."""

KEY_ID = slice(-layout.KEY_ID_BYTES, None)
"""Of the key of a grant's record: which key is granted."""


def give(transaction: Transaction, keys: Keys, grantee: Grantee, key_id: bytes, key: bytes) -> None:
    """Seal *key* to a principal.

    Args:
        transaction: Of the vault.
        keys: Of the vault.
        grantee: Unique id and public key (32 bytes) of the principal.
        key_id: 16 bytes, of a key-encryption key or of the private key of a role.
        key: 32 bytes.
    """
    from secretctl.crypto.recipients import seal_to

    where = place(transaction, grantee[0], key_id)
    transaction.put_record(where, seal_to(grantee[1], keys.where(_FIELD, where), key))


def take(transaction: Transaction, grantee_id: str, key_id: bytes) -> None:
    """Remove a grant, if there is one. What the principal has read before it may have kept."""
    transaction.delete_record(place(transaction, grantee_id, key_id))


def take_from_all(transaction: Transaction, key_id: bytes) -> None:
    """Remove all grants of a key (its id has 16 bytes), whoever they are to."""
    for where in list(transaction.stored_keys(layout.GRANT)):
        if where[KEY_ID] == key_id:
            transaction.delete_record(where)


def forget(transaction: Transaction, principal_id: str) -> None:
    """Remove the private key of a principal that is deleted, and all that was granted to it."""
    transaction.delete_record(private_place(transaction, principal_id))
    for where in list(transaction.stored_keys(prefix(transaction, principal_id))):
        transaction.delete_record(where)


def opened(view: View, keys: Keys, key_id: bytes) -> bytes:
    """Return a key that is granted to whoever holds *keys*.

    Raises:
        KeyNotGrantedError: It is not.
        VaultDamagedError: What is granted is not what was written.
    """
    from secretctl.crypto.hpke import open_with

    holder = keys.holder
    where = place(view, holder.id, key_id) if holder else b""
    stored = view.stored_record(where) if holder else None
    if stored is None or holder is None:
        raise KeyNotGrantedError
    try:
        key = open_with(holder.private_key, keys.where(_FIELD, where), stored)
        if len(key) != KEY_BYTES:
            raise SealError
    except SealError:
        raise VaultDamagedError("a grant of the vault is damaged", "secretctl fsck") from None
    return key


def keep_private(transaction: Transaction, keys: Keys, principal_id: str, private: bytes) -> None:
    """Keep the private key of a principal, sealed under the root key."""
    where = private_place(transaction, principal_id)
    sealing_key = derive(keys.root, "principals", keys.vault_id)
    transaction.put_record(where, seal(sealing_key, keys.where(_PRIVATE, where), private))


def private_of(view: View, keys: Keys, principal_id: str) -> bytes:
    """Return the private key of a principal; the root key opens it.

    Raises:
        VaultDamagedError: It is missing, or not what was written.
    """
    where = private_place(view, principal_id)
    sealing_key = derive(keys.root, "principals", keys.vault_id)
    try:
        return open_sealed(
            sealing_key, keys.where(_PRIVATE, where), view.stored_record(where) or b""
        )
    except SealError:
        raise VaultDamagedError("a principal's key is damaged", "secretctl fsck") from None


def role_key_id(role_id: str) -> bytes:
    """Return the id (16 bytes) under which the private key of a role is granted."""
    return sha256(b"secretctl/v1/role\0" + role_id.encode()).digest()[: layout.KEY_ID_BYTES]


def place(view: View, grantee_id: str, key_id: bytes) -> bytes:
    """Return the key of what is granted to a principal."""
    return prefix(view, grantee_id) + key_id


def prefix(view: View, grantee_id: str) -> bytes:
    """Return what the keys of all that is granted to a principal begin with."""
    return layout.GRANT + hashed(view, grantee_id)


def private_place(view: View, principal_id: str) -> bytes:
    """Return the key of the record of a principal's private key."""
    return layout.PRIVATE_KEY + hashed(view, principal_id)


def hashed(view: View, principal_id: str) -> bytes:
    """Return the keyed hash under which a principal's keys and grants are found, 16 bytes."""
    return mac(view.index_key, context(b"grantee", principal_id.encode()))[:_HASH_BYTES]
