"""JSON that can be read in one way only (RFC 8259, read strictly).

Refused besides what the grammar refuses: a key given twice, NaN and the infinities, numbers too
large to keep, lone surrogates, and nesting deeper than any policy needs.
"""

import json
import re
from typing import NoReturn

MAX_DEPTH = 64

_MAX_DIGITS = 19
# Quoted text, closed or not, as one token: brackets inside it do not count.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def read(text: str) -> object:
    """Return what the text says.

    Raises:
        ValueError: It is not strict JSON. The message is static: the standard parser's own error
            carries the text, so none is passed on.
    """
    try:
        if _SURROGATE.search(text) or _depth(text) > MAX_DEPTH:
            raise ValueError
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=_float,
            parse_int=_int,
        )
    except (ValueError, RecursionError):
        raise ValueError("not strict JSON") from None


def _depth(text: str) -> int:
    """Return how deep brackets nest; counted first, since the parser recurses."""
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("the number is too large")
    return number


def _int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("the number is too large")
    return int(digits)
