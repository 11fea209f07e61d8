"""Give a program a terminal of its own, whose output is masked on its way to the real one.

A keeper process leads a session with a pseudo-terminal as its terminal. The program is a job in
it, in the foreground. Keys go through untouched, so that the inner terminal makes interrupts,
suspensions and echo of them, and the real one is raw as long as they do.

The supervisor tells the keeper, in one byte each: a signal's number, for the foreground of the
inner terminal; that it reads the keyboard, or leaves it alone; that the window has another size.
The keeper answers with the number of the signal that has stopped the program, and stops itself.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import termios
import tty
from collections.abc import Callable

from secretctl.delivery.supervise_relay import LAST_ROUNDS, Stream
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import NoReturn

KEYBOARD, NO_KEYBOARD, RESIZE = b"K", b"N", b"R"
_LAST_SIGNAL = 64
_MOST = 65536


class Terminal(NamedTuple):
    """The inner terminal, and the real one."""

    master: int
    slave: int
    outer: int
    has_keyboard: bool
    """Whether standard input is the real one."""

    modes: list[object]
    """Of the real terminal, at the start."""

    def descriptors(self) -> set[int]:
        """Return what stays open for it; the slave, so that it never hangs up on its master."""
        return {self.master, self.slave, self.outer}

    def resize(self) -> None:
        """Give the inner terminal the size of the real one; the kernel tells its job."""
        size = fcntl.ioctl(self.outer, termios.TIOCGWINSZ, bytes(8))
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def restore(self) -> None:
        """Give the real terminal the modes it had."""
        if self.has_keyboard:
            termios.tcsetattr(self.outer, termios.TCSADRAIN, self.modes)  # type: ignore[arg-type]  # as it came

    def be_raw(self) -> None:
        """Have the real terminal pass every key on."""
        if self.has_keyboard:
            tty.setraw(self.outer, termios.TCSADRAIN)


def opened(outer: int) -> Terminal:
    """Open a terminal with the modes and the size of *outer*, and lead a session on it."""
    has_keyboard = os.isatty(0)
    real = 0 if has_keyboard else outer
    modes = termios.tcgetattr(real)
    master, slave = os.openpty()
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    terminal = Terminal(master, slave, real, has_keyboard, list(modes))
    terminal.resize()
    return terminal


def enter(terminal: Terminal, outputs: dict[int, int]) -> None:
    """Become the foreground job of *terminal*; *outputs* are those that are no terminal."""
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal.slave, os.getpid())
    for number in (0, 1, 2):
        if number in outputs:
            os.dup2(outputs[number], number)
        elif os.isatty(number):
            os.dup2(terminal.slave, number)


class Keeper:
    """Carries keys in and output out, and looks after the program."""

    def __init__(
        self, terminal: Terminal, program: int, streams: list[Stream], hears: int, says: int
    ) -> None:
        self._terminal = terminal
        self._program = program
        self._streams = {each.source: each for each in streams}
        self._hears = hears
        self._says = says
        self._keys = b""
        """Typed, and not yet taken by the inner terminal."""

        self._is_reading = False
        self._error = 0
        self._woken = _woken_by_children()

    def run(self, end: Callable[[int], NoReturn]) -> NoReturn:
        """Work until the program has ended; *end* with its status."""
        while not self._hear(os.read(self._hears, 1)):
            pass  # until the real terminal is in the mode for what the program writes
        while True:
            self._step(None)
            status = self._status()
            if status is not None:
                break
        self._drain()
        for number in list(self._streams):
            self._safely(number, self._streams[number].finish)
        self._terminal.restore()
        os.write(self._says, bytes([self._error]))
        end(status)

    def _step(self, timeout: int | None) -> bool:
        """Wait for something to do, and do it; tell whether there was output."""
        poll = select.poll()
        for number in (self._woken, self._hears, *self._streams):
            poll.register(number, select.POLLIN)
        if self._is_reading and not self._keys:
            poll.register(0, select.POLLIN)
        if self._keys:
            poll.register(self._terminal.master, select.POLLIN | select.POLLOUT)
        ready = dict(poll.poll(timeout))
        if self._woken in ready:
            os.read(self._woken, _MOST)
        if self._hears in ready:
            self._hear(os.read(self._hears, 1))
        if 0 in ready:
            self._keys = _read(0)
            self._is_reading = bool(self._keys)
        if ready.get(self._terminal.master, 0) & select.POLLOUT:
            self._keys = self._keys[os.write(self._terminal.master, self._keys) :]
        readable = [n for n in ready if n in self._streams and ready[n] & ~select.POLLOUT]
        for number in readable:
            self._safely(number, self._streams[number].carry)
        return bool(readable)

    def _safely(self, number: int, work: Callable[[], bool | None]) -> None:
        try:
            is_open = work()
        except OSError as failure:
            is_open, self._error = False, self._error or failure.errno or errno.EIO
        if not is_open:
            del self._streams[number]
            if number != self._terminal.master:
                os.close(number)

    def _drain(self) -> None:
        for _ in range(LAST_ROUNDS):
            if not self._streams or not self._step(0):
                return

    def _hear(self, word: bytes) -> bool:
        """Do as the supervisor says; tell whether it was about the keyboard."""
        if not word:  # the supervisor was killed
            os.kill(self._program, signal.SIGKILL)
            self._terminal.restore()
            os._exit(1)
        if word == KEYBOARD and self._terminal.has_keyboard:
            self._terminal.be_raw()
            self._is_reading = True
        elif word == NO_KEYBOARD:
            self._is_reading = False
        elif word == RESIZE:
            self._terminal.resize()
        elif word[0] <= _LAST_SIGNAL:
            os.killpg(os.tcgetpgrp(self._terminal.master), word[0])
        return word in {KEYBOARD, NO_KEYBOARD}

    def _status(self) -> int | None:
        """Return the program's status if it has ended; stop if it has stopped."""
        found, status = os.waitpid(self._program, os.WNOHANG | os.WUNTRACED)
        if not found:
            return None
        if not os.WIFSTOPPED(status):
            return status
        self._drain()
        self._terminal.restore()
        self._is_reading = False
        os.write(self._says, bytes([os.WSTOPSIG(status)]))
        os.kill(os.getpid(), signal.SIGSTOP)
        return None


def _read(number: int) -> bytes:
    try:
        return os.read(number, 1024)
    except OSError:  # the real terminal has hung up
        return b""


def _woken_by_children() -> int:
    """Return a descriptor that can be read once a child has ended or stopped."""
    reading, writing = os.pipe()
    for number in (reading, writing):
        os.set_blocking(number, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    return reading
