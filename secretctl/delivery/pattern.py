r"""Patterns that a value has to match whole, in time that is bounded whatever the pattern is.

    PATTERN = item... [| item...]...
    item    = a character | . | [abc], [a-z], [^abc] | \d \w \s \D \W \S | (PATTERN) | (?:PATTERN)
              with one of * + ? {N} {N,} {,M} {N,M} behind it, or nothing

It is a part of Python's regular expressions and means what it means there, to ``re.fullmatch``
with ``re.ASCII``. What would need trying back and forth (references to groups, looking around), or
means nothing for a whole match (``^``, ``$``, ``*?``), is refused. So a pattern is an automaton
without a memory: see `pattern_match`.
"""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.record import NamedTuple

LARGEST = 1000
"""Characters of a pattern once its counts are written out: ``[ab]{3}`` is three."""

_DEEPEST = 20
"""Groups within one another."""

_LAST = chr(0x10FFFF)
_DIGITS, _BLANKS = (("0", "9"),), (("\t", "\r"), (" ", " "))
_WORDS = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}


class Letters(NamedTuple):
    """One character that lies within one of the spans."""

    spans: tuple[tuple[str, str], ...]

    def hold(self, letter: str) -> bool:
        """Tell whether *letter* is one of them."""
        return any(first <= letter <= last for first, last in self.spans)


class Sequence(NamedTuple):
    """One after the other."""

    items: tuple[Node, ...]


class Choice(NamedTuple):
    """One of several."""

    items: tuple[Node, ...]


class Repeat(NamedTuple):
    """The same, several times."""

    item: Node
    least: int
    most: int | None
    """No bound if None."""


Node = Letters | Sequence | Choice | Repeat


def _without(spans: tuple[tuple[str, str], ...]) -> Letters:
    """Return all characters but those in *spans*."""
    left, begin = [], 0
    for first, last in sorted(spans):
        if ord(first) > begin:
            left.append((chr(begin), chr(ord(first) - 1)))
        begin = max(begin, ord(last) + 1)
    if begin <= ord(_LAST):
        left.append((chr(begin), _LAST))
    return Letters(tuple(left))


_ANY = _without((("\n", "\n"),))
_CLASSES = {"d": Letters(_DIGITS), "w": Letters(_WORDS), "s": Letters(_BLANKS)} | {
    "D": _without(_DIGITS),
    "W": _without(_WORDS),
    "S": _without(_BLANKS),
}


def read(text: str) -> Node:
    """Read a pattern.

    Raises:
        ValueError: It is none. The only argument says why and where, and repeats nothing of it.
    """
    reader = _Reader(text)
    node = reader.choice()
    if reader.next:
        raise reader.fault("')' without '('")
    if size(node) > LARGEST:
        raise ValueError(f"it stands for more than {LARGEST} characters")
    return node


def size(node: Node) -> int:
    """Return how many characters a pattern has once its counts are written out; at least one."""
    if isinstance(node, Repeat):
        return size(node.item) * max(1, node.least, node.most or 0)
    if isinstance(node, Letters):
        return 1
    return max(1, sum(map(size, node.items)))


class _Reader:
    """Reads a pattern from its beginning."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> str:
        """The next character; empty at the end."""
        return self._text[self._at : self._at + 1]

    def fault(self, why: str) -> ValueError:
        return ValueError(f"{why} (character {min(self._at + 1, len(self._text))})")

    def choice(self) -> Node:
        items = [self._sequence()]
        while self._skip("|"):
            items.append(self._sequence())
        return items[0] if len(items) == 1 else Choice(tuple(items))

    def _sequence(self) -> Node:
        return Sequence(tuple(self._items()))

    def _items(self) -> Iterator[Node]:
        while self.next and self.next not in "|)":
            item = self._item()
            yield self._repeated(item) if self.next and self.next in "*+?{" else item

    def _item(self) -> Node:
        if self._skip("("):
            return self._group()
        if self._skip("["):
            return self._set()
        if self.next in ("^", "$"):
            raise self.fault("the whole value is matched, so leave out '^' and '$'")
        if self.next in ("*", "+", "?", "{"):
            raise self.fault("there is nothing to repeat; a character itself is written \\{")
        if self._skip("."):
            return _ANY
        if self._skip("\\"):
            return self._escaped()
        return _single(self._take())

    def _group(self) -> Node:
        if self._skip("?") and not self._skip(":"):
            raise self.fault("of the groups with '?' only (?:...) is known")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.fault("groups are nested too deeply")
        node = self.choice()
        if not self._skip(")"):
            raise self.fault("a group is not closed")
        self._depth -= 1
        return node

    def _escaped(self) -> Letters:
        letter = self._take()
        if letter in _CLASSES:
            return _CLASSES[letter]
        if letter in _CONTROLS:
            return _single(_CONTROLS[letter])
        if not letter or letter.isalnum() or not letter.isascii():
            self._at -= 1
            raise self.fault("unknown escape; known are \\d \\w \\s \\D \\W \\S \\n \\r \\t")
        return _single(letter)

    def _set(self) -> Letters:
        is_negated = self._skip("^")
        spans: list[tuple[str, str]] = []
        while not self._skip("]"):
            first = self._member()
            if self.next == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                first = self._span(first, self._member())
            spans += first.spans
        if not spans:
            raise self.fault("a set is empty; ']' in one is written \\]")
        return _without(tuple(spans)) if is_negated else Letters(tuple(spans))

    def _member(self) -> Letters:
        if not self.next:
            raise self.fault("a set is not closed")
        return self._escaped() if self._skip("\\") else _single(self._take())

    def _span(self, first: Letters, last: Letters) -> Letters:
        low, high = first.spans[0][0], last.spans[0][0]
        if not (_is_single(first) and _is_single(last)) or low > high:
            raise self.fault("a span such as a-z has its smaller end first; '-' itself is \\-")
        return Letters(((low, high),))

    def _repeated(self, item: Node) -> Node:
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self.next, (0, 0))
        mark = self._take()
        if mark == "{":
            least, most = self._counts()
        if self.next and self.next in "*+?{":
            raise self.fault("one quantity is enough: the whole value is matched")
        return Repeat(item, least, most)

    def _counts(self) -> tuple[int, int | None]:
        least = self._number()
        has_comma = self._skip(",")
        most = self._number() if has_comma else least
        if not self._skip("}") or (least is None and most is None):
            raise self.fault("a count is written {N}, {N,}, {,M} or {N,M}; '{' itself is \\{")
        if most is not None and (least or 0) > most:
            raise self.fault("a count has its smaller end first")
        return least or 0, most

    def _number(self) -> int | None:
        digits = ""
        while self.next and self.next in "0123456789":
            digits += self._take()
        if len(digits.lstrip("0")) > len(str(LARGEST)) or int(digits or "0") > LARGEST:
            raise self.fault(f"a count is at most {LARGEST}")
        return int(digits) if digits else None

    def _skip(self, letter: str) -> bool:
        is_there = self.next == letter
        self._at += is_there
        return is_there

    def _take(self) -> str:
        letter = self.next
        self._at += 1
        return letter


def _single(letter: str) -> Letters:
    return Letters(((letter, letter),))


def _is_single(letters: Letters) -> bool:
    return len(letters.spans) == 1 and letters.spans[0][0] == letters.spans[0][1]
