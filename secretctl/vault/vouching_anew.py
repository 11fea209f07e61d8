"""What the owner vouches for, begun anew: where its record is lost, or is older than was seen."""

from __future__ import annotations

from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import former_vouching, layout, principals, vouched, vouching

if TYPE_CHECKING:
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.vouched import Vouched


def begin_anew(transaction: Transaction, renewals: int) -> Vouched:
    """Vouch for all that is there and can be read, where the record cannot be believed.

    Args:
        transaction: Of the owner.
        renewals: How many were seen.
    """
    found = vouched.opened(transaction)
    there = vouching.present(transaction, max(found.counter if found else 0, renewals) + 1)
    known = {
        where: each
        for where, each in there.principals.items()
        if principals.is_sound_at(transaction, bytes.fromhex(where))
    }
    there = there._replace(principals=known)
    former_vouching.ended(transaction)
    transaction.proved = there.counter
    vouching.renew(transaction, there)
    return there


def go_beyond(transaction: Transaction, renewals: int) -> None:
    """Let the record count as renewed more than *renewals* times, with what it vouches for.

    For a vault that is older than one which was seen, and is to be gone on with. One of an older
    program vouches for what is there; not where that was vouched for when it was seen, and nothing
    is left of it: then somebody may have taken it away, and the owner has to look first.
    """
    found = vouched.opened(transaction)
    if found is None:
        try:
            if renewals and transaction.stored_record(layout.VOUCHED) is None:
                raise vouched.unknown(transaction, former_vouching.MISSING)
            found = vouching.present(transaction, former_vouching.counter_of(transaction))
            former_vouching.ended(transaction)
        except VaultDamagedError:  # values can be read; `fsck` tells of it
            counter = renewals + 1
            transaction.put_vouched(counter, former_vouching.raised(transaction, counter))
            return
    vouching.renew(transaction, found._replace(counter=max(found.counter, renewals) + 1))
