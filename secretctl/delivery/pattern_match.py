"""Matching a whole text: one step for each character, whatever the pattern.

A pattern becomes its characters in the order in which they stand (positions), and for each the set
of those that may follow it. Sets are integers, one bit for each position. A step goes from the set
of positions that took the last character to the set that may take the next, so its cost is bounded
by the number of positions, at most `pattern.LARGEST`.

See: V. M. Glushkov, The abstract theory of automata, Russian Mathematical Surveys 16 (5), 1961.
"""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.delivery import pattern
from secretctl.delivery.pattern import Choice, Letters, Node, Repeat
from secretctl.record import NamedTuple

LONGEST = 8192
"""Characters of a text that is matched; a longer one matches nothing."""


class Automaton(NamedTuple):
    """A pattern, ready to be matched."""

    letters: tuple[Letters, ...]
    """What each position takes."""

    follow: tuple[int, ...]
    """Which positions may come behind each."""

    first: int
    last: int
    takes_nothing: bool
    """Whether the empty text matches."""


class _Part(NamedTuple):
    takes_nothing: bool
    first: int
    last: int


_NOTHING = _Part(takes_nothing=True, first=0, last=0)


def compiled(text: str) -> Automaton:
    """Return the automaton of a pattern.

    Raises:
        ValueError: As `pattern.read`.
    """
    builder = _Builder()
    part = builder.part(pattern.read(text))
    letters, follow = tuple(builder.letters), tuple(builder.follow)
    return Automaton(letters, follow, part.first, part.last, part.takes_nothing)


class _Builder:
    """Gives the characters of a pattern their positions, and links them."""

    def __init__(self) -> None:
        self.letters: list[Letters] = []
        self.follow: list[int] = []

    def part(self, node: Node) -> _Part:
        if isinstance(node, Letters):
            self.letters.append(node)
            self.follow.append(0)
            mask = 1 << (len(self.letters) - 1)
            return _Part(takes_nothing=False, first=mask, last=mask)
        if isinstance(node, Repeat):
            return self._all_of(self._copies(node))
        parts = map(self.part, node.items)
        return _either(list(parts)) if isinstance(node, Choice) else self._all_of(parts)

    def _all_of(self, parts: Iterator[_Part]) -> _Part:
        whole = _NOTHING
        for part in parts:
            self._link(whole.last, part.first)
            whole = _Part(
                whole.takes_nothing and part.takes_nothing,
                whole.first | (part.first if whole.takes_nothing else 0),
                part.last | (whole.last if part.takes_nothing else 0),
            )
        return whole

    def _copies(self, node: Repeat) -> Iterator[_Part]:
        plain = node.least if node.most is not None else max(0, node.least - 1)
        for _ in range(plain):
            yield self.part(node.item)
        if node.most is None:
            loop = self.part(node.item)
            self._link(loop.last, loop.first)
            yield loop if node.least else loop._replace(takes_nothing=True)
            return
        for _ in range(node.most - node.least):
            yield self.part(node.item)._replace(takes_nothing=True)

    def _link(self, last: int, first: int) -> None:
        for position in _positions(last):
            self.follow[position] |= first


def matches(automaton: Automaton, text: str) -> bool:
    """Tell whether the whole of *text* is of the pattern."""
    if not text:
        return automaton.takes_nothing
    if len(text) > LONGEST:
        return False
    taking: dict[str, int] = {}
    following: dict[int, int] = {}
    may, took = automaton.first, 0
    for letter in text:
        if letter not in taking:
            taking[letter] = _taking(automaton, letter)
        took = may & taking[letter]
        if not took:
            return False
        if took not in following:
            following[took] = _following(automaton, took)
        may = following[took]
    return bool(took & automaton.last)


def _taking(automaton: Automaton, letter: str) -> int:
    mask = 0
    for position, letters in enumerate(automaton.letters):
        if letters.hold(letter):
            mask |= 1 << position
    return mask


def _following(automaton: Automaton, took: int) -> int:
    mask = 0
    for position in _positions(took):
        mask |= automaton.follow[position]
    return mask


def _either(parts: list[_Part]) -> _Part:
    first = last = 0
    for part in parts:
        first, last = first | part.first, last | part.last
    return _Part(any(part.takes_nothing for part in parts), first, last)


def _positions(mask: int) -> Iterator[int]:
    """Yield the positions in a set."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
