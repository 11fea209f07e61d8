"""Keys of principals that are missing or are not what they should be, and made anew.

Whoever holds a credential can remove or change the record of a private key, or that of an access
key. All it takes to make them anew is the owner's.
"""

from __future__ import annotations

from secretctl.domain.credential import Given
from secretctl.domain.principals import ACTIVE, INACTIVE, ROLE, USER, Role, User
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import credentials, escrow, grants, key_pairs, layout, principals
from secretctl.vault.unlocked import Holder
from secretctl.vault.vouching import CHANGED, GONE, Difference, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from secretctl.domain.principals import Entity
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

KINDS = (layout.PRIVATE_KEY, layout.CREDENTIAL)
"""Of records."""


def found(view: View) -> Iterator[Difference]:
    """Yield the places of keys of principals that are missing or are not what they should be.

    Nothing may be there that the owner does not vouch for: keys are sealed to whom records name.

    Raises:
        VaultDamagedError: A record of a principal cannot be read.
    """
    for holder in _holders(view):
        if not has_pair(view, holder):
            yield _lost_pair(view, holder)
        for key_id, where in _wrong(view, holder):
            yield _lost(view, where, f"the access key {key_id}")


def mend(
    transaction: Transaction, places: Collection[bytes], random: Callable[[int], bytes]
) -> None:
    """Make anew what `found` yields at *places*; a session of a role ends."""
    for holder in list(_holders(transaction)):
        wrong = {key_id for key_id, where in _wrong(transaction, holder) if where in places}
        if grants.private_place(transaction, holder.id) in places:
            key_pairs.renew(transaction, holder, key_pairs.new_pair(random))
        elif wrong and isinstance(holder, User):
            private = private_of(transaction, holder)
            key_pairs.seal_access_keys(transaction, holder, private)
        elif wrong and isinstance(holder, Role):
            for key_id in wrong:
                credentials.remove(transaction, transaction.keys, key_id)
            left = tuple([each for each in holder.sessions if each[0] not in wrong])
            principals.put(transaction, holder._replace(sessions=left))


def private_of(view: View, holder: User | Role) -> bytes:
    """Return the private key of a user or role, to be sealed to somebody.

    Raises:
        VaultDamagedError: It is gone, or an older one was put back; `vouching drop` makes another.
    """
    if not has_pair(view, holder):
        raise refusal(view, _lost_pair(view, holder))
    return grants.private_of(view, view.keys, holder.id)


def access_keys(holder: Entity) -> list[tuple[str, bool]]:
    """Return the id of each access key, and whether it is to be set aside."""
    if isinstance(holder, User):
        return [(key.id, key.status == INACTIVE) for key in holder.access_keys]
    return [(key_id, False) for key_id, _ in holder.sessions] if isinstance(holder, Role) else []


def _lost_pair(view: View, holder: User | Role) -> Difference:
    kind = USER if isinstance(holder, User) else ROLE
    where = grants.private_place(view, holder.id)
    return _lost(view, where, f"the key pair of the {kind} {holder.name}")


def _lost(view: View, where: bytes, shown: str) -> Difference:
    how = GONE if view.stored_record(where) is None else CHANGED
    return Difference(where, how, shown, put_back=where)


def _holders(view: View) -> Iterator[User | Role]:
    for kind in (USER, ROLE):
        for each in principals.all_of(view, kind):
            if isinstance(each, User | Role) and key_pairs.can_be_renewed(each):
                yield each


def has_pair(view: View, holder: User | Role) -> bool:
    """Tell whether a private key is kept, and goes with the public one that keys are sealed to."""
    from secretctl.crypto.recipients import public_key

    try:
        private = grants.private_of(view, view.keys, holder.id)
    except VaultDamagedError:
        return False
    return public_key(private).hex() == holder.public_key


def is_other(view: View, holder: Entity, key_id: str, stored: bytes) -> bool:
    """Tell whether the record of a user's access key in use is not what the owner made.

    As far as the secret that was kept of it tells; of a session none is whole.
    """
    if not isinstance(holder, User) or not has_pair(view, holder):
        return False
    keys = view.keys
    try:
        given = Given(key_id, escrow.opened(view, credentials.place(keys.vault_id, key_id)))
    except VaultDamagedError:  # told by itself, as is a secret of another key
        return False
    public = {key.id: key.public_key for key in holder.access_keys if key.status == ACTIVE}
    if not given.secret or credentials.public_of(given, keys.vault_id).hex() != public.get(key_id):
        return False
    private = grants.private_of(view, keys, holder.id)
    made = Holder(key_id, USER, holder.name, holder.path, holder.id, private)
    return not credentials.is_made(keys, given, stored, made)


def _wrong(view: View, holder: User | Role) -> Iterator[tuple[str, bytes]]:
    """Yield id and place of each access key whose record is missing, or not what it should be."""
    keys = view.keys
    for key_id, is_aside in access_keys(holder):
        where = credentials.place(keys.vault_id, key_id)
        stored = view.stored_record(where)
        if (
            stored is None
            or credentials.is_aside(keys, key_id, stored) != is_aside
            or is_other(view, holder, key_id, stored)
        ):
            yield key_id, where
