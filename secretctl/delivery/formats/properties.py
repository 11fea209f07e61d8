"""Properties files of Java, in ASCII: what the platform's encoding is does not matter.

See: java.util.Properties, load(InputStream)
"""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.utf16 import units

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}


def written(variables: Sequence[Variable]) -> str:
    """Return a line for each variable; every value is carried."""
    return "".join(f"{name}={_escaped(value)}\n" for name, value, _ in variables)


def _escaped(value: str) -> str:
    kept = value.lstrip(" ")
    blanks = "\\ " * (len(value) - len(kept))  # Java skips bare ones in front
    return blanks + "".join(map(_letter, kept))


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return letter if " " <= letter <= "~" else "".join(f"\\u{unit:04x}" for unit in units(letter))
