"""Base64 that is folded into lines, where a line ends inside of what is looked for.

Found is a form from one of its first six characters on, with line ends, LF or CRLF, the first six
characters or more behind the begin, the others twenty or more apart. What stands before a line end
with less is left, so that few ends of lines have to wait for what follows.
"""

from __future__ import annotations

from collections.abc import Iterator

WIDTH = 4
"""Bytes of the words that a form is found by."""

_SHORTEST_BEGIN, _SHORTEST_LINE = 6, 20
_SKIPPED = _SHORTEST_BEGIN - 1
_LINE_ENDS = (b"\n", b"\r\n")


class Foldable(bytes):
    """A pattern that may stand in several lines."""

    __slots__ = ()

    def fits(self, stride: int) -> bool:
        """Tell whether a word at every *stride* bytes finds it, from each of its begins on."""
        return len(self) >= stride + WIDTH - 1 + _SKIPPED

    def begins(self) -> Iterator[bytes]:
        """Yield it without its first characters, as far as they may be missing."""
        return (self[first:] for first in range(_SHORTEST_BEGIN))

    def words(self, stride: int) -> Iterator[tuple[bytes, int]]:
        """Yield words, one of which stands at one of *stride* places, each with its index here.

        Either the line it begins in has a whole word there, or the next has, or both are short.
        """
        enough = stride + WIDTH - 1
        for index in range(min(len(self), 2 * enough + _SKIPPED) - WIDTH + 1):
            yield self[index : index + WIDTH], index
        last = min(len(self), enough + _SHORTEST_BEGIN)
        for cut in range(max(_SHORTEST_BEGIN, len(self) - enough + 1), last):
            for index in range(cut - WIDTH + 1, cut + 1):
                for line_end in _LINE_ENDS:
                    text = self[index:cut] + line_end + self[cut : cut + WIDTH]
                    yield text[:WIDTH], index

    def place(self, data: bytes, at: int, index: int) -> tuple[int, int] | None:
        """Return begin and end of what stands in *data*, if its *index* is *at*, or behind it."""
        if at >= index and data.startswith(self, at - index):
            return None  # whole, which is found without us
        ends: dict[int, int] = {}
        end = self._matched_right(data, at, index, ends)
        if end < 0:
            return None
        at -= data[at - 1 : at + 1] == b"\r\n" if at else 0
        begin, first = self._matched_left(data, at, index, ends)
        line = first
        for cut in sorted(ends):
            if line == first and cut - line < _SHORTEST_BEGIN:
                begin, first = ends[cut], cut
            elif line != first and cut - line < _SHORTEST_LINE:
                return None
            line = cut
        return (begin, end) if first <= _SKIPPED else None

    def _matched_right(self, data: bytes, at: int, index: int, ends: dict[int, int]) -> int:
        """Return where it ends, -1 if it does not; note the line ends before which indices."""
        while True:
            left = len(self) - index
            stop = data.find(b"\n", at, at + left + 1)
            part = data[at:stop].removesuffix(b"\r") if stop >= 0 else b""
            if stop < 0 or len(part) == left:
                return at + left if data.startswith(self[index:], at) else -1
            index += len(part)
            if not self.startswith(part, index - len(part)) or index in ends:
                return -1
            ends[index] = at = stop + 1

    def _matched_left(
        self, data: bytes, at: int, index: int, ends: dict[int, int]
    ) -> tuple[int, int]:
        """Return from where on it is there, and from which index; note line ends."""
        while index and at:
            needed = max(1, index - _SKIPPED)
            begin = max(data.rfind(b"\n", max(0, at - needed), at) + 1, at - needed, 0)
            if not self.startswith(data[begin:at], index - (at - begin)):
                break
            index -= at - begin
            if begin < at:
                at = begin
                continue
            before = at - (data[at - 1] == ord("\n"))
            before -= before > 0 and data[before - 1 : before + 1] == b"\r\n"
            if index in ends or before in {at, 0} or data[before - 1] != self[index - 1]:
                break
            ends.setdefault(index, at)
            at = before
        return at, index


def unsettled(data: bytes, starts: dict[bytes, list[bytes]], longest: int) -> int:
    """Return where in *data* the first begin stands that its end cuts off, with a line end in it.

    Args:
        data: what has not gone out.
        starts: all that `Foldable.begins` yields, by its first two bytes.
        longest: bytes of the longest of it.
    """
    size = len(data)
    from_ = max(0, size - 2 * longest)
    last = max(data.rfind(b"\n", from_), size - 1 if data.endswith(b"\r") else -1)
    for at in range(from_, last - _SHORTEST_BEGIN + 1):
        candidates = starts.get(data[at : at + 2])
        if not candidates or b"\n" in data[at : at + _SHORTEST_BEGIN]:
            continue
        rest = data[at:].translate(None, b"\r\n")
        if any(len(form) > len(rest) and form.startswith(rest) for form in candidates):
            return at
    return size
