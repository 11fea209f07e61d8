"""Keep a program in a terminal of its own, whose output is masked on its way to the real one.

A keeper process leads the session of that terminal. Keys go through untouched, and what our
terminal makes a signal of, the job around us is signalled as well, as by the real one.

The supervisor tells the keeper, in one byte each: the number of a signal that the real terminal has
made; that it has another size. The keeper answers with the number of the signal that has stopped
the program, and stops itself. Others are stopped last: their shell then takes the real terminal.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from secretctl.delivery.supervise_relay import LAST_ROUNDS, Stream, tell
from secretctl.delivery.supervise_terminal import Terminal
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

    from secretctl.delivery.masking import Searched
    from secretctl.delivery.supervise_learning import Learner

RESIZE = b"R"
FOR_ALL = 128
"""Added to the signal that has stopped the program, if it is for all of the job around."""

_LAST_SIGNAL = 64
_MOST = 1024
_SUSPENDED_S = 0.2
_LOOK_MS = 250
"""How often a job in the background looks whether it is in the foreground, which nobody tells."""


class _Output(Stream):
    """What is written to our terminal."""

    def __init__(self, terminal: Terminal, patterns: Searched) -> None:
        super().__init__(terminal.master, terminal.real.number, patterns)
        self._terminal = terminal

    def read(self) -> bytes:
        """Return what is there; empty at the end."""
        return self._terminal.read()


class Keeper:
    """Carries keys in and output out, and looks after the program."""

    def __init__(self, terminal: Terminal, patterns: Searched, hears: int, says: int) -> None:
        self.program = 0
        self.wants_keyboard = False
        """Whether it is taken whenever our job is in the foreground."""

        self._terminal = terminal
        self.output = _Output(terminal, patterns)
        self.learner: Learner | None = None
        """Is told what else to mask."""

        self._hears = hears
        self._says = says
        self._keys = b""
        """Typed, and not yet taken by our terminal."""

        self._suspends_s = 0.0
        """When what is around us is suspended, if the program, which was, does not stop before."""

        self._error = 0
        self._woken = -1

    def run(self, end: Callable[[int], NoReturn]) -> NoReturn:
        """Work until the program has ended; *end* with its status."""
        status, self._woken = None, _woken_by_children()
        while status is None:
            self._step(None)
            status = self._status()
        self._drain()
        self._safely(self.output.finish)
        self._terminal.leave_keyboard()
        tell(self._says, self._error)
        end(status)

    def look(self) -> None:
        """Take the keyboard if it is wanted and ours."""
        terminal = self._terminal
        if self.wants_keyboard and not terminal.has_keyboard and terminal.real.is_ours():
            terminal.take_keyboard()

    def _step(self, timeout: int | None) -> bool:
        """Wait for something to do, and do it; tell whether there was output."""
        terminal = self._terminal
        master, keyboard = terminal.master, terminal.real.number
        is_waiting = self._suspends_s or (self.wants_keyboard and not terminal.has_keyboard)
        ready = self._ready(_LOOK_MS if timeout is None and is_waiting else timeout)
        self.look()
        if self._suspends_s and time.monotonic() > self._suspends_s:
            self._suspends_s = 0.0
            self._signal_around(signal.SIGTSTP)
        if self._woken in ready:
            os.read(self._woken, _MOST)
        if self._hears in ready:
            self._hear(os.read(self._hears, 1))
        if self.learner and self.learner.number in ready and not self.learner.learn():
            self.learner = None
        if keyboard in ready and terminal.is_up:
            self._take_keys()
        if ready.get(master, 0) & select.POLLOUT and terminal.is_up:
            self._give_keys()
        has_output = terminal.is_up and bool(ready.get(master, 0) & ~select.POLLOUT)
        if has_output:
            self._safely(self.output.carry)
        return has_output

    def _ready(self, timeout: int | None) -> dict[int, int]:
        """Return what happens where, of all that there is to wait for."""
        terminal, poll = self._terminal, select.poll()
        for number in (self._woken, self._hears, *([self.learner.number] if self.learner else ())):
            poll.register(number, select.POLLIN)
        if terminal.is_up:
            poll.register(terminal.master, select.POLLIN | (select.POLLOUT if self._keys else 0))
        if terminal.is_up and terminal.has_keyboard and not self._keys:
            poll.register(terminal.real.number, select.POLLIN)
        return dict(poll.poll(timeout))

    def _take_keys(self) -> None:
        if not self._terminal.real.is_ours():  # somebody has given it to another job
            self._terminal.has_keyboard = False
            return
        with suppress(OSError):
            self._keys = os.read(self._terminal.real.number, _MOST)
        if not self._keys:  # it has hung up
            self._terminal.hang_up()

    def _give_keys(self) -> None:
        given = self._keys[: os.write(self._terminal.master, self._keys)]
        self._keys = self._keys[len(given) :]
        for number in self._terminal.signals_in(given):
            if number == signal.SIGTSTP:
                self._suspends_s = time.monotonic() + _SUSPENDED_S
            else:
                self._signal_around(number)

    def _signal_around(self, number: int) -> None:
        with suppress(OSError):
            os.killpg(self._terminal.real.job, number)

    def _safely(self, work: Callable[[], bool | None]) -> None:
        try:
            work()
        except OSError as failure:
            self._error = self._error or failure.errno or errno.EIO
            self._terminal.hang_up()

    def _drain(self) -> None:
        for _ in range(LAST_ROUNDS):
            if not self._step(0):
                return

    def _hear(self, word: bytes) -> None:
        """Do as the supervisor says."""
        if not word:  # it was killed
            os.kill(self.program, signal.SIGKILL)
            self._terminal.leave_keyboard()
            os._exit(1)
        if word == RESIZE:
            self._terminal.resize()
        elif word[0] <= _LAST_SIGNAL:
            self._terminal.signal(word[0])

    def _status(self) -> int | None:
        """Return the program's status if it has ended; stop if it has stopped."""
        found, status = os.waitpid(self.program, os.WNOHANG | os.WUNTRACED)
        if not found:
            return None
        if not os.WIFSTOPPED(status):
            return status
        terminal, number = self._terminal, os.WSTOPSIG(status)
        if number in {signal.SIGTTIN, signal.SIGTTOU} and terminal.real.is_ours():
            self.wants_keyboard = True
        if not self.wants_keyboard or terminal.has_keyboard or not terminal.real.is_ours():
            self._drain()
            terminal.leave_keyboard()
            tell(self._says, number | (FOR_ALL if self._suspends_s else 0))
            self._suspends_s = 0.0
            os.kill(os.getpid(), signal.SIGSTOP)
        self.look()
        with suppress(OSError):
            os.killpg(terminal.job, signal.SIGCONT)
        return None


def _woken_by_children() -> int:
    """Return a descriptor that can be read once a child has ended or stopped."""
    reading, writing = os.pipe()
    for number in (reading, writing):
        os.set_blocking(number, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    return reading
