"""Key pairs of users and roles: a new one, to which all that they have is sealed anew.

Whoever kept the old private key opens nothing with it that is sealed from then on.
"""

from __future__ import annotations

from secretctl.crypto.keys import KEY_BYTES
from secretctl.domain.kms_grants import NEED_MATERIAL
from secretctl.domain.principals import INACTIVE, USER, Role, User
from secretctl.record import TYPE_CHECKING
from secretctl.vault import credentials, grants, kms_granting, kms_grants, layout, principals
from secretctl.vault.unlocked import Holder

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.vault.transaction import Transaction

Pair = tuple[bytes, bytes]
"""Private and public key."""


def new_pair(random: Callable[[int], bytes]) -> Pair:
    """Return a new key pair of X25519."""
    from secretctl.crypto.recipients import public_key

    private = random(KEY_BYTES)
    return private, public_key(private)


def can_be_renewed(holder: User | Role) -> bool:
    """Tell whether the access keys can be sealed anew; those of an older program cannot."""
    return isinstance(holder, Role) or all(key.public_key for key in holder.access_keys)


def renew(transaction: Transaction, holder: User | Role, pair: Pair) -> None:
    """Keep a user or role with another key pair.

    Its access keys stay good, sessions of a role end. Its grants are sealed to the new key; keys
    of roles, which were sealed to it or to others because of it, are taken away: `trusting` gives
    them to whom they are due.

    Args:
        transaction: Of the owner.
        holder: Who is to be kept; it can be renewed.
        pair: Its new one.
    """
    private, public = pair
    grants.forget(transaction, holder.id)
    grants.keep_private(transaction, transaction.keys, holder.id, private)
    if isinstance(holder, Role):
        for key_id, _ in holder.sessions:
            credentials.remove(transaction, transaction.keys, key_id)
        grants.take_from_all(transaction, grants.role_key_id(holder.id))
        holder = holder._replace(sessions=())
    else:
        seal_access_keys(transaction, holder, private)
    principals.put(transaction, holder._replace(public_key=public.hex()))
    _seal_material(transaction, (holder.id, public))


def seal_access_keys(transaction: Transaction, user: User, private: bytes) -> None:
    """Make the credentials of a user's access keys anew, inactive ones set aside."""
    keys = transaction.keys
    for key in user.access_keys:
        holder = Holder(key.id, USER, user.name, user.path, user.id, private)
        credentials.put(transaction, keys, bytes.fromhex(key.public_key), holder)
        if key.status == INACTIVE:
            credentials.set_aside(transaction, keys, key.id)


def _seal_material(transaction: Transaction, to: grants.Grantee) -> None:
    """Seal what is granted to a principal; material that is lost is left out."""
    directory = transaction.kms_directory()
    granted = {
        material.id
        for grant in kms_grants.all_of(transaction)
        if grant.grantee_id == to[0] and NEED_MATERIAL.intersection(grant.operations)
        if grant.key_id in directory.keys
        for material in directory.keys[grant.key_id].materials
    }
    for material in sorted(granted):
        if transaction.stored_record(layout.KEK + bytes.fromhex(material)) is not None:
            kms_granting.seal(transaction, to, material)
