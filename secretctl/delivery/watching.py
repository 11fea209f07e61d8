"""Run a program again, or signal it, whenever what it was given has changed.

It is supervised as in `supervise`. To be replaced, it and what it started are sent SIGTERM, and
what is left of them SIGKILL once the grace has passed; only then the next begins, in the same
process group, with the terminal as it was. Signals that are to end us go to the program all the
while, and none is begun after them, however long the program takes. A program that ends by itself
ends us.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable

from secretctl.context import Context, tell
from secretctl.delivery import noticing, process_tree, supervise, terminal_kept
from secretctl.delivery.pacing import Pace
from secretctl.delivery.supervise_start import ALL, SI_KERNEL, Running
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import NoReturn

_ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
_PAUSE_S = 0.02
_LONG_PAUSE_S = 1.0
_KILLED_S = 5.0
"""How long what was killed may take to go: what waits for a disk, or is another user's, stays."""

_NOT_FOLLOWED = (
    "secretctl: note: the command was told to end: its secrets are not followed any more"
)
_OTHERS = (
    "secretctl: warning: the command is another user's by now, and cannot be ended or signalled; "
    "it goes on with what it was given"
)
_AT_ONCE_S = 10.0
"""A program that fails within this time after a change may have failed because of it."""


class Found(NamedTuple):
    """What a look at the secrets gave."""

    start: Callable[[], Running] | None = None
    """Starts another program instead of the present one; all signals are blocked from then on."""

    put_away: Callable[[], object] = str
    """Removes what was made for the program that is not started; what it returns is of no use."""

    is_changed: bool = False
    """The program is to be signalled."""

    failed: bool = False
    """It is worth while to look again, although nothing may change until then."""


class Watch(NamedTuple):
    """What is watched, and what is done about it."""

    path: str
    """File that changes whenever a secret does."""

    stamp: noticing.Stamp
    """How it was before the secrets were read."""

    look: Callable[[], Found]
    signal: int = 0
    """Sent to the program; 0 if it is run again instead."""

    grace_s: float = 10.0


class Surroundings(NamedTuple):
    """What was there before the first program."""

    others: frozenset[int]
    """Children of ours that are none of its."""

    terminal: terminal_kept.Kept
    had_terminal: bool
    """Whether there was one of our session."""

    def is_ending(self, sent: signal.struct_siginfo) -> bool:
        """Tell whether a signal is to end us; a hang-up by a process is a mere word.

        Except where a shell tells its jobs that the terminal is gone, before the kernel does.
        What was ignored at the start and comes of the terminal ends no program.
        """
        is_by_terminal = sent.si_code == SI_KERNEL
        if sent.si_signo == signal.SIGHUP and not is_by_terminal:
            is_by_terminal = self.had_terminal and not terminal_kept.is_of_session()
        if is_by_terminal:
            is_ignored = signal.getsignal(sent.si_signo) is signal.SIG_IGN
            return sent.si_signo in {signal.SIGHUP, *_ENDING} and not is_ignored
        return sent.si_signo in _ENDING


def surroundings() -> Surroundings:
    """Look around; call before the first program is started."""
    process_tree.adopt_orphans()
    others = frozenset(process_tree.below(os.getpid()))
    return Surroundings(others, terminal_kept.seen(), terminal_kept.is_of_session())


def run(running: Running, watch: Watch, around: Surroundings, context: Context) -> NoReturn:
    """Watch over a program that runs, and over others after it; end as the last one does.

    Raises:
        CommandNotExecutableError: One cannot be run, and the one before has ended.
    """
    pace, others, times = Pace(watch.stamp, time.monotonic()), set(around.others), 0
    while True:
        others.add(running.relay)
        started_s = time.monotonic()
        came = _until(running, watch, pace, around, context)
        if isinstance(came, _Ended):
            if times and not came.was_asked:
                _tell_of(came.status, time.monotonic() - started_s, context)
            supervise.has_ended(running, context)
            supervise.end(running, came.status, context)
        status, is_to_end = _stopped(running, others, watch.grace_s, around)
        supervise.has_ended(running, context)
        if is_to_end or not _drained(running, around):
            came.put_away()
            supervise.end(running, status, context)
        supervise.forget(running)
        around.terminal.restore()
        assert came.start is not None, "there is another only to be started"
        running, times = came.start(), times + 1
        del came  # its values
        pace.acted(time.monotonic())


class _Ended(NamedTuple):
    """A program that has ended by itself."""

    status: int
    was_asked: bool
    """Whether a signal that was to end it came before."""


def _until(
    running: Running, watch: Watch, pace: Pace, around: Surroundings, context: Context
) -> _Ended | Found:
    """Wait until the program ends, or until another is to be run: none, once it is to end."""
    line_end = "\r\n" if running.real else "\n"
    was_asked = is_others = False
    while True:
        with noticing.told(watch.path) as look_s:  # anew each time: the directory may be another
            status, is_asked = _waited(running, watch, pace, look_s, around)
        was_asked = was_asked or is_asked
        if status is not None:
            return _Ended(status, was_asked)
        if was_asked and not watch.signal:
            tell(context, _NOT_FOLLOWED + line_end)
            return _Ended(supervise.awaited(running), was_asked)
        if not process_tree.may_signal(running.program):
            if not is_others:
                tell(context, _OTHERS + line_end)
            is_others = True
            pace.looked(time.monotonic())
            continue
        found = _looked(running, watch, pace)
        if found.start is not None:
            return found


def _waited(
    running: Running, watch: Watch, pace: Pace, look_s: float, around: Surroundings
) -> tuple[int | None, bool]:
    """Wait until a look is due, or the program ends.

    Returns:
        The status with which it has ended, if it has; and whether it was asked to.
    """
    was_asked = False
    while True:
        now_s = time.monotonic()
        pace.sees(noticing.stamp(watch.path), now_s)
        left_s = pace.left_s(now_s)
        if left_s == 0:
            return None, was_asked
        sent = signal.sigtimedwait(ALL, look_s if left_s is None else min(left_s, look_s))
        if sent is None or noticing.is_told(sent):
            continue
        was_asked = was_asked or around.is_ending(sent)
        status = supervise.hear(sent, running)
        if status is not None:
            return status, was_asked


def _looked(running: Running, watch: Watch, pace: Pace) -> Found:
    """Look at the secrets; signal the program if it is to be."""
    found = watch.look()
    pace.looked(time.monotonic())
    if found.failed:
        pace.failed(time.monotonic())
    if found.is_changed:
        process_tree.send([running.program], watch.signal)
        pace.acted(time.monotonic())
    return found


def _stopped(
    running: Running, others: set[int], grace_s: float, around: Surroundings
) -> tuple[int, bool]:
    """End the program and what it started; return its status, and whether we are to end as well."""
    sessions = {process_tree.session(0), process_tree.session(running.program)}
    keeper = running.child if running.real else 0

    def left() -> list[int]:
        found = process_tree.below(os.getpid(), others)
        return [each for each in process_tree.in_sessions(found, sessions) if each != keeper]

    for number in (signal.SIGTERM, signal.SIGCONT):
        process_tree.send(left(), number)
    kill_s = time.monotonic() + grace_s
    status, is_to_end = None, False
    while status is None or (not is_to_end and left()):
        over_s = time.monotonic() - kill_s
        if over_s >= 0:
            process_tree.send(left(), signal.SIGKILL)
        if over_s >= _KILLED_S and status is not None:
            break
        pause_s = _PAUSE_S if over_s < _KILLED_S else _LONG_PAUSE_S
        sent = signal.sigtimedwait(ALL, pause_s if over_s >= 0 else -over_s)
        if sent is not None:
            is_to_end = is_to_end or around.is_ending(sent)
            status = _heard(sent, running, status)
    return status, is_to_end


def _heard(sent: signal.struct_siginfo, running: Running, status: int | None) -> int | None:
    if status is None or sent.si_signo == signal.SIGCHLD:
        found = supervise.hear(sent, running)
        return found if status is None else status
    return status


def _drained(running: Running, around: Surroundings) -> bool:
    """Wait until what a program wrote has gone out; False if we are to end first."""
    poll = select.poll()
    poll.register(running.said, select.POLLIN)
    while True:
        is_out = bool(poll.poll(0))
        sent = signal.sigtimedwait(ALL, 0 if is_out else _PAUSE_S)
        if sent is None and is_out:
            return True
        if sent is not None and around.is_ending(sent):
            return False
        if sent is not None:
            _heard(sent, running, 0)


def _tell_of(status: int, after_s: float, context: Context) -> None:
    """Tell of a program that fails soon after a change, for that may be why."""
    if status and after_s < _AT_ONCE_S:
        tell(
            context,
            f"secretctl: warning: the command ended {after_s:.1f} s after it was started again "
            "with changed secrets\n",
        )
