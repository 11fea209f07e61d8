"""A terminal between a program and one that it writes to, so that this can be masked.

Only output goes through it. The program stays in its session and its job, with the real terminal
for keyboard, signals and job control, so there is nothing of these to imitate.

What it changes of the modes of the terminal that it writes to, is changed of the real one as well
(packet mode and EXTPROC, tty_ioctl(4)). A carriage return that our terminal has put before a line
feed is taken out again, for the real one puts it there.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import termios
from contextlib import suppress

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    Modes = list[Any]
    """As `termios` gives them."""

_TIOCGDEV = 0x80045432
_EXTPROC: int = getattr(termios, "EXTPROC", 0o200000)
_MODES_CHANGED = 64
"""TIOCPKT_IOCTL; like the others, of most architectures, and without a name in Python."""

_OFLAG, _LFLAG, _CC = 1, 3, 6
_ADDS_RETURNS = termios.OPOST | termios.ONLCR
_MOST = 65536

FAILURES = (OSError, termios.error)
"""Of a terminal that has hung up."""


class Output:
    """A terminal in the place of the real one, *outer*."""

    def __init__(self, outer: int) -> None:
        self.master, self.slave = os.openpty()
        self._outer = outer
        self._ours = os.getpid()
        self._modes = termios.tcgetattr(outer)
        self._modes[_OFLAG] &= _ADDS_RETURNS
        self._modes[_LFLAG] |= _EXTPROC
        termios.tcsetattr(self.slave, termios.TCSANOW, self._modes)
        self._adds_returns = adds_returns(self._modes)
        self._is_behind = False
        """Whether a change waits for the terminal to be ours again."""

        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, size(outer))
        fcntl.ioctl(self.master, termios.TIOCPKT, (1).to_bytes(4, "little"))

    def read(self) -> bytes | None:
        """Return what has been written; None if there is nothing yet, empty at the end."""
        try:
            kind, data = self._packet()
            while self._adds_returns and ends_inside(data, self.master):
                kind, more = self._packet()
                data += more
        except OSError:
            return b""
        if kind & _MODES_CHANGED:
            self._follow()
        return (data.replace(b"\r\n", b"\n") if self._adds_returns else data) or None

    def keep_up(self) -> None:
        """Take on the size of the real terminal, and tell those who may have asked too early."""
        with suppress(*FAILURES):
            now = size(self._outer)
            if now != size(self.master):
                fcntl.ioctl(self.master, termios.TIOCSWINSZ, now)
                os.killpg(os.tcgetpgrp(self._outer), signal.SIGWINCH)
        if self._is_behind:
            self._follow()

    def _packet(self) -> tuple[int, bytes]:
        packet = os.read(self.master, _MOST)
        return packet[0], packet[1:]

    def _follow(self) -> None:
        """Change of the real terminal's modes what was changed of ours.

        A program in the background changes nothing; without a terminal in between, it would stop.
        """
        with suppress(*FAILURES):
            modes = termios.tcgetattr(self.master)
            self._adds_returns = adds_returns(modes)
            if not modes[_LFLAG] & _EXTPROC:
                modes[_LFLAG] |= _EXTPROC
                termios.tcsetattr(self.master, termios.TCSANOW, modes)
            self._is_behind = not _is_for(self._outer, self._ours)
            if not self._is_behind:
                real = termios.tcgetattr(self._outer)
                termios.tcsetattr(self._outer, termios.TCSANOW, _changed(real, self._modes, modes))
                self._modes = modes


def is_ready(number: int, event: int = select.POLLIN, milliseconds: int | None = 0) -> bool:
    """Tell whether *number* can be read or written; None waits for it, however long.

    NOTE: select(2) knows no descriptor beyond 1,023, and ours lie behind all that we inherit.
    """
    poll = select.poll()
    poll.register(number, event)
    return any(found & event for _, found in poll.poll(milliseconds))


def ends_inside(data: bytes, master: int) -> bool:
    """Tell whether *data* of a terminal that adds returns ends behind one, and more is there.

    The kernel hands out 4 KiB at a time, wherever that divides them; who asks has the rest as well.
    """
    return data.endswith(b"\r") and len(data) < _MOST and is_ready(master)


def device(number: int) -> int:
    """Return the number of the terminal that *number* is open on, by whatever name."""
    try:
        return int.from_bytes(fcntl.ioctl(number, _TIOCGDEV, bytes(4)), "little")
    except OSError:
        return os.fstat(number).st_rdev


def size(number: int) -> bytes:
    """Return the size of a terminal, as the kernel has it."""
    return fcntl.ioctl(number, termios.TIOCGWINSZ, bytes(8))


def adds_returns(modes: Modes) -> bool:
    """Tell whether a terminal puts a carriage return before each line feed."""
    return bool(modes[_OFLAG] & _ADDS_RETURNS == _ADDS_RETURNS)


def _changed(real: Modes, before: Modes, now: Modes) -> Modes:
    """Return *real* with what is different between *before* and *now*, bit by bit."""
    flags = [
        (mine & ~(old ^ new)) | (new & (old ^ new))
        for mine, old, new in zip(real[:_CC], before[:_CC], now[:_CC], strict=True)
    ]
    keys = [
        mine if old == new else new
        for mine, old, new in zip(real[_CC], before[_CC], now[_CC], strict=True)
    ]
    return [*flags, keys]


def _is_for(terminal: int, ours: int) -> bool:
    """Tell whether our job, or one that *ours* is above of, has *terminal*."""
    try:
        group = os.tcgetpgrp(terminal)
    except OSError:  # it is of another session, whose jobs are none of ours
        return True
    return group == os.getpgrp() or _is_below(group, ours)


def _is_below(process: int, ours: int) -> bool:
    with suppress(OSError):
        while process > 1 and process != ours:
            with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
                process = int(file.read().rpartition(")")[2].split()[1])
    return process == ours
