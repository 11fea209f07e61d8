"""Assignments for POSIX shells, as dash, bash and zsh read them."""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.refusal import bad_name
from secretctl.delivery.formats.shell_names import is_kept_by_posix_shells


def written(variables: Sequence[Variable]) -> str:
    r"""Return ``export NAME='...'`` for each variable; a quote is written ``'\''``.

    Raises:
        DeliveryError: a name is one that a shell keeps to itself.
    """
    for variable in variables:
        if is_kept_by_posix_shells(variable.name):
            raise bad_name(variable, "shell", "a shell keeps that name to itself")
    return "".join(f"export {name}={quoted(value)}\n" for name, value, _ in variables)


def quoted(value: str) -> str:
    """Return *value* as a word in single quotes."""
    return "'" + value.replace("'", "'\\''") + "'"
