"""What ``--watch-signal`` and ``--watch-grace`` of ``exec`` take."""

from __future__ import annotations

import sys

from secretctl.errors import UsageError
from secretctl.record import NamedTuple

SIGNALS = ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "WINCH")
"""Those that programs take for a word; what stops or kills them, or is the system's, is none."""

_LONGEST_S = 86400


class Watching(NamedTuple):
    """What is done when a value that was handed over changes."""

    signal: str = ""
    """Name of the signal that the command is sent, without SIG; empty if it is run again."""

    grace_s: float = 10.0
    """How long it may take to end before it is run again."""


def read(signal: str | None, grace: str | None) -> Watching:
    """Return what the two options ask for, each None where it is not given.

    Raises:
        UsageError: One is not of that kind, or this system cannot do it.
    """
    if sys.platform != "linux":  # only Linux tells who sent a signal
        raise UsageError("--watch needs Linux", "leave it out, and run the command again yourself")
    if signal is not None and grace is not None:
        raise UsageError(
            "argument --watch-grace: not allowed with argument --watch-signal",
            "a command that is sent a signal is not ended",
        )
    if grace is None:
        return Watching(_signal(signal))
    return Watching(_signal(signal), _seconds(grace))


def _signal(name: str | None) -> str:
    if name is None:
        return ""
    plain = name.upper().removeprefix("SIG")
    if plain not in SIGNALS:
        raise UsageError("'--watch-signal' takes one of: " + ", ".join(SIGNALS))
    return plain


def _seconds(text: str) -> float:
    whole, _, part = text.partition(".")
    digits = whole + part
    if not (digits.isascii() and digits.isdigit()) or float(text) > _LONGEST_S:
        raise UsageError("'--watch-grace' takes seconds, from 0 to 86400", "--watch-grace 30")
    return float(text)
