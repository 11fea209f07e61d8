"""Patterns with ``*`` (any text, also none) and ``?`` (any one character), in linear time.

A pattern is cut at its asterisks. The first piece stands at the beginning of the text, the last at
its end, and each between them where it is found first: nothing is ever tried a second time, so no
pattern takes long. What comes from a variable's value is literal text, asterisks included.
"""

from __future__ import annotations

from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

NOWHERE = -1
ANY_LENGTH = -1


class Piece(NamedTuple):
    """What stands between two asterisks."""

    length: int
    runs: tuple[tuple[int, str], ...]
    """Literal text, each with its offset; any character is right elsewhere."""


_NOTHING = Piece(0, ())


class Pattern(NamedTuple):
    """Text that others are compared with."""

    head: str
    """What every match begins with."""

    length: int | None
    """Set where nothing follows the head but question marks, or one asterisk (ANY_LENGTH): what has
    the head and that length is a match."""

    pieces: tuple[Piece, ...]
    """One more than there are asterisks; none where there is no wildcard at all."""


def of_text(text: str) -> Pattern:
    """Return the pattern that *text* alone is, its wildcards read; the quick way of `pattern`."""
    if text == "*":
        return _ANYTHING
    if "*" not in text and "?" not in text:
        return Pattern(text, len(text), ())
    return pattern([(text, False)])


def pattern(parts: Sequence[tuple[str, bool]]) -> Pattern:
    """Return the pattern that *parts* make up: text, and whether it is literal."""
    if not any(not is_literal and ("*" in text or "?" in text) for text, is_literal in parts):
        head = "".join([text for text, _ in parts])
        return Pattern(head, len(head), ())
    pieces: list[list[tuple[str, bool]]] = [[]]
    for text, is_literal in parts:
        if is_literal:
            pieces[-1].append((text, True))
            continue
        first, *others = text.split("*")
        pieces[-1].append((first, False))
        pieces += [[(other, False)] for other in others]
    cut = tuple([_piece(piece) for piece in pieces])
    return Pattern(*_beginning(cut), cut)


def matches(pattern: Pattern, text: str) -> bool:
    """Tell whether the whole of *text* is what *pattern* describes."""
    return among((pattern,), text)


def among(patterns: tuple[Pattern, ...], text: str) -> bool:
    """Tell whether the whole of *text* is what one of *patterns* describes."""
    for head, length, pieces in patterns:  # by position: measured
        if not text.startswith(head):
            continue
        if length is None:
            if _match(pieces, text):
                return True
        elif length == ANY_LENGTH or length == len(text):
            return True
    return False


def _match(pieces: tuple[Piece, ...], text: str) -> bool:
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(text) == first.length and _stands(first, text, 0)
    at, end = first.length, len(text) - last.length
    if at > end or not _stands(first, text, 0) or not _stands(last, text, end):
        return False
    for piece in pieces[1:-1]:
        at = _place(piece, text, at, end)
        if at == NOWHERE:
            return False
        at += piece.length
    return True


def _beginning(pieces: tuple[Piece, ...]) -> tuple[str, int | None]:
    """Return the head and the length of a pattern of those pieces."""
    first = pieces[0]
    head = first.runs[0][1] if first.runs and not first.runs[0][0] else ""
    if len(first.runs) > len(head[:1]):
        return head, None  # literal text behind a question mark
    if len(pieces) == 1:
        return head, first.length
    is_open = pieces[1:] == (_NOTHING,) and first.length == len(head)
    return head, ANY_LENGTH if is_open else None


def _piece(parts: list[tuple[str, bool]]) -> Piece:
    runs: list[tuple[int, str]] = []
    length, joins = 0, False
    for text, is_literal in parts:
        for number, run in enumerate([text] if is_literal else text.split("?")):
            if number:
                length, joins = length + 1, False
            if run and joins:
                offset, before = runs[-1]
                runs[-1] = (offset, before + run)
            elif run:
                runs.append((length, run))
            length, joins = length + len(run), joins or bool(run)
    return Piece(length, tuple(runs))


def _stands(piece: Piece, text: str, at: int) -> bool:
    """Tell whether *piece*, for which there is room, stands *at* that place of *text*."""
    for offset, run in piece.runs:  # noqa: SIM110 a generator costs more than what it says
        if not text.startswith(run, at + offset):
            return False
    return True


def _place(piece: Piece, text: str, start: int, end: int) -> int:
    """Return the first place from *start* on where *piece* stands before *end*."""
    if piece.length > end - start:
        return NOWHERE
    if not piece.runs:
        return start
    if len(piece.runs) > 1:
        return _place_of_many(piece, text, start, end)
    offset, run = piece.runs[0]
    behind = piece.length - offset - len(run)
    found = text.find(run, start + offset, end - behind)
    return found if found == NOWHERE else found - offset


def _place_of_many(piece: Piece, text: str, start: int, end: int) -> int:
    """Return the same for a piece with question marks inside, one step for each character.

    The bit at number n of ``state`` tells that the first n + 1 characters of the piece stand right
    before the place that is looked at.

    See: Baeza-Yates and Gonnet, A new approach to text searching, 1992
    """
    bits: dict[str, int] = {}
    for offset, run in piece.runs:
        for number, letter in enumerate(run, offset):
            bits[letter] = bits.get(letter, 0) | 1 << number
    free = (1 << piece.length) - 1
    for positions in bits.values():
        free &= ~positions
    state, whole = 0, 1 << piece.length - 1
    for at in range(start, end):
        state = (state << 1 | 1) & (bits.get(text[at], 0) | free)
        if state & whole:
            return at + 1 - piece.length
    return NOWHERE


_ANYTHING = pattern([("*", False)])
