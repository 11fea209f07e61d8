"""What ``--aws-endpoint`` of ``exec`` goes together with."""

from __future__ import annotations

import sys
from collections.abc import Collection

from secretctl.delivery.references import Source
from secretctl.errors import UsageError

FORM = "secretctl exec --aws-endpoint SECRET-ID... -- COMMAND ARG..."
_BESIDE = (
    *("--aws-endpoint", "--pristine", "--keep", "--mask", "--no-mask", "--no-hint", "--help", "-h"),
    *("--manifest", "--environment"),
)
"""Options that mean the same with it."""

_WHY = {
    "--watch": "a command that reads by itself finds the newest value each time",
}
_HANDS_OVER = "with it the command is handed no values, but reads them by itself"


def refuse_others(given: Collection[str]) -> None:
    """Refuse options that hand values over, or say how.

    Args:
        given: Names of the options of ``exec`` on the command line.

    Raises:
        UsageError: There is one, or this system cannot do it.
    """
    if sys.platform != "linux":  # only Linux tells who sent a signal
        raise UsageError("--aws-endpoint needs Linux", "secretctl serve is there everywhere")
    others = sorted(set(given).difference(_BESIDE))
    if others:
        first = others[0]
        why = _WHY.get("--watch" if first.startswith("--watch") else first, _HANDS_OVER)
        raise UsageError(
            f"argument {first}: not allowed with argument --aws-endpoint",
            f"{why}: leave one of them out",
        )


def refuse_picked(sources: tuple[Source, ...]) -> None:
    """Refuse sources that are more than the id of a secret.

    Raises:
        UsageError: One names a variable, a key or a version.
    """
    for source in sources:
        if source != Source(None, source.secret_id, None, None, None):
            raise UsageError(
                "with --aws-endpoint a source is the id of a secret, all of whose versions the "
                "command may read: it names no variable, key or version",
                FORM,
                "a secret with = in its name is given by its ARN",
            )


def scope(sources: tuple[Source, ...], optional: tuple[Source, ...]) -> list[str]:
    """Return the ids of the secrets that may be read, each once."""
    return list(dict.fromkeys(source.secret_id for source in (*sources, *optional)))
