"""Looking for what is due to be rotated, for whoever does that by the clock."""

from __future__ import annotations

from itertools import islice

from secretctl.domain import retries
from secretctl.domain.secret import Secret
from secretctl.record import NamedTuple
from secretctl.service.session import Session
from secretctl.vault import layout

NEVER_MS = 1 << 62
_AT_A_TIME = 100
"""Secrets that are looked at while others wait for the vault: some milliseconds."""


class Due(NamedTuple):
    """What was found among some of a vault's secrets."""

    secrets: list[Secret]
    """Those that are due."""

    place: bytes
    """Where to go on; empty where there are no more."""

    soonest_ms: int
    """When the first of the others is due."""

    state: bytes
    """Of the vault, as it is stored: another with each commit."""


def found_from(session: Session, after: bytes) -> Due:
    """Look at some of the vault's secrets for those that are to be rotated, or tried again.

    All regions are looked at. It is for whoever rotates them, which is asked for and recorded.

    Args:
        session: Of whoever opened the vault.
        after: The place to go on from; empty to begin.
    """
    with session.vault.read() as view:
        state = view.stored_record(layout.STATE) or b""
        stored = list(islice(view.stored_records(layout.SECRET, after), _AT_A_TIME))
        found = [view.secret_at(*each) for each in stored]
    now_ms = session.context.now_ms()
    dates = [(each, retries.due_ms(each)) for each in found]
    waiting = [at_ms for _, at_ms in dates if at_ms is not None and at_ms > now_ms]
    return Due(
        [each for each, at_ms in dates if at_ms is not None and at_ms <= now_ms],
        stored[-1][0] if len(stored) == _AT_A_TIME else b"",
        min(waiting, default=NEVER_MS),
        state,
    )


def is_unchanged(session: Session, state: bytes) -> bool:
    """Tell whether the vault is as it was when `found_from` saw that state."""
    with session.vault.read() as view:
        return view.stored_record(layout.STATE) == state
