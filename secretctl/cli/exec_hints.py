"""Signs that the shell replaced ``$NAME`` before ``exec`` could set it."""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.delivery.references import shown

_REMEDY = (
    "let the command's own shell replace it: -- sh -c '... $NAME ...', in single quotes; "
    "if it is meant as it is: --no-hint"
)


def expanded_too_soon(
    command: tuple[str, ...], inherited: Mapping[str, str], variables: Mapping[str, str]
) -> str | None:
    """Return what to tell a person of an argument that looks replaced; None if none does.

    Args:
        command: The program and its arguments.
        inherited: The present environment.
        variables: What secrets set in the environment of the command.
    """
    arguments = command[1:]
    for name, value in variables.items():
        before = inherited.get(name)
        if before and before != value and before in arguments:
            return f"an argument is what ${shown(name)} was before exec; {_REMEDY}"
    unset = next((name for name in variables if not inherited.get(name)), None)
    if unset is not None and "" in arguments:
        return f"an argument is empty, as ${shown(unset)} is before exec; {_REMEDY}"
    return None
