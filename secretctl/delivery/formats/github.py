"""What GitHub Actions takes: lines that mask values in the log, and the file of ``$GITHUB_ENV``.

See: GitHub Actions, Workflow commands: Masking a value in a log; Multiline strings
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.refusal import bad_name, bad_value

_KEPT = ("GITHUB_", "RUNNER_")
_DELIMITER_BYTES = 16
_SHORTEST_MASKED = 2
"""Letters of a line that is masked: with fewer, the whole log would be asterisks."""


def masks(variables: Sequence[Variable]) -> str:
    """Return a command for each value, and for each line of it, that hides it in the log.

    They are for the standard output of a step, before anything else could print a value.
    """
    hidden: dict[str, None] = {}
    for variable in variables:
        lines = variable.value.replace("\r", "\n").split("\n")
        hidden |= dict.fromkeys([variable.value, *lines])
    return "".join(f"::add-mask::{_escaped(text)}\n" for text in hidden if _is_masked(text))


def unmasked(variables: Sequence[Variable]) -> list[str]:
    """Return the names of the variables whose values are too short to be hidden, or blank."""
    return [variable.name for variable in variables if not _is_masked(variable.value)]


def written(variables: Sequence[Variable]) -> str:
    """Return the assignments, each between two lines of a random delimiter.

    Raises:
        DeliveryError: a name is the runner's own, or a runner would change the value.
    """
    delimiter = f"secretctl_{os.urandom(_DELIMITER_BYTES).hex()}"
    for variable in variables:
        if variable.name.upper().startswith(_KEPT):
            raise bad_name(variable, "github", "the runner keeps that name to itself")
        if variable.value.endswith("\r"):
            raise bad_value(
                variable, "github", "it ends in a carriage return, a part of a line end on Windows"
            )
        assert delimiter not in variable.value, "128 random bits"
    return "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value, _ in variables)


def _is_masked(text: str) -> bool:
    return len(text.strip()) >= _SHORTEST_MASKED


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
