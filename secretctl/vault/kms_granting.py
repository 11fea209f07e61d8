"""Giving grants on KMS keys, and taking them: the material is sealed to who needs it.

While a principal has a grant to decrypt or to generate data keys, all material of the key is sealed
to its public key (`grants`).
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.kms import Key
from secretctl.domain.kms_grants import NEED_MATERIAL, Grant
from secretctl.domain.principals import ROLE, USER, Role, User
from secretctl.domain.principals import arn as arn_of
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import grants, kms_grants, principals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secretctl.domain.kms import Directory
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View


def put(transaction: Transaction, grant: Grant, key: Key, public: bytes) -> None:
    """Keep a new grant, and seal to the grantee what it needs of *key*.

    Args:
        transaction: Of the owner.
        grant: What is granted.
        key: The key it is about.
        public: The grantee's public key, 32 bytes.
    """
    plain = json_text.compact(grant).encode()
    transaction.put_sealed(kms_grants.FIELD, kms_grants.place(transaction, grant), plain)
    if NEED_MATERIAL.intersection(grant.operations):
        for material in key.materials:
            seal(transaction, (grant.grantee_id, public), material.id)


def remove(transaction: Transaction, grant: Grant, key: Key) -> None:
    """Remove a grant, and what was sealed to the grantee if no other grant needs it."""
    transaction.delete_record(kms_grants.place(transaction, grant))
    left = kms_grants.of(transaction, grant.grantee_id, grant.key_id)
    if not any(NEED_MATERIAL.intersection(each.operations) for each in left):
        for material in key.materials:
            grants.take(transaction, grant.grantee_id, bytes.fromhex(material.id))


def remove_all(transaction: Transaction, key: Key) -> None:
    """Remove every grant on a key that is deleted."""
    for grant in kms_grants.on(transaction, key.id):
        remove(transaction, grant, key)


def forget(transaction: Transaction, principal_id: str) -> None:
    """Remove all grants of a principal that is deleted."""
    for where in list(transaction.stored_keys(kms_grants.prefix(transaction, principal_id))):
        transaction.delete_record(where)


def seal_to_all(transaction: Transaction, key: Key, material: str) -> None:
    """Seal new material to every principal that has a grant which needs it."""
    holders = {
        (grant.grantee_id, grant.grantee): grant
        for grant in kms_grants.on(transaction, key.id)
        if NEED_MATERIAL.intersection(grant.operations)
    }
    for holder in sorted(holders):
        seal_to_grantee(transaction, holders[holder], material)


def sealed_places(
    view: View, granted: Iterable[Grant], directory: Directory
) -> dict[bytes, tuple[Grant, str]]:
    """Return where in the store material has to lie, sealed to a grantee.

    Args:
        view: A moment of the vault.
        granted: Grants of the vault; one on a key that is not there needs no material.
        directory: The KMS keys.

    Returns:
        By the key of the record, the grant it is needed for and the id of the material.
    """
    return {
        grants.place(view, grant.grantee_id, bytes.fromhex(material.id)): (grant, material.id)
        for grant in granted
        if NEED_MATERIAL.intersection(grant.operations) and grant.key_id in directory.keys
        for material in directory.keys[grant.key_id].materials
    }


def seal_to_grantee(transaction: Transaction, grant: Grant, material: str) -> None:
    """Seal a key's material to the principal that has a grant on the key.

    Raises:
        VaultDamagedError: There is no such principal.
    """
    found = grantee(transaction, grant.grantee)
    if found is None or found.id != grant.grantee_id:
        raise VaultDamagedError("a grant is nobody's", "secretctl fsck")
    seal(transaction, (found.id, bytes.fromhex(found.public_key)), material)


def grantee(view: View, arn: str) -> User | Role | None:
    """Return the user or role that an ARN names; None if there is none."""
    for kind in (USER, ROLE):
        if f":{kind}/" in arn:
            found = principals.find(view, kind, arn.rpartition("/")[2])
            if isinstance(found, User | Role) and arn_of(found, view.account) == arn:
                return found
    return None


def seal(transaction: Transaction, to: grants.Grantee, material: str) -> None:
    """Seal a key's material to a principal."""
    material_id = bytes.fromhex(material)
    kek = transaction.kek(material_id).key
    grants.give(transaction, transaction.keys, to, material_id, kek)
