"""Assignments for fish."""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.refusal import bad_name
from secretctl.delivery.formats.shell_names import is_kept_by_fish


def written(variables: Sequence[Variable]) -> str:
    """Return ``set -gx`` for each variable, never as a list: ``--unpath`` keeps colons in one.

    Raises:
        DeliveryError: a name is one that fish keeps to itself.
    """
    for variable in variables:
        if is_kept_by_fish(variable.name):
            raise bad_name(variable, "fish", "fish keeps that name to itself")
    return "".join(f"set -gx --unpath {name} {_quoted(value)}\n" for name, value, _ in variables)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
