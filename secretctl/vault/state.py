"""The state record: a digest over every other record, renewed at each commit.

The digest is an additive multiset hash (MSet-Add-Hash): the sum, modulo 2^256, of a keyed hash
of each record with its key. A commit subtracts what it replaces and adds what it writes, so the
cost does not grow with the vault. The sum is sealed: nobody without the state key can see
sums to work with.
See: docs/decisions/0001-state-digest.md
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.crypto.keys import MAC_BYTES, equal, mac
from secretctl.crypto.seal import SealError, open_sealed, seal
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import layout
from secretctl.vault.codec import LAST_DAY, MOST_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secretctl.vault.unlocked import Keys

_MODULUS = 1 << 256
MOST_RENEWALS = 1 << 48
"""More often nobody renews anything; a number above was made up."""
GO_ON = "secretctl accept-restore, if this copy is the one to go on with"
NO_COUNT = -1
"""Stands for a count that nobody's program came to."""

_PIN = b"p"
"""No key of a record begins so: a pin is never the leaf of a record."""


class State(NamedTuple):
    """What one commit leaves for the next."""

    generation: int = 0
    """Number of commits."""

    records: int = 0
    """Number of records, this one not counted."""

    digest: int = 0
    next_number: int = 1
    """Number of the next secret."""

    swept_day: int = 0
    """Secrets due on days up to this one have been purged (days since 1970)."""

    header: str = ""
    """`leaf` of the header, hexadecimal; empty in vaults made before it was kept."""

    journal_number: int = -1
    """Number of the record in the journal that announced this commit; -1 before the first."""

    journal_hash: str = ""
    """That record's hash, 64 hexadecimal digits."""

    vouched: int = 0
    """How often what the owner vouches for was renewed (`vouching`)."""


NO_STATE = State(
    generation=MOST_RENEWALS,
    next_number=NO_COUNT,
    swept_day=NO_COUNT,
    journal_number=MOST_RENEWALS,
    vouched=MOST_RENEWALS,
)
"""Stands for a record that no program wrote: of a commit that nobody reaches, so all is refused
until the owner goes on from what is there."""


def leaf(state_key: bytes, key: bytes, value: bytes) -> bytes:
    """Return the keyed hash (32 bytes) of one record."""
    return mac(state_key, len(key).to_bytes(4, "big"), key, value)


def pin_of(state_key: bytes, key: bytes, sealed: bytes) -> bytes:
    """Return the keyed hash (32 bytes) that pins a version's value.

    It is about the sealed value and not about the wrapped data key, so a data key can be wrapped
    anew without a look at the secret: whoever put an older wrapping back had the same data key.
    """
    return leaf(state_key, _PIN + key, sealed)


def with_record(state: State, hashed: bytes) -> State:
    """Return *state* with one record more."""
    total = (state.digest + int.from_bytes(hashed, "big")) % _MODULUS
    return state._replace(records=state.records + 1, digest=total)


def without_record(state: State, hashed: bytes) -> State:
    """Return *state* with one record less."""
    total = (state.digest - int.from_bytes(hashed, "big")) % _MODULUS
    return state._replace(records=state.records - 1, digest=total)


def summed(records: Iterable[tuple[bytes, bytes]], state_key: bytes) -> State:
    """Return a state whose number and digest are those of *records*, the state record left out."""
    total = State()
    for key, value in records:
        if key != layout.STATE:
            total = with_record(total, leaf(state_key, key, value))
    return total


def check_header(state: State, hashed: bytes) -> None:
    """Compare the header's hash with the one that was kept when the header was last written.

    Raises:
        VaultDamagedError: It is another: unlock slots that were removed would open the vault.
    """
    if state.header and not equal(state.header.encode(), hashed.hex().encode()):
        raise VaultDamagedError("an older header of the vault was put back", GO_ON)


def encode(state: State) -> bytes:
    """Return the record, before sealing."""
    return json_text.compact({**state._asdict(), "digest": f"{state.digest:064x}"}).encode()


def decode(record: bytes) -> State:
    """Read the record, which whoever has a credential can have written; of none `NO_STATE`."""
    try:
        fields = json_text.of_bytes(record)
        state = State(**{**fields, "digest": int(fields["digest"], 16)})
        _check(state)
    except (ValueError, LookupError, TypeError):
        return NO_STATE
    else:
        return _counted(state)


def _check(state: State) -> None:
    """Refuse a member that no program writes; raises ValueError and TypeError.

    A generation is compared with others, and the number of records with those that are there.
    """
    numbers = state.generation, state.records, state.journal_number, state.vouched
    if any(type(each) is not int for each in numbers) or type(state.header) is not str:
        raise TypeError
    if not (
        0 <= state.digest < _MODULUS
        and -1 <= state.journal_number <= MOST_RENEWALS
        and 0 <= state.vouched <= MOST_RENEWALS
        and len(bytes.fromhex(state.journal_hash)) in (0, MAC_BYTES)
    ):
        raise ValueError


def _counted(state: State) -> State:
    """Return *state* with `NO_COUNT` for what is no count, of which ``fsck`` tells."""
    number, day = state.next_number, state.swept_day
    if type(number) is not int or not 0 < number <= MOST_NUMBERS:
        number = NO_COUNT
    if type(day) is not int or not 0 <= day <= LAST_DAY:
        day = NO_COUNT
    is_same = (number, day) == (state.next_number, state.swept_day)
    return state if is_same else state._replace(next_number=number, swept_day=day)


def sealed_state(keys: Keys, state: State) -> bytes:
    """Return the stored bytes of the state record."""
    where = keys.where(b"state", layout.STATE)
    return seal(keys.access.state, where, encode(state))


def opened(keys: Keys, stored: bytes) -> State:
    """Return the state that the stored bytes of its record say; raises as `open_state`."""
    return decode(open_state(keys, stored))


def open_state(keys: Keys, stored: bytes) -> bytes:
    """Open the stored bytes of the state record.

    Raises:
        VaultDamagedError: They are not what was written.
    """
    where = keys.where(b"state", layout.STATE)
    try:
        return open_sealed(keys.access.state, where, stored)
    except SealError:
        raise VaultDamagedError("the vault's state record is damaged", "secretctl fsck") from None
