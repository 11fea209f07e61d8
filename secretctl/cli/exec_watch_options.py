"""What ``--watch-signal`` and ``--watch-grace`` of ``exec`` take."""

from __future__ import annotations

import sys

from secretctl.errors import UsageError

SIGNALS = ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "WINCH")
"""Those that programs take for a word; what stops or kills them, or is the system's, is none."""

_GRACE_S = 10.0
_LONGEST_S = 86400


def read(signal: str | None, grace: str | None) -> tuple[str, float]:
    """Return the name of the signal, empty for none, and the grace in seconds.

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
    return _signal(signal), _GRACE_S if grace is None else _seconds(grace)


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
