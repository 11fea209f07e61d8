"""Taking away what the owner does not vouch for, by its place in the store, whatever it says.

A record is removed; the directory of KMS keys, which all values need, is put back as the owner left
it, the name of a secret from the secret's own record, and keys of users and roles are made anew; of
another that is gone it is forgotten that it was there. Once nothing is left that is not
vouched for, what depended on it goes too, and what is granted is sealed to whom it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from secretctl.domain.principals import KINDS, ROLE, Role, User
from secretctl.errors import VaultError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import (
    grants,
    kms_granting,
    kms_grants,
    kms_keys,
    layout,
    lost_keys,
    principals,
    strays,
    vouched,
    vouching,
)
from secretctl.vault.vouching import Difference

if TYPE_CHECKING:
    from secretctl.domain.principals import Entity
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

Records = Iterable[tuple[bytes, bytes]]
Random = Callable[[int], bytes]


def droppable(view: View, records: Records, now_ms: int) -> list[Difference]:
    """Return what the owner does not vouch for, and what of all *records* belongs to nothing.

    Args:
        view: Of the owner.
        records: All of the vault's.
        now_ms: Milliseconds since 1970.

    Raises:
        VaultDamagedError: The record of what the owner vouches for cannot be believed.
    """
    known = vouching.read(view)
    there = vouching.digests(view)
    differences = list(vouching.differences(view, known, there, now_ms))
    lost = [] if differences else lost_keys.found(view)
    gone = vouching.gone(known, there)
    told = [Difference(layout.VOUCHED, "", vouching.told_gone(gone))] if gone else []
    return [*differences, *strays.found(view, records), *lost, *told]


def drop(
    transaction: Transaction, places: list[bytes], records: Records, random: Random
) -> list[Difference]:
    """Take away what lies at *places*; return what it was.

    Args:
        transaction: Of the owner, which has changed nothing yet.
        places: Keys of the store, of `droppable`.
        records: All of the vault's.
        random: Source of keys.

    Raises:
        VaultError: At one of them there is nothing of that kind.
    """
    there = droppable(transaction, records, transaction.now_ms)
    dropped = chosen(transaction, there, places)
    transaction.watch(places)
    for each in dropped:
        if each.place == layout.VOUCHED:
            continue  # it is renewed: what is gone is not among what is vouched for any more
        if not each.put_back:
            transaction.delete_record(each.place)
        elif each.place == layout.KEY_DIRECTORY:
            transaction.put_kms_directory(kms_keys.decode(each.put_back, transaction.account))
        elif each.place[:1] == layout.NAME:
            transaction.put_record(each.place, each.put_back)
    lost = {each.place for each in dropped if each.place[:1] in lost_keys.KINDS and each.put_back}
    if lost:
        lost_keys.mend(transaction, lost, random)
    # All that was to be removed may be gone already: a commit is made all the same.
    transaction.go_beyond(transaction.begun.generation)
    if {each.place for each in there} <= {layout.VOUCHED, *places}:
        _settle(transaction)
    return dropped


def chosen(view: View, there: list[Difference], places: list[bytes]) -> list[Difference]:
    """Return what of *there* lies at *places*, each once.

    Raises:
        VaultError: At one of them there is nothing of that kind.
    """
    known = {each.place: each for each in there}
    if not known.keys() >= set(places):
        raise VaultError(
            "at that place there is nothing that the owner does not vouch for",
            vouched.command(view, "list"),
        )
    return [known[where] for where in dict.fromkeys(places)]


def _settle(transaction: Transaction) -> None:
    """Remove what belongs to nobody any more, and seal what is granted to whom it is not sealed."""
    everyone = [each for kind in KINDS for each in principals.all_of(transaction, kind)]
    _delete(transaction, strays.of_no_secret(transaction))
    _delete(transaction, _of_nobody(transaction, everyone))
    _delete(transaction, _on_no_key(transaction))
    _settle_material(transaction)
    transaction.changed_principals += everyone


def _delete(transaction: Transaction, places: Iterable[bytes]) -> None:
    """Delete the records at *places*, all of which are found before the first of them is gone."""
    for where in list(places):
        transaction.delete_record(where)


def _of_nobody(view: View, everyone: list[Entity]) -> Iterator[bytes]:
    """Yield the places of keys, grants and credentials that are of none of *everyone*."""
    holders = {grants.hashed(view, each.id) for each in everyone if isinstance(each, User | Role)}
    for kind in (layout.PRIVATE_KEY, layout.GRANT, layout.KMS_GRANT):
        yield from (each for each in view.stored_keys(kind) if each[grants.GRANTEE] not in holders)
    known = strays.credential_places(view, everyone)
    for kind in (layout.CREDENTIAL, layout.ESCROW):
        yield from (each for each in view.stored_keys(kind) if each not in known)


def _on_no_key(view: View) -> Iterator[bytes]:
    """Yield the places of grants on KMS keys that are not there."""
    keys = view.kms_directory().keys
    for grant in kms_grants.all_of(view):
        if grant.key_id not in keys:
            yield kms_grants.place(view, grant)


def _settle_material(transaction: Transaction) -> None:
    """Let material be sealed to those who have a grant that needs it, and to nobody else."""
    needed = kms_granting.sealed_places(
        transaction, kms_grants.all_of(transaction), transaction.kms_directory()
    )
    roles = {grants.role_key_id(each.id) for each in principals.all_of(transaction, ROLE)}
    there = set(transaction.stored_keys(layout.GRANT))
    _delete(
        transaction,
        [each for each in there - needed.keys() if each[grants.KEY_ID] not in roles],
    )
    for where in needed.keys() - there:
        grant, material = needed[where]
        if transaction.stored_record(layout.KEK + bytes.fromhex(material)) is not None:
            kms_granting.seal_to_grantee(transaction, grant, material)  # else `fsck` tells of it
