"""Carry what a program writes to where it was to go, masked.

The relay is a process of its own. It reads until nobody can write any more, programs in the
background included, and tells whoever waits for the program when all that was written before the
program's end has gone out. Each stream has a thread, so that one that nobody reads holds up no
other.

It belongs to the job as the program does. So what it is signalled, and it is the only one to be
asked, the program was signalled as well: see `supervise`.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import signal
import time
from _thread import start_new_thread
from itertools import pairwise

from secretctl.delivery.masking import Masker, Searched
from secretctl.delivery.masking_edges import AcrossEdges
from secretctl.delivery.supervise_output import is_ready
from secretctl.prctl import rename
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from secretctl.delivery.supervise_learning import Learner
    from secretctl.delivery.supervise_output import Output

_MOST = 65536
"""Bytes read at once: what a pipe of Linux holds, unless it was made larger, up to 1 MiB."""

LAST_ROUNDS = 20
"""Reads after which all that was there when the program ended has been read, even where others go
on writing."""

_CLOSED = 255
_LOOK_MS = 250
"""How often a terminal is asked for its size, which the kernel tells its foreground job only."""

_RECENT_S = 2.0
_LEFT_ALONE = {
    *(signal.SIGKILL, signal.SIGSTOP, signal.SIGTTIN, signal.SIGTTOU),
    *(signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGTRAP),
    *(signal.SIGPIPE, signal.SIGXFSZ),
}
"""Signals that cannot be waited for, or are for writing, or mean a fault of our own."""


class Stream:
    """One output of the program."""

    def __init__(
        self, source: int, target: int, patterns: Searched, terminal: Output | None = None
    ) -> None:
        self.source = source
        self.target = target
        self.terminal = terminal
        self._masker = Masker(self._as_written(patterns))

    def look_for(self, patterns: Searched) -> None:
        """Mask *patterns* from now on, in the place of those before."""
        self._masker.look_for(self._as_written(patterns))

    def _as_written(self, patterns: Searched) -> Searched | AcrossEdges:
        return AcrossEdges(patterns) if os.isatty(self.target) else patterns

    def read(self) -> bytes | None:
        """Return what is there; None if that is nothing yet, empty at the end."""
        return self.terminal.read() if self.terminal else os.read(self.source, _MOST)

    def carry(self) -> bool:
        """Carry what is there to be read; return whether there may be more.

        Raises:
            OSError: It could not be written.
        """
        chunk = self.read()
        if chunk:
            self.write(chunk)
        elif chunk is not None:
            self.finish()
        return chunk is None or bool(chunk)

    def write(self, data: bytes) -> None:
        """Write *data*, masked.

        Raises:
            OSError: It could not be written.
        """
        write_all(self.target, self._masker.feed(data))

    def finish(self) -> None:
        """Write what is held back, at the end.

        Raises:
            OSError: It could not be written.
        """
        write_all(self.target, self._masker.finish())


class Wires(NamedTuple):
    """How the relay and the supervisor hear of each other."""

    hears: int
    """Numbers of signals that are asked for; hangs up once the program has ended."""

    answers: int
    """Is written 1 if the relay had the signal as well, otherwise 0."""

    says: int
    """Is told, in one byte, when everything the program wrote has gone out: 0, or the number of the
    error that kept it from it."""


def run(streams: Sequence[Stream], wires: Wires, learner: Learner | None = None) -> NoReturn:
    """Carry *streams* to their ends, then leave; *learner* is told what else to mask in them."""
    try:
        rename(b"mask-relay")  # else who signals all that are called secretctl signals the program
        kept = {*wires, *(n for each in streams for n in (each.source, each.target))}
        close_others(kept | ({learner.number} if learner else set()))
        finishing, finished = os.pipe()
        for stream in streams:
            start_new_thread(_carry, (stream, wires.hears, finished))
        _look_after(streams, wires, finishing, learner)
    finally:
        os._exit(0)


def _look_after(
    streams: Sequence[Stream], wires: Wires, finishing: int, learner: Learner | None
) -> None:
    """Answer, learn, resize and tell until the program has ended and all streams have."""
    woken, signalled = _woken_by_signals(), dict[int, float]()
    terminals = [each.terminal for each in streams if each.terminal]
    poll, results, left, is_heard = select.poll(), list[int](), len(streams), True
    if not streams:
        tell(wires.says, 0)
    for number in (wires.hears, finishing, woken, *([learner.number] if learner else ())):
        poll.register(number, select.POLLIN)
    while left or is_heard:
        ready = dict(poll.poll(_LOOK_MS if terminals and left else None))
        for terminal in terminals:
            terminal.keep_up()
        if woken in ready:
            signalled.update(dict.fromkeys(os.read(woken, _MOST), time.monotonic()))
        if wires.hears in ready and not _answer(wires, signalled):
            poll.unregister(wires.hears)
            is_heard = False
        _learn(learner, ready, poll)
        for result in os.read(finishing, len(streams)) if finishing in ready else b"":
            if result == _CLOSED:
                left -= 1
                continue
            results.append(result)
            if len(results) == len(streams):
                tell(wires.says, max(results))


def _learn(learner: Learner | None, ready: Mapping[int, int], poll: select.poll) -> None:
    if learner and learner.number in ready and not learner.learn():
        poll.unregister(learner.number)


def _answer(wires: Wires, signalled: dict[int, float]) -> bool:
    """Tell whether a signal came here as well; return whether there may be other questions."""
    asked = os.read(wires.hears, 1)
    if asked:
        is_recent = time.monotonic() - signalled.pop(asked[0], -_RECENT_S) < _RECENT_S
        tell(wires.answers, int(is_recent))
    return bool(asked)


def _carry(stream: Stream, ended: int, finished: int) -> None:
    """Carry a stream to its end; tell *finished* when all from before the program's end is out."""
    poll, error, is_open, rounds_left = select.poll(), 0, True, -1
    poll.register(stream.source, select.POLLIN)
    poll.register(ended, 0)
    is_told = False
    while is_open:
        ready = dict(poll.poll(0 if rounds_left > 0 else None))
        if rounds_left == 0 or (rounds_left > 0 and not ready):
            tell(finished, error)
            is_told, rounds_left = True, 0
        rounds_left -= 1
        if ended in ready:
            poll.unregister(ended)
            rounds_left = LAST_ROUNDS
        if stream.source in ready:
            try:
                is_open = stream.carry()
            except OSError as failure:
                is_open, error = False, failure.errno or errno.EIO
    os.close(stream.source)  # its writers and its readers are to see its end
    os.close(stream.target)
    if not is_told:
        tell(finished, error)
    tell(finished, _CLOSED)


def tell(number: int, result: int) -> None:
    """Write a byte, if anybody still waits for it."""
    try:
        os.write(number, bytes([result]))
    except OSError:
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
            is_ready(target, select.POLLOUT, None)


def _woken_by_signals() -> int:
    """Return a descriptor that gives the numbers of the signals that come."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    seen = signal.valid_signals() - _LEFT_ALONE
    for number in seen:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, seen)
    return reading


def close_others(kept: set[int]) -> None:
    """Close what was inherited and is not needed, so that nothing stays open because of us."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    places = [-1, *sorted(kept), limit]
    for before, behind in pairwise(places):
        if before + 1 < behind:  # of an empty range that begins at 0, Python makes all
            os.closerange(before + 1, behind)
