r"""Values that reach over the right edge of a terminal.

There a program that draws lines of its own makes the terminal go to the next row: less by a blank
and a backspace, readline by a blank and a return. For what is looked for they are not there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from secretctl.delivery.masking import Searched
from secretctl.record import NamedTuple

_EDGES = (b" \b", b" \r")


class AcrossEdges(NamedTuple):
    """Patterns, found with edges in them as well."""

    patterns: Searched

    def occurrences(self, data: bytes) -> list[tuple[int, int]]:
        """Return begin and end of all occurrences in *data*, in order."""
        found = self.patterns.occurrences(data)
        plain, cuts = _without_edges(data)
        if not cuts:
            return found
        across = self.patterns.occurrences(plain)
        return sorted({*found, *((_begin(at, cuts), _end(end, cuts)) for at, end in across)})

    def unsettled(self, data: bytes) -> int:
        """Return where in *data* the first begin of a pattern stands that its end cuts off."""
        first = min(self.patterns.unsettled(data), self._unsettled(data))
        if not data.endswith(b" "):
            return first
        before = self._unsettled(data[:-1])  # the blank may be half of an edge
        return min(first, before) if before < len(data) - 1 else first

    def _unsettled(self, data: bytes) -> int:
        plain, cuts = _without_edges(data)
        return _begin(self.patterns.unsettled(plain), cuts)


def _without_edges(data: bytes) -> tuple[bytes, list[int]]:
    """Return *data* without edges, and where in the result there was one."""
    if not any(edge in data for edge in _EDGES):
        return data, []
    parts = data.replace(_EDGES[1], _EDGES[0]).split(_EDGES[0])
    cuts, at = [], 0
    for part in parts[:-1]:
        at += len(part)
        cuts.append(at)
    return b"".join(parts), cuts


def _begin(at: int, cuts: list[int]) -> int:
    return at + len(_EDGES[0]) * bisect_right(cuts, at)


def _end(at: int, cuts: list[int]) -> int:
    return at + len(_EDGES[0]) * bisect_left(cuts, at)
