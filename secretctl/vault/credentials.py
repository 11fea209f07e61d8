"""Credentials of principals: what an access key opens of the vault, and nothing more.

A credential's record holds the access keys, those of the journal left out but for what hides names
and what vouches for the trust file, and the private key of its principal. Its secret half, 240
random bits, gives a key pair whose public key is enough to make the record anew, with other keys in
it. Keys for values are granted to the principal's public key, one by one (`grants`). The secret
itself is kept for the owner (`escrow`).

    place       = "c" | SHA-256("secretctl/v1/credential" | 0 | vault id | access key id)[:16]
    private key = derive(secret access key | 0 | session token, "credential", vault id)
    record      = a key, sealed to that pair | what it opens, sealed under that key

A credential that is set aside lies at its place as well, sealed once more under the root key, with
a zero byte before it: it opens nothing until the owner puts it back.

    0 | sealed under derive(root key, "inactive-credential", vault id)
"""

from __future__ import annotations

import os

from secretctl import json_text
from secretctl.crypto.hashing import sha256
from secretctl.crypto.keys import KEY_BYTES, derive
from secretctl.crypto.seal import SealError, open_sealed, seal
from secretctl.domain.credential import Given
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import layout
from secretctl.vault.keyring import AccessKeys
from secretctl.vault.unlocked import Holder, JournalKeys, Keys

if TYPE_CHECKING:
    from typing import Any

    from secretctl.vault.transaction import Transaction

_FIELD = b"credential"
_KEY_FIELD = b"credential-key"
_ASIDE = b"inactive-credential"
_MARK_ASIDE = b"\0"
_MARK = b"secretctl/v1/credential\0"
_PLACE_BYTES = 16


def place(vault_id: bytes, key_id: str) -> bytes:
    """Return the key of a credential's record."""
    hashed = sha256(_MARK + vault_id + key_id.encode("utf-8", "replace")).digest()
    return layout.CREDENTIAL + hashed[:_PLACE_BYTES]


def public_of(given: Given, vault_id: bytes) -> bytes:
    """Return the public key (32 bytes) to which what a credential opens is sealed."""
    from secretctl.crypto.recipients import public_key

    return public_key(_private_key(given, vault_id))


def put(transaction: Transaction, keys: Keys, public: bytes, holder: Holder) -> None:
    """Keep the credential of *holder*, which *public* (32 bytes, `public_of`) is of."""
    from secretctl.crypto.recipients import seal_to

    where = place(keys.vault_id, holder.key_id)
    access = keys.access
    fields = {
        "name_index": access.name_index.hex(),
        "metadata": access.metadata.hex(),
        "state": access.state.hex(),
        "names": keys.journal.names.hex(),
        "trust": keys.journal.trust.hex(),
        "former_trust": [key.hex() for key in keys.journal.former_trust],
        "account": access.account,
        "escrow": keys.escrow.hex(),
        "holder": {**holder._asdict(), "private_key": holder.private_key.hex()},
    }
    plain, key = json_text.compact(fields).encode(), os.urandom(KEY_BYTES)
    sealed_key = seal_to(public, keys.where(_KEY_FIELD, where), key)
    transaction.put_record(where, sealed_key + seal(key, keys.where(_FIELD, where), plain))


def remove(transaction: Transaction, keys: Keys, key_id: str) -> None:
    """Remove a credential, and its secret if that was kept."""
    where = place(keys.vault_id, key_id)
    transaction.delete_record(where)
    from secretctl.vault import escrow  # reading needs none

    transaction.delete_record(escrow.place(where))


def set_aside(transaction: Transaction, keys: Keys, key_id: str) -> None:
    """Let a credential open nothing, until it is put back.

    Raises:
        VaultDamagedError: There is none.
    """
    where = place(keys.vault_id, key_id)
    stored = _stored(transaction, where)
    sealing_key = derive(keys.root, _ASIDE.decode(), keys.vault_id)
    sealed = seal(sealing_key, keys.where(_ASIDE, where), stored)
    transaction.put_record(where, _MARK_ASIDE + sealed)


def put_back(transaction: Transaction, keys: Keys, key_id: str) -> None:
    """Let a credential that was set aside open what it did.

    Raises:
        VaultDamagedError: There is none, or it was not set aside.
    """
    where = place(keys.vault_id, key_id)
    inner = _opened_aside(keys, where, _stored(transaction, where))
    if inner is None:
        raise _damaged()
    transaction.put_record(where, inner)


def is_aside(keys: Keys, key_id: str, stored: bytes) -> bool:
    """Tell whether the record of a credential is one that was set aside; the root key tells."""
    return _opened_aside(keys, place(keys.vault_id, key_id), stored) is not None


def opens_nothing(stored: bytes) -> bool:
    """Tell whether the record of a credential says that it was set aside."""
    return stored.startswith(_MARK_ASIDE)


def unlocked(given: Given, vault_id: bytes, stored: bytes) -> Keys | None:
    """Return the keys that *given* opens; None if its secret is another.

    Args:
        given: What the user has.
        vault_id: Of the vault.
        stored: The record at the credential's place.

    Raises:
        VaultDamagedError: What was sealed cannot be read.
    """
    try:
        plain = _opened(given, vault_id, stored)
    except SealError:
        return None
    try:
        fields: dict[str, Any] = json_text.of_bytes(plain)
        account, said = fields.pop("account"), fields.pop("holder")
        owners = bytes.fromhex(fields.pop("escrow", ""))  # not there in those of an older program
        former = tuple([bytes.fromhex(key) for key in fields.pop("former_trust", ())])
        held = {name: bytes.fromhex(value) for name, value in fields.items()}
        journal = JournalKeys(held.pop("names"), held.pop("trust"), former_trust=former)
        access = AccessKeys(held["name_index"], held["metadata"], held["state"], b"", account)
        private_key = bytes.fromhex(said.pop("private_key"))
        tags = tuple([(key, value) for key, value in said.pop("tags")])
        policies = tuple([(name, text) for name, text in said.pop("policies")])
        passing = tuple(said.pop("transitive", ()))  # not there in those of an older program
        holder = Holder(
            **said, private_key=private_key, tags=tags, policies=policies, transitive=passing
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        raise _damaged() from None
    if len(private_key) != KEY_BYTES or holder.key_id != given.key_id:
        raise _damaged()
    return Keys(vault_id, b"", access, holder, journal, owners)


def is_made(keys: Keys, given: Given, stored: bytes, holder: Holder) -> bool:
    """Tell whether a record is one that the owner's program made for *holder*, who has *given*.

    Whoever has the keys of the vault can write others there, junk or what misleads its user.
    """
    try:
        found = unlocked(given, keys.vault_id, stored)
    except VaultDamagedError:
        return False
    if found is None or found.holder != holder:
        return False
    journal, access = keys.journal, keys.access._replace(journal=b"", former=(), vouches=0)
    return (
        found.access == access
        and (found.journal.names, found.journal.trust) == (journal.names, journal.trust)
        and found.escrow in (keys.escrow, b"")  # not there in those of an older program
    )


def _opened(given: Given, vault_id: bytes, stored: bytes) -> bytes:
    from secretctl.crypto.hpke import SEALED_KEY_BYTES, open_with

    where = place(vault_id, given.key_id)
    private = _private_key(given, vault_id)
    for_key = layout.record_context(vault_id, _KEY_FIELD, where)
    key = open_with(private, for_key, stored[:SEALED_KEY_BYTES])
    context = layout.record_context(vault_id, _FIELD, where)
    return open_sealed(key, context, stored[SEALED_KEY_BYTES:])


def _stored(transaction: Transaction, where: bytes) -> bytes:
    stored = transaction.stored_record(where)
    if stored is None:
        raise VaultDamagedError("a credential of the vault is missing", "secretctl fsck")
    return stored


def _opened_aside(keys: Keys, where: bytes, stored: bytes) -> bytes | None:
    sealing_key = derive(keys.root, _ASIDE.decode(), keys.vault_id)
    try:
        return open_sealed(sealing_key, keys.where(_ASIDE, where), stored.removeprefix(_MARK_ASIDE))
    except SealError:
        return None


def _damaged() -> VaultDamagedError:
    return VaultDamagedError("a credential of the vault cannot be read", "secretctl fsck")


def _private_key(given: Given, vault_id: bytes) -> bytes:
    secret = f"{given.secret}\0{given.session_token}".encode("utf-8", "replace")
    return derive(secret, "credential", vault_id)
