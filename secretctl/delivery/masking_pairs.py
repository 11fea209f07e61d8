"""Occurrences of many short patterns, found by two pairs of bytes at an even place.

A regular expression knows no alternatives as fast as one class of characters. So two bytes are made
one character, and two classes hold all pairs that a pattern can show from an even place on. What
both match at is compared. An occurrence of five bytes has two whole pairs in it wherever it begins,
one of three has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    import re

_PAIR = 2
_WORTH = 1 << 18
"""Bytes of a stream after which the expression, some 10 ms of work, is made."""

_NO_SURROGATES = bytes.maketrans(bytes(range(0xD8, 0xE0)), bytes(range(0xC8, 0xD0)))
"""Makes bytes alike, at the cost of comparisons, so that no pair is half of a UTF-16 character."""


class Pairs:
    """Patterns, each of more than *width* bytes, which is two or four."""

    def __init__(self, width: int, patterns: Iterable[bytes]) -> None:
        self._width = width
        self._words: dict[bytes, list[tuple[int, bytes]]] = {}
        self._expression: re.Pattern[str] | None = None
        self._seen = 0
        for pattern in patterns:
            for offset in range(_PAIR):
                word = pattern[offset : offset + width]
                self._words.setdefault(word, []).append((offset, pattern))

    def occurrences(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield begin and end of each occurrence in *data*."""
        for at in self._candidates(data):
            for offset, pattern in self._words.get(data[at : at + self._width], ()):
                if at >= offset and data.startswith(pattern, at - offset):
                    yield at - offset, at - offset + len(pattern)

    def _candidates(self, data: bytes) -> Iterable[int]:
        """Return the even places at which an occurrence can show its pairs."""
        self._seen += len(data)
        if self._seen < _WORTH:
            return range(0, len(data), _PAIR)
        if self._expression is None:
            self._expression = _expression(self._words)
        found = self._expression.finditer(_paired(data[: len(data) // _PAIR * _PAIR]))
        return (_PAIR * each.start() for each in found)


def _expression(words: Iterable[bytes]) -> re.Pattern[str]:
    import re

    places = zip(*map(_paired, words), strict=True)
    first, *others = ("".join(f"\\u{ord(pair):04x}" for pair in {*place}) for place in places)
    return re.compile(f"[{first}]" + "".join(f"(?=[{each}])" for each in others))


def _paired(data: bytes) -> str:
    """Return a character for every two bytes."""
    return data.translate(_NO_SURROGATES).decode("utf-16-le")
