"""Principals and what is granted to them, written anew under new keys.

Each user and role has a new key pair, for whoever held the old root key had the private keys. What
an access key opens is sealed to the key pair of its secret: it stays good, and its secret is kept
for the owner's new key pair. The sessions of roles end.
"""

from __future__ import annotations

from secretctl.domain.principals import KINDS, ROLE, Role, User
from secretctl.record import TYPE_CHECKING
from secretctl.vault import credentials, escrow, grants, kms_granting, kms_grants, principals
from secretctl.vault.key_pairs import Pair, new_pair, seal_access_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View


def write_principals(view: View, transaction: Transaction, random: Callable[[int], bytes]) -> None:
    """Write users, groups, roles and managed policies, access keys and grants.

    Args:
        view: The vault as it is, its owner's.
        transaction: Of the new one, which has the KMS keys already.
        random: Source of keys.

    Raises:
        VaultDamagedError: A record is not what was written.
    """
    pairs: dict[str, Pair] = {}
    for kind in KINDS:
        for entity in principals.all_of(view, kind):
            if isinstance(entity, User | Role):
                pairs[entity.id] = _write_holder(view, transaction, entity, new_pair(random))
            else:
                principals.put(transaction, entity)
    _write_grants(view, transaction, pairs)
    _write_role_keys(view, transaction, pairs)


def _write_holder(view: View, transaction: Transaction, entity: User | Role, pair: Pair) -> Pair:
    """Write a user or role that has the key pair *pair*."""
    private, public = pair
    grants.keep_private(transaction, transaction.keys, entity.id, private)
    if isinstance(entity, User):
        _write_access_keys(view, transaction, entity, private)
        principals.put(transaction, entity._replace(public_key=public.hex()))
    else:
        principals.put(transaction, entity._replace(public_key=public.hex(), sessions=()))
    return pair


def _write_access_keys(view: View, transaction: Transaction, user: User, private: bytes) -> None:
    keys = transaction.keys
    seal_access_keys(transaction, user, private)
    for key in user.access_keys:
        where = credentials.place(keys.vault_id, key.id)
        escrow.keep(transaction, keys, where, escrow.opened(view, where))


def _write_grants(view: View, transaction: Transaction, pairs: dict[str, Pair]) -> None:
    directory = transaction.kms_directory()
    for grant in kms_grants.all_of(view):
        key, (_, public) = directory.keys[grant.key_id], pairs[grant.grantee_id]
        kms_granting.put(transaction, grant, key, public)


def _write_role_keys(view: View, transaction: Transaction, pairs: dict[str, Pair]) -> None:
    """Grant the private keys of roles to whom they were granted."""
    for role in principals.all_of(view, ROLE):
        key_id = grants.role_key_id(role.id)
        for grantee_id, (_, public) in pairs.items():
            if view.stored_record(grants.place(view, grantee_id, key_id)) is not None:
                grantee, private = (grantee_id, public), pairs[role.id][0]
                grants.give(transaction, transaction.keys, grantee, key_id, private)
