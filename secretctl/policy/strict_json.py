"""JSON that can be read in one way only (RFC 8259, read strictly).

Refused besides what the grammar refuses: a key given twice, NaN and the infinities, numbers too
large to keep, halves of surrogate pairs, and nesting deeper than any policy needs. Where in a text
that is, `json_places` finds out.
"""

from __future__ import annotations

from secretctl import json_text

MAX_DEPTH = 64
_MAX_DIGITS = 19
_INFINITIES = (float("inf"), float("-inf"))


def read(text: str) -> object:
    """Return what the text says.

    Raises:
        ValueError: It is not strict JSON. The message is static.
    """
    try:
        found: object = _read(text)
        text.encode()
        if "\\u" in text:
            json_text.compact(found).encode()
        # Only a text with so many brackets can be nested so deeply.
        if text.count("[") + text.count("{") > MAX_DEPTH and not is_shallow(found):
            raise ValueError
    except (ValueError, RecursionError):
        raise ValueError("not strict JSON") from None
    return found


def is_shallow(value: object, depth: int = MAX_DEPTH) -> bool:
    """Tell whether arrays and objects lie no deeper than *depth* in one another."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(is_shallow(each, depth - 1) for each in inner)


def is_kept(number: str) -> bool:
    """Tell whether a number of JSON is small enough to be kept as it is."""
    if number.strip("-0123456789"):
        return float(number) not in _INFINITIES
    return len(number) <= _MAX_DIGITS


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _real(digits: str) -> float:
    return float(_kept(digits))


def _whole(digits: str) -> int:
    return int(_kept(digits))


def _kept(number: str) -> str:
    if not is_kept(number):
        raise ValueError("the number is too large")
    return number


_read = json_text.reader(_object, _whole, _real)
