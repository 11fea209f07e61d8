"""Carry what a program writes to where it was to go, masked.

The relay is a process of its own. It reads until nobody can write any more, programs in the
background included, and tells whoever waits for the program when all that was written before the
program's end has gone out. Signals are blocked: it ends with its streams.
"""

from __future__ import annotations

import errno
import os
import resource
import select
from itertools import pairwise

from secretctl.delivery.masking import Masker, Searched
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

_MOST = 65536
"""Bytes read at once: what a pipe of Linux holds, unless it was made larger, up to 1 MiB."""

LAST_ROUNDS = 20
"""Reads after which all that was there when the program ended has been read, even where others go
on writing."""


class Stream:
    """One output of the program."""

    def __init__(self, source: int, target: int, patterns: Searched) -> None:
        self.source = source
        self.target = target
        self._masker = Masker(patterns)

    def carry(self) -> bool:
        """Carry what is there to be read; return whether there may be more.

        Raises:
            OSError: It could not be written.
        """
        chunk = os.read(self.source, _MOST)
        write_all(self.target, self._masker.feed(chunk) if chunk else self._masker.finish())
        return bool(chunk)

    def finish(self) -> None:
        """Write what is held back, at the end.

        Raises:
            OSError: It could not be written.
        """
        write_all(self.target, self._masker.finish())


def run(streams: Iterable[Stream], ended: int, says: int) -> NoReturn:
    """Carry *streams*, then leave.

    Args:
        streams: read until their ends.
        ended: hangs up once the program has ended.
        says: is told, in one byte, when everything the program wrote has gone out: 0, or the
            number of the error that kept it from it.
    """
    try:
        close_others({ended, says, *(n for each in streams for n in (each.source, each.target))})
        _carry({each.source: each for each in streams}, ended, says)
    finally:
        os._exit(0)


def _carry(streams: dict[int, Stream], ended: int, says: int) -> None:
    poll, error, rounds_left = select.poll(), 0, -1
    for number in (ended, *streams):
        poll.register(number, select.POLLIN)
    while streams:
        ready = poll.poll(0 if rounds_left > 0 else None)
        if rounds_left == 0 or (rounds_left > 0 and not ready):
            _say(says, error)
            rounds_left = 0
        rounds_left -= 1
        for number, _ in ready:
            if number == ended:
                poll.unregister(ended)
                rounds_left = LAST_ROUNDS
                continue
            try:
                is_open = streams[number].carry()
            except OSError as failure:
                is_open, error = False, error or failure.errno or errno.EIO
            if not is_open:
                poll.unregister(number)
                _end(streams.pop(number), streams)
    _say(says, error)


def _end(stream: Stream, others: dict[int, Stream]) -> None:
    """Close a stream: its writers and its readers are to see its end."""
    os.close(stream.source)
    if stream.target not in {other.target for other in others.values()}:
        os.close(stream.target)


def _say(says: int, error: int) -> None:
    try:
        os.write(says, bytes([error]))
    except OSError:  # nobody waits any more
        return


def write_all(target: int, data: bytes) -> None:
    """Write *data*, in as many pieces as it takes.

    Raises:
        OSError: It could not be written.
    """
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(target, rest) :]
        except BlockingIOError:  # somebody else made it so
            select.select([], [target], [])


def close_others(kept: set[int]) -> None:
    """Close what was inherited and is not needed, so that nothing stays open because of us."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    places = [-1, *sorted(kept), limit]
    for before, behind in pairwise(places):
        if before + 1 < behind:  # of an empty range that begins at 0, Python makes all
            os.closerange(before + 1, behind)
