"""Grants on KMS keys: what a principal may do with a key, and the key's material sealed to it.

A grant's record is sealed like the metadata of secrets. While a principal has a grant to decrypt
or to generate data keys, all material of the key is sealed to its public key (`grants`).
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.crypto.keys import mac
from secretctl.crypto.seal import context
from secretctl.domain.kms import Key, Pairs
from secretctl.domain.kms_grants import NEED_MATERIAL, Grant
from secretctl.domain.principals import ROLE, USER, Role, User
from secretctl.domain.principals import arn as arn_of
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import grants, layout, principals

if TYPE_CHECKING:
    from typing import Any

    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

_FIELD = b"kms-grant"
_HASH_BYTES = 16
_KEY_PART = slice(1 + _HASH_BYTES, 1 + 2 * _HASH_BYTES)


def of(view: View, grantee_id: str, key_id: str) -> list[Grant]:
    """Return what is granted to a principal on a key."""
    prefix = _prefix(view, grantee_id) + _hashed_key(view, key_id)
    return [_decoded(stored) for stored in view.sealed_records(_FIELD, prefix)]


def on(view: View, key_id: str) -> list[Grant]:
    """Return all grants on a key, oldest first."""
    part = _hashed_key(view, key_id)
    places = [each for each in view.stored_keys(layout.KMS_GRANT) if each[_KEY_PART] == part]
    found = [_decoded(view.sealed_record(_FIELD, each) or b"") for each in places]
    return sorted(found, key=lambda grant: (grant.created_ms, grant.id))


def all_of(view: View) -> list[Grant]:
    """Return all grants of the vault."""
    return [_decoded(stored) for stored in view.sealed_records(_FIELD, layout.KMS_GRANT)]


def put(transaction: Transaction, grant: Grant, key: Key, public: bytes) -> None:
    """Keep a new grant, and seal to the grantee what it needs of *key*.

    Args:
        transaction: Of the owner.
        grant: What is granted.
        key: The key it is about.
        public: The grantee's public key, 32 bytes.
    """
    plain = json_text.compact(grant).encode()
    transaction.put_sealed(_FIELD, place(transaction, grant), plain)
    if NEED_MATERIAL.intersection(grant.operations):
        for material in key.materials:
            _seal(transaction, (grant.grantee_id, public), material.id)


def remove(transaction: Transaction, grant: Grant, key: Key) -> None:
    """Remove a grant, and what was sealed to the grantee if no other grant needs it."""
    transaction.delete_record(place(transaction, grant))
    left = of(transaction, grant.grantee_id, grant.key_id)
    if not any(NEED_MATERIAL.intersection(each.operations) for each in left):
        for material in key.materials:
            grants.take(transaction, grant.grantee_id, bytes.fromhex(material.id))


def remove_all(transaction: Transaction, key: Key) -> None:
    """Remove every grant on a key that is deleted."""
    for grant in on(transaction, key.id):
        remove(transaction, grant, key)


def forget(transaction: Transaction, principal_id: str) -> None:
    """Remove all grants of a principal that is deleted."""
    for where in list(transaction.stored_keys(_prefix(transaction, principal_id))):
        transaction.delete_record(where)


def seal_to_all(transaction: Transaction, key: Key, material: str) -> None:
    """Seal new material to every principal that has a grant which needs it."""
    holders = {
        (grant.grantee_id, grant.grantee)
        for grant in on(transaction, key.id)
        if NEED_MATERIAL.intersection(grant.operations)
    }
    for grantee_id, arn in sorted(holders):
        found = grantee(transaction, arn)
        if found is None or found.id != grantee_id:
            raise VaultDamagedError("a grant is nobody's", "secretctl fsck")
        _seal(transaction, (grantee_id, bytes.fromhex(found.public_key)), material)


def grantee(view: View, arn: str) -> User | Role | None:
    """Return the user or role that an ARN names; None if there is none."""
    for kind in (USER, ROLE):
        if f":{kind}/" in arn:
            found = principals.find(view, kind, arn.rpartition("/")[2])
            if isinstance(found, User | Role) and arn_of(found, view.account) == arn:
                return found
    return None


def place(view: View, grant: Grant) -> bytes:
    """Return the key of a grant's record."""
    head = _prefix(view, grant.grantee_id) + _hashed_key(view, grant.key_id)
    return head + bytes.fromhex(grant.id)


def _seal(transaction: Transaction, to: grants.Grantee, material: str) -> None:
    material_id = bytes.fromhex(material)
    kek = transaction.kek(material_id).key
    grants.give(transaction, transaction.keys, to, material_id, kek)


def _prefix(view: View, grantee_id: str) -> bytes:
    return layout.KMS_GRANT + grants.hashed(view, grantee_id)


def _hashed_key(view: View, key_id: str) -> bytes:
    return mac(view.index_key, context(b"kms-key", key_id.encode()))[:_HASH_BYTES]


def _decoded(stored: bytes) -> Grant:
    try:
        fields: list[Any] = json_text.read(stored.decode())
        grant = Grant(*fields)
        return grant._replace(
            operations=tuple(grant.operations),
            context_subset=_pairs(grant.context_subset),
            context_equals=_pairs(grant.context_equals),
        )
    except (ValueError, TypeError, LookupError):
        raise VaultDamagedError("a grant cannot be read", "secretctl fsck") from None


def _pairs(pairs: Any) -> Pairs | None:
    return None if pairs is None else tuple((name, value) for name, value in pairs)
