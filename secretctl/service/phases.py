"""Intents and outcomes: the two records of a change, or of several that are committed together.

The records of several stand in one order, and all but the last say that *more* follows.
"""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.audit.event import Event


def intents(said: Sequence[Event], generation: int) -> list[Event]:
    """Return what is recorded before the commit that gives the vault that *generation*."""
    return _phase([each._replace(response=None) for each in said], "intent", generation)


def outcomes(said: Sequence[Event], generation: int | None) -> list[Event]:
    """Return what is recorded behind it; there is no *generation* where it failed."""
    return _phase(said, "outcome", generation)


def _phase(said: Sequence[Event], phase: str, generation: int | None) -> list[Event]:
    last = len(said) - 1
    return [
        each._replace(phase=phase, generation=generation, more=number < last)
        for number, each in enumerate(said)
    ]
