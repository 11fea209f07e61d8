"""Replace patterns in a stream of bytes, whatever pieces it comes in.

Every byte that belongs to an occurrence of a pattern is masked, overlapping occurrences included;
what touches is one mask, ``***``. So the output depends on the bytes alone, not on where reads
divided them. Held back is only what could be the beginning of an occurrence.

Most of a stream is passed over in C: of every *stride* bytes one word of four is looked up in a set
of all words a pattern can show at such a place. Where one is found, the patterns that have it are
compared. Short patterns would make the stride small: see `masking_pairs`. No pattern is longer than
1,024 bytes, so the time is linear in the input.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import compress

from secretctl.delivery import masking_folding
from secretctl.delivery.masking_folding import Foldable
from secretctl.delivery.masking_pairs import Pairs
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.delivery.masking_edges import AcrossEdges

MASK = b"***"
_BLOCK = 256
"""Words that are looked up at once; where one is found, these are looked at one by one."""

_SHORTEST, _WIDTH = 2, 4
"""Bytes of a pattern, and of a word."""

_WIDEST_STRIDE = 16
_LONG, _FEW = 11, 12
"""So many patterns of less bytes are found faster one after the other."""

_FOLDED = 20
"""Bytes of those that are found in several lines, for which a sampler is needed."""

_MANY = 512
"""So many patterns show so many pairs of bytes that these tell little."""


class _Sampler(NamedTuple):
    """Finds occurrences of patterns by words at fixed distances."""

    stride: int
    """Bytes from one word that is looked up to the next."""

    words: dict[int, list[tuple[int, bytes]]]
    """Where in which patterns a word stands, in their first *stride* bytes."""

    folded: dict[int, list[tuple[int, Foldable]]]
    """Where in which of those that may stand in several lines a word stands."""

    known: frozenset[int]

    def occurrences(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield begin and end of each occurrence in *data*."""
        whole = memoryview(data)[: len(data) // _WIDTH * _WIDTH]
        view = whole.cast("I")[:: self.stride // _WIDTH]
        for begin in range(0, len(view), _BLOCK):
            block = view[begin : begin + _BLOCK]
            if self.known.isdisjoint(block):
                continue
            hits = map(self.known.__contains__, block)
            for index in compress(range(len(block)), hits):
                at = (begin + index) * self.stride
                for offset, pattern in self.words.get(block[index], ()):
                    if at >= offset and data.startswith(pattern, at - offset):
                        yield at - offset, at - offset + len(pattern)
                for offset, form in self.folded.get(block[index], ()):
                    place = form.place(data, at, offset)
                    if place:
                        yield place


class Searched(NamedTuple):
    """Patterns, made ready."""

    samplers: tuple[_Sampler | Pairs, ...]
    alone: tuple[bytes, ...]
    """Patterns that are searched for one by one: those of two bytes, and a few short ones."""

    starts: dict[bytes, list[bytes]]
    """Patterns by their first two bytes."""

    firsts: frozenset[int]
    longest: int
    folded_starts: dict[bytes, list[bytes]]
    """Of those that may stand in several lines, each begin, by its first two bytes."""

    longest_folded: int

    def occurrences(self, data: bytes) -> list[tuple[int, int]]:
        """Return begin and end of all occurrences in *data*, in order."""
        found = [place for sampler in self.samplers for place in sampler.occurrences(data)]
        for pattern in self.alone:
            at = data.find(pattern)
            while at >= 0:
                found.append((at, at + len(pattern)))
                at = data.find(pattern, at + 1)
        return sorted(found)

    def unsettled(self, data: bytes) -> int:
        """Return where in *data* the first begin of a pattern stands that its end cuts off."""
        return min(
            self._unsettled(data),
            masking_folding.unsettled(data, self.folded_starts, self.longest_folded),
        )

    def _unsettled(self, data: bytes) -> int:
        size = len(data)
        for at in range(max(0, size - self.longest + 1), size - 1):
            for pattern in self.starts.get(data[at : at + 2], ()):
                if len(pattern) > size - at and pattern.startswith(data[at:]):
                    return at
        return size - 1 if size and data[-1] in self.firsts else size


def searched(patterns: Iterable[bytes]) -> Searched:
    """Make *patterns* ready, to be shared by streams.

    Raises:
        ValueError: One is shorter than two bytes.
    """
    each = tuple(dict.fromkeys(patterns))
    if any(len(pattern) < _SHORTEST for pattern in each):
        raise ValueError("a pattern of less than two bytes would match everywhere")
    short, long = _divided(each)
    are_few = len(short) <= _FEW
    alone = [one for one in short if are_few or len(one) == _SHORTEST]
    paired = [one for one in short if not are_few and len(one) > _SHORTEST]
    sampler = [*_sampler(long)]
    folded = {form: None for one in sampler for found in one.folded.values() for _, form in found}
    begins = [begin for form in folded for begin in form.begins()]
    return Searched(
        samplers=(*sampler, *_pairs(paired)),
        alone=tuple(alone),
        starts=_by_start((*each, *begins)),
        firsts=frozenset(pattern[0] for pattern in (*each, *begins)),
        longest=max(map(len, each), default=0),
        folded_starts=_by_start(begins),
        longest_folded=max(map(len, folded), default=0),
    )


def _by_start(patterns: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    starts: dict[bytes, list[bytes]] = {}
    for pattern in patterns:
        starts.setdefault(pattern[:2], []).append(pattern)
    return starts


def _divided(patterns: tuple[bytes, ...]) -> tuple[list[bytes], list[bytes]]:
    """Return those that are searched for as short ones, and the others."""
    are_short = sum(len(one) < _LONG for one in patterns) > _FEW
    limit = _FOLDED if are_short and len(patterns) < _MANY else _LONG
    return (
        [one for one in patterns if len(one) < limit],
        [one for one in patterns if len(one) >= limit],
    )


def _pairs(patterns: list[bytes]) -> Iterator[Pairs]:
    """Make what finds short patterns, if there is anything to find."""
    wide = [one for one in patterns if len(one) > _WIDTH]
    narrow = [one for one in patterns if len(one) <= _WIDTH]
    if wide:
        yield Pairs(_WIDTH, wide)
    if narrow:
        yield Pairs(_SHORTEST, narrow)


def _sampler(patterns: list[bytes]) -> Iterator[_Sampler]:
    """Make a sampler, if there is anything to find.

    An occurrence of n bytes contains a whole word at one of any n - 4 + 1 places in a row.
    """
    if not patterns:
        return
    shortest = min(map(len, patterns))
    stride = min(_WIDEST_STRIDE, (shortest - _WIDTH + 1) // _WIDTH * _WIDTH)
    words: dict[int, list[tuple[int, bytes]]] = {}
    for pattern in patterns:
        for offset in range(stride):
            word = int.from_bytes(pattern[offset : offset + _WIDTH], sys.byteorder)
            words.setdefault(word, []).append((offset, pattern))
    folded: dict[int, list[tuple[int, Foldable]]] = {}
    for pattern in patterns:
        if isinstance(pattern, Foldable) and pattern.fits(stride):
            for text, offset in pattern.words(stride):
                if len(text) < _WIDTH:
                    continue
                word = int.from_bytes(text, sys.byteorder)
                folded.setdefault(word, []).append((offset, pattern))
    yield _Sampler(stride, words, folded, frozenset(words) | frozenset(folded))


class Masker:
    """Masks one stream."""

    def __init__(self, patterns: Searched | AcrossEdges) -> None:
        self._patterns = patterns
        self._held = b""
        self._masked = -1
        """How many bytes from the begin of what is held the last mask already stands for; -1
        where a byte that is not masked went out since."""

    def look_for(self, patterns: Searched | AcrossEdges) -> None:
        """Mask *patterns* from the next bytes on, in the place of those before."""
        self._patterns = patterns

    def feed(self, chunk: bytes) -> bytes:
        """Take the next bytes of the stream; return those that are settled by them."""
        data = self._held + chunk
        return self._settled(data, self._patterns.unsettled(data))

    def finish(self) -> bytes:
        """Return what is held, at the end of the stream."""
        return self._settled(self._held, len(self._held))

    def _settled(self, data: bytes, end: int) -> bytes:
        """Return *data* masked up to *end*, and hold the rest."""
        done: list[bytes] = []
        masked = self._masked
        for begin, behind in self._patterns.occurrences(data):
            if begin >= end:
                break
            if begin > masked:
                done += (data[max(masked, 0) : begin], MASK)
            masked = max(masked, behind)
        if end > masked:
            done.append(data[max(masked, 0) : end])
            masked = -1 if end else masked
        self._masked = masked - end if masked >= end else -1
        self._held = data[end:]
        return b"".join(done)
