"""Replace patterns in a stream of bytes, whatever pieces it comes in.

Every byte that belongs to an occurrence of a pattern is masked, overlapping occurrences included;
what touches is one mask, ``***``. So the output depends on the bytes alone, not on where reads
divided them. Held back is only what could be the beginning of an occurrence.

Most of a stream is passed over in C: of every *stride* bytes one word of two or four is looked up
in a set of all words a pattern can show at such a place. Where one is found, the patterns that have
it are compared. No pattern is longer than 1,024 bytes, so the time is linear in the input.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import compress

from secretctl.delivery import masking_folding
from secretctl.delivery.masking_folding import Foldable
from secretctl.record import NamedTuple

MASK = b"***"
_BLOCK = 256
"""Words that are looked up at once; where one is found, these are looked at one by one."""

_NARROW, _WIDE = 2, 4
"""Bytes of the words of short patterns, and of others."""

_WIDEST_STRIDE = 16
_LONG, _FEW = 11, 12
"""So many patterns of less bytes are found faster one after the other."""


class _Sampler(NamedTuple):
    """Finds occurrences of patterns by words at fixed distances."""

    width: int
    """Bytes in a word: two or four."""

    stride: int
    """Bytes from one word that is looked up to the next."""

    words: dict[int, list[tuple[int, bytes]]]
    """Where in which patterns a word stands, in their first *stride* bytes."""

    folded: dict[int, list[tuple[int, Foldable]]]
    """Where in which of those that may stand in several lines a word stands."""

    known: frozenset[int]

    def occurrences(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield begin and end of each occurrence in *data*."""
        whole = memoryview(data)[: len(data) // self.width * self.width]
        words = whole.cast("H") if self.width == _NARROW else whole.cast("I")
        view = words[:: self.stride // self.width]
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

    samplers: tuple[_Sampler, ...]
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
    if any(len(pattern) < _NARROW for pattern in each):
        raise ValueError("a pattern of less than two bytes would match everywhere")
    short = dict.fromkeys(pattern for pattern in each if len(pattern) < _LONG)
    if len(short) > _FEW:
        short = dict.fromkeys(one for one in short if not _has_word(one, _NARROW))
    rest = [pattern for pattern in each if pattern not in short]
    wide = [pattern for pattern in rest if _has_word(pattern, _WIDE)]
    narrow = [pattern for pattern in rest if not _has_word(pattern, _WIDE)]
    samplers = (*_sampler(_WIDE, wide), *_sampler(_NARROW, narrow))
    folded = {form: None for one in samplers for found in one.folded.values() for _, form in found}
    begins = [begin for form in folded for begin in form.begins()]
    return Searched(
        samplers=samplers,
        alone=tuple(short),
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


def _has_word(pattern: bytes, width: int) -> bool:
    """Tell whether any occurrence of *pattern* contains a whole word, wherever it begins."""
    return len(pattern) >= 2 * width - 1


def _sampler(width: int, patterns: list[bytes]) -> Iterator[_Sampler]:
    """Make a sampler, if there is anything to find.

    An occurrence of n bytes contains a whole word at one of any n - width + 1 places in a row.
    """
    if not patterns:
        return
    shortest = min(map(len, patterns))
    stride = min(_WIDEST_STRIDE, (shortest - width + 1) // width * width)
    words: dict[int, list[tuple[int, bytes]]] = {}
    for pattern in patterns:
        for offset in range(stride):
            word = int.from_bytes(pattern[offset : offset + width], sys.byteorder)
            words.setdefault(word, []).append((offset, pattern))
    folded: dict[int, list[tuple[int, Foldable]]] = {}
    for pattern in patterns if width == masking_folding.WIDTH else ():
        if isinstance(pattern, Foldable) and pattern.fits(stride):
            for text, offset in pattern.words(stride):
                if len(text) < width:
                    continue
                word = int.from_bytes(text, sys.byteorder)
                folded.setdefault(word, []).append((offset, pattern))
    yield _Sampler(width, stride, words, folded, frozenset(words) | frozenset(folded))


class Masker:
    """Masks one stream."""

    def __init__(self, patterns: Searched) -> None:
        self._patterns = patterns
        self._held = b""
        self._masked = -1
        """How many bytes from the begin of what is held the last mask already stands for; -1
        where a byte that is not masked went out since."""

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
