"""The counts of the vault's state: the next secret's number, and the day up to which was swept.

Whoever has a credential can write the state. A number that was given before would lead a new
secret to the place of another, and of secrets that were passed over none is ever purged.
"""

from __future__ import annotations

from secretctl.domain.secret import DAY_MS
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secretctl.domain.secret import Secret
    from secretctl.vault.state import State
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

_FAR = 1 << 32
"""A number that is farther above the others was made up: nobody made so many secrets."""


def problems(state: State, secrets: list[Secret]) -> Iterator[str]:
    """Yield a sentence for each count that *secrets*, which are all there are, tell to be wrong."""
    if state.next_number < _free(secrets):
        yield "the number of the next secret was counted back: secretctl accept-restore"
    if state.swept_day < 0 or any(day <= state.swept_day for day in _due_days(secrets)):
        yield "secrets that are due were passed over: secretctl accept-restore"


def mend(transaction: Transaction, now_ms: int) -> None:
    """Count anew what is wrong, by the secrets that can be read."""
    secrets = list(_readable(transaction))
    number, day = transaction.begun.next_number, transaction.begun.swept_day
    free = _free(secrets)
    if not free <= number < free + _FAR:
        number = free
    before = max(1, min([now_ms // DAY_MS, *_due_days(secrets)]) - 1)
    transaction.recount(number, min(day, before) if day > 0 else before)


def _free(secrets: list[Secret]) -> int:
    """Return the number above those of *secrets* that can have been given.

    One that somebody made up may lie above it, as far away as that no count ever reaches it.
    """
    free = 1
    for number in sorted([each.number for each in secrets]):
        if number >= free + _FAR:
            break
        free = number + 1
    return free


def _due_days(secrets: list[Secret]) -> list[int]:
    return [each.delete_after_ms // DAY_MS for each in secrets if each.delete_after_ms is not None]


def _readable(view: View) -> Iterator[Secret]:
    for key, stored in view.stored_records(layout.SECRET):
        try:
            yield view.secret_at(key, stored)
        except VaultDamagedError:  # it is taken away by itself
            continue
