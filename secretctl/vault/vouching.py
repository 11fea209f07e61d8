"""What the owner vouches for: facts that decide to whom keys are sealed.

Whoever holds the access keys, as every principal does, can write users, grants and all else that is
sealed under them. The record here is sealed under the root key, and holds a counter and the keyed
hash of every fact (`facts`) that the owner wrote.

    "o" = sealed under derive(root key, "vouched"): counter (8) | hashes (16 each), sorted

The counter stands in the vault's state as well, and in what each machine has seen: so an older
record that is put back is found, with the state of its time or without.

All that is there must be vouched for; what is missing is only a loss, for principals can remove
records. A change of the owner's that touches facts begins with a look at those that are there, and
ends with the record renewed. Where there is one that nobody vouches for, nothing can be added or
changed, until it was taken away.
"""

from __future__ import annotations

from contextlib import suppress

from secretctl.crypto.keys import derive, mac
from secretctl.crypto.seal import SealError, open_sealed, seal
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import layout
from secretctl.vault.facts import facts
from secretctl.vault.state import MOST_RENEWALS

if TYPE_CHECKING:
    from secretctl.vault.facts import Fact
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.unlocked import Keys
    from secretctl.vault.view import View

_FIELD = b"vouched"
_COUNTER_BYTES = 8
_HASH_BYTES = 16
_MENDS = ("secretctl fsck", "secretctl restore, of a backup from before")


class Vouched(NamedTuple):
    """What the record says."""

    counter: int = 0
    """How often it was renewed, over all keys that the vault had."""

    facts: frozenset[bytes] = frozenset()
    """A keyed hash (16 bytes) of each."""


def sealed(keys: Keys, vouched: Vouched) -> bytes:
    """Return the stored record; the root key is needed for it."""
    plain = vouched.counter.to_bytes(_COUNTER_BYTES, "big") + b"".join(sorted(vouched.facts))
    return seal(_sealing_key(keys), keys.where(_FIELD, layout.VOUCHED), plain)


def read(view: View) -> Vouched | None:
    """Return what the owner vouches for; None in a vault that an older secretctl made.

    Raises:
        VaultDamagedError: The record is missing, not what was written, or an older one.
    """
    found = _opened(view)
    if found is not None and found.counter != view.state().vouched:
        raise VaultDamagedError(
            "an older record of what the owner vouches for was put back", *_MENDS
        )
    return found


def go_beyond(transaction: Transaction, renewals: int) -> None:
    """Let the record count as renewed more than *renewals* times, with what it vouches for.

    For a vault that is older than one which was seen, and is to be gone on with.
    """
    found = None
    with suppress(VaultDamagedError):  # values can be read; `fsck` tells of it
        found = _opened(transaction)
    counter = min(max(found.counter if found else 0, renewals) + 1, MOST_RENEWALS)
    renewed = sealed(transaction.keys, Vouched(counter, found.facts)) if found else b""
    transaction.put_vouched(counter, renewed)


def _opened(view: View) -> Vouched | None:
    keys, stored = view.keys, view.stored_record(layout.VOUCHED)
    if stored is None and not keys.access.vouches:
        return None
    try:
        plain = open_sealed(_sealing_key(keys), keys.where(_FIELD, layout.VOUCHED), stored or b"")
    except SealError:
        raise VaultDamagedError(
            "the record of what the owner vouches for is missing or damaged", *_MENDS
        ) from None
    counter, hashes = plain[:_COUNTER_BYTES], plain[_COUNTER_BYTES:]
    parts = range(0, len(hashes), _HASH_BYTES)
    return Vouched(
        int.from_bytes(counter, "big"), frozenset(hashes[at : at + _HASH_BYTES] for at in parts)
    )


def unvouched(view: View) -> list[Fact]:
    """Return the facts that are there and that the owner does not vouch for.

    Raises:
        VaultDamagedError: A record is not what was written.
    """
    vouched = read(view)
    return [] if vouched is None else _without(_present(view), vouched)


def check(view: View) -> None:
    """Refuse a vault in which there is what the owner does not vouch for.

    Raises:
        VaultDamagedError: The first such fact, and the command that takes it away.
    """
    found = unvouched(view)
    if found:
        raise _refusal(found[0])


class Watch:
    """The facts as they are before a change of the owner's."""

    def __init__(self, transaction: Transaction) -> None:
        """Read them; nothing of *transaction* has touched them yet."""
        self._transaction = transaction
        self._before = _present(transaction)
        found = read(transaction)
        self._is_new = found is None
        first = Vouched(transaction.begun.vouched, frozenset(self._before))
        self._vouched = first if found is None else found
        self.unvouched = _without(self._before, self._vouched)
        """Those that the owner does not vouch for."""

    def renew(self) -> None:
        """Vouch for what the change made of them, if it may be made.

        Raises:
            VaultDamagedError: The owner does not vouch for something, and the change does more than
                take away.
        """
        after = _present(self._transaction)
        self._check(after)
        suspect = self._before.keys() - self._vouched.facts
        kept = frozenset(after.keys() - suspect)
        if self._is_new or kept != self._vouched.facts:
            counter = min(self._vouched.counter + 1, MOST_RENEWALS)
            stored = sealed(self._transaction.keys, Vouched(counter, kept))
            self._transaction.put_vouched(counter, stored)

    def _check(self, after: dict[bytes, Fact]) -> None:
        """Let a change pass that only takes away, or that takes away all that is not vouched for.

        What it adds must then be about others: it may have been worked out of what goes. What was
        vouched for and is put back is no addition.
        """
        known = self._before.keys() | self._vouched.facts
        added = [fact for hashed, fact in after.items() if hashed not in known]
        if not self.unvouched or not added:
            return
        left = [fact for fact in self.unvouched if fact in after.values()]
        subjects = {fact.subject for fact in self.unvouched}
        if left or any(fact.subject in subjects for fact in added):
            raise _refusal(self.unvouched[0])


def _present(view: View) -> dict[bytes, Fact]:
    """Return the facts that are there by their keyed hashes."""
    key = derive(view.keys.root, "facts", view.keys.vault_id)
    return {mac(key, fact.said)[:_HASH_BYTES]: fact for fact in facts(view)}


def _without(present: dict[bytes, Fact], vouched: Vouched) -> list[Fact]:
    return [fact for hashed, fact in present.items() if hashed not in vouched.facts]


def _refusal(fact: Fact) -> VaultDamagedError:
    return VaultDamagedError(
        f"there is what the owner does not vouch for: {fact.shown}", "secretctl fsck", fact.mend
    )


def _sealing_key(keys: Keys) -> bytes:
    return derive(keys.root, "vouched", keys.vault_id)
