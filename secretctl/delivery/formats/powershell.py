"""Assignments for PowerShell, in printable ASCII, a line each.

So neither the encoding in which a script is read (Windows PowerShell takes a file without a mark
for ANSI) nor a pipe that passes on line after line changes a value. Everything else is written as
a UTF-16 code unit, ``$([char]0x..)``; curly quotes too, which PowerShell takes for straight ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.refusal import bad_name, bad_value
from secretctl.delivery.formats.utf16 import units

_ESCAPED = frozenset('"`$')


def written(variables: Sequence[Variable]) -> str:
    """Return ``$env:NAME = ...`` for each variable.

    Raises:
        DeliveryError: a value is empty, or two names differ in case alone.
    """
    seen: set[str] = set()
    for variable in variables:
        if not variable.value:
            raise bad_value(
                variable, "powershell", "it is empty, and PowerShell removes such a variable"
            )
        if variable.name.upper() in seen:
            raise bad_name(variable, "powershell", "another differs from it in case alone")
        seen.add(variable.name.upper())
    return "".join(f"$env:{name} = {_quoted(value)}\n" for name, value, _ in variables)


def _quoted(value: str) -> str:
    if value.isascii() and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(map(_letter, value)) + '"'


def _letter(letter: str) -> str:
    if " " <= letter <= "~":
        return f"`{letter}" if letter in _ESCAPED else letter
    return "".join(f"$([char]0x{unit:04x})" for unit in units(letter))
