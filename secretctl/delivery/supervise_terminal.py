"""A terminal of its own for a program, in the place of the one of our session.

The real terminal is the program's, by way of ours, as long as we have its keyboard: then it is raw,
so that ours makes interrupts, suspensions and echo of what is typed. Otherwise it is left as it is,
and the program is in the background of its terminal: if it wants the keyboard, it stops.
"""

from __future__ import annotations

import fcntl
import os
import signal
import termios
import tty
from contextlib import suppress

from secretctl.delivery.supervise_output import (
    FAILURES,
    adds_returns,
    device,
    ends_inside,
    is_ready,
    size,
)
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.delivery.supervise_output import Modes

_LFLAG, _CC = 3, 6
_MOST = 65536
_SIGNALS = (
    (termios.VINTR, signal.SIGINT),
    (termios.VQUIT, signal.SIGQUIT),
    (termios.VSUSP, signal.SIGTSTP),
)


class Real(NamedTuple):
    """The terminal of our session."""

    number: int
    modes: Modes
    """At the start."""

    job: int
    """Process group of ours."""

    supervisor: int

    def is_ours(self) -> bool:
        """Tell whether our job is in the foreground."""
        try:
            with open(f"/proc/{self.supervisor}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            return True
        return fields[2] == fields[5] or fields[5] == "-1"

    def restore(self) -> None:
        """Give it the modes of the start, if our job has it."""
        with suppress(*FAILURES):
            if os.tcgetpgrp(self.number) == self.job:
                termios.tcsetattr(self.number, termios.TCSADRAIN, self.modes)


def of_session() -> Real | None:
    """Open the terminal of our session, if it has one."""
    try:
        number = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    return Real(number, termios.tcgetattr(number), os.getpgrp(), os.getpid())


def is_on(real: Real, number: int) -> bool:
    """Tell whether *number* is open on the terminal of our session."""
    return os.isatty(number) and device(number) == device(real.number)


class Terminal:
    """A terminal with a job in it; the caller leads its session from here on."""

    def __init__(self, real: Real) -> None:
        self.real = real
        self.has_keyboard = False
        self.is_up = True
        self.master, self.slave = os.openpty()
        termios.tcsetattr(self.slave, termios.TCSANOW, real.modes)
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        self.resize()
        self.job = _group()
        self._is_literal = False

    def enter(self) -> None:
        """Join the job, with the terminal for all that is open on the real one."""
        self.take_in(0)
        for number in (0, 1, 2):
            if is_on(self.real, number):
                os.dup2(self.slave, number)

    def take_in(self, process: int) -> None:
        """Have *process* in the job; it, or we, may be first."""
        with suppress(PermissionError, ProcessLookupError):  # it is another program already
            os.setpgid(process, self.job)
        if process:
            os.waitpid(self.job, 0)

    def take_keyboard(self) -> None:
        """Have what is typed on the real terminal for the job, which comes to the foreground.

        What was typed before was echoed then.
        """
        self.has_keyboard = True
        with suppress(*FAILURES):
            modes = termios.tcgetattr(self.real.number)
            silent = [*modes]
            silent[_LFLAG] &= ~(termios.ECHO | termios.ECHONL)
            tty.setraw(self.real.number, termios.TCSADRAIN)
            os.tcsetpgrp(self.slave, self.job)
            termios.tcsetattr(self.slave, termios.TCSANOW, silent)
            self._take_typed()
            termios.tcsetattr(self.slave, termios.TCSANOW, modes)

    def _take_typed(self) -> None:
        os.set_blocking(self.master, False)
        if is_ready(self.real.number):
            os.write(self.master, os.read(self.real.number, _MOST))
            is_ready(self.slave)  # takes what is on its way there
        os.set_blocking(self.master, True)

    def leave_keyboard(self) -> None:
        """Leave the real terminal as the program has left its own."""
        if not self.has_keyboard:
            return
        self.has_keyboard = False
        with suppress(*FAILURES):
            modes = termios.tcgetattr(self.slave)
            termios.tcsetattr(self.real.number, termios.TCSADRAIN, modes)
            os.tcsetpgrp(self.slave, os.getpgrp())

    def read(self) -> bytes:
        """Return what the job has written; empty once nobody can write any more."""
        try:
            data = os.read(self.master, _MOST)
            if self.has_keyboard or not adds_returns(termios.tcgetattr(self.slave)):
                return data
            while ends_inside(data, self.master):
                data += os.read(self.master, _MOST)
        except FAILURES:
            return b""
        return data.replace(b"\r\n", b"\n")  # the real terminal is not raw, and adds them

    def resize(self) -> None:
        """Take on the size of the real terminal; the kernel tells the job."""
        with suppress(*FAILURES):
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, size(self.real.number))

    def signal(self, number: int) -> None:
        """Signal what is in the foreground here, or else the job, as the real terminal did."""
        group = self.job
        with suppress(*FAILURES):
            group = os.tcgetpgrp(self.slave)
        with suppress(OSError):
            os.killpg(self.job if group == os.getpgrp() else group, number)

    def signals_in(self, keys: bytes) -> list[int]:
        """Return the signals that our terminal makes of *keys*, if it makes them for the job.

        A program may have begun jobs of its own; what is around ours has no part in these.
        """
        try:
            modes = termios.tcgetattr(self.slave)
            is_for_job = os.tcgetpgrp(self.slave) == self.job
        except FAILURES:
            return []
        flags, special = modes[_LFLAG], modes[_CC]
        if not flags & termios.ISIG or not is_for_job:
            return []
        meanings = {special[place]: number for place, number in _SIGNALS}
        meanings.pop(b"\0", None)  # no key
        is_quoting = flags & termios.ICANON and flags & termios.IEXTEN
        quotes = special[termios.VLNEXT] if is_quoting else b""
        found: list[int] = []
        for key in (keys[at : at + 1] for at in range(len(keys))):
            if not self._is_literal and key in meanings:
                found.append(meanings[key])
            self._is_literal = not self._is_literal and key == quotes
        return found

    def hang_up(self) -> None:
        """Be as dead as the real terminal."""
        if self.is_up:
            self.is_up = False
            os.close(self.master)


def _group() -> int:
    """Make a process group that none of its processes leads.

    A program that leads one may be taken by nobody, us included, for a shell with jobs.
    """
    leader = os.fork()
    if not leader:
        os._exit(0)
    os.setpgid(leader, leader)
    return leader
