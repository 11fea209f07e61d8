r"""Files for ``EnvironmentFile=``: in double quotes, a backslash before what means something.

See: systemd.exec(5), EnvironmentFile=
"""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.refusal import bad_value

_ESCAPED = frozenset('"\\`$')
_PLANE = 0x10000
_LAST_TWO = 0xFFFE
_ARABIC = range(0xFDD0, 0xFDF0)


def written(variables: Sequence[Variable]) -> str:
    """Return a line for each variable; a value may have several.

    Raises:
        DeliveryError: a value holds what Unicode says is no character: systemd drops it.
    """
    for variable in variables:
        if any(map(_is_none, variable.value)):
            raise bad_value(
                variable, "systemd", "it holds a code point that Unicode keeps from being one"
            )
    return "".join(f'{name}="{_escaped(value)}"\n' for name, value, _ in variables)


def _escaped(value: str) -> str:
    return "".join([f"\\{letter}" if letter in _ESCAPED else letter for letter in value])


def _is_none(letter: str) -> bool:
    """Tell whether *letter* is a noncharacter.

    See: The Unicode Standard, 23.7
    """
    code = ord(letter)
    return code % _PLANE >= _LAST_TWO or code in _ARABIC
