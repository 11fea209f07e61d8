"""Be, while a program runs as our child, to everybody around as the program itself would be.

Every signal that is sent to us is passed on, except those that the terminal has sent to the program
as well, which stays in our process group. We stop when it stops, and end as it ends: with its exit
status, or by its signal. Children that are left to us, as to the first process of a container, are
reaped. If we are killed, so is the program.

What it writes goes through `supervise_relay`, another process: programs left in the background may
go on writing after the program, and we, have ended. A terminal is kept one by `supervise_terminal`.
"""

from __future__ import annotations

import errno
import os
import signal
from contextlib import suppress

from secretctl.context import Context, tell
from secretctl.delivery import supervise_terminal
from secretctl.delivery.ending import die_by, end_as
from secretctl.delivery.supervise_start import ALL, Running
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

_SENT_BY_TERMINALS = {
    *(signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
    *(signal.SIGWINCH, signal.SIGHUP, signal.SIGCONT),
}
_FOR_THE_FOREGROUND = {signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP}
_SI_KERNEL = 128
"""Of ``si_code``, sigaction(2): the terminal's own signals have it."""

_NOT_DELIVERED = 255


def wait(running: Running, context: Context) -> NoReturn:
    """Pass signals on to the program until it ends, then end as it did."""
    status = None
    offer_keyboard(running)
    while status is None:
        status = hear(signal.sigwaitinfo(ALL), running)
    has_ended(running)
    end(running, status, context)


def hear(sent: signal.struct_siginfo, running: Running) -> int | None:
    """Do what a signal is sent for; return the status of the program if it has ended."""
    status = _reaped(running) if sent.si_signo == signal.SIGCHLD else None
    if status is None:
        _pass_on(sent, running)
    return status


def has_ended(running: Running) -> None:
    """Put away what the program was given, and tell who carries its output that it has ended."""
    running.put_away()
    os.close(running.told)


def end(running: Running, status: int, context: Context) -> NoReturn:
    """End with *status*, the program's, once what it wrote has gone out."""
    while signal.sigtimedwait(ALL, 0):
        pass
    _as_at_the_start()
    error = (os.read(running.said, 1) or b"\0")[0]
    if status == 0 and error == errno.EPIPE:
        die_by(signal.SIGPIPE)  # as the program would have, had it written there itself
    if status == 0 and error:
        said = os.strerror(error).lower()
        tell(context, f"secretctl: error: the output could not be written: {said}\n")
        os._exit(_NOT_DELIVERED)
    end_as(status)


def _pass_on(sent: signal.struct_siginfo, running: Running) -> None:
    """Pass a signal on, unless it has reached the program already."""
    number = sent.si_signo
    if running.on_terminal and number == signal.SIGCONT:
        offer_keyboard(running)
    if number == signal.SIGCHLD and sent.si_code > 0:
        return  # of our own child's end
    if sent.si_code != _SI_KERNEL or number not in _SENT_BY_TERMINALS:
        with suppress(ProcessLookupError):
            os.kill(running.program, number)
    elif number == signal.SIGHUP and (running.on_terminal or os.getsid(0) == os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(running.program, number)  # the first of a session hears of it alone
    elif running.on_terminal and number in _FOR_THE_FOREGROUND:
        _tell_keeper(running, bytes([number]))
    elif running.on_terminal and number == signal.SIGWINCH:
        _tell_keeper(running, supervise_terminal.RESIZE)


def offer_keyboard(running: Running) -> None:
    """Tell the keeper whether the keyboard is ours."""
    if not running.on_terminal:
        return
    try:
        is_ours = os.tcgetpgrp(0) == os.getpgrp()
    except OSError:  # no terminal, or not that of our session, which then nobody else reads
        is_ours = True
    _tell_keeper(running, supervise_terminal.RESIZE)
    word = supervise_terminal.KEYBOARD if is_ours else supervise_terminal.NO_KEYBOARD
    _tell_keeper(running, word)


def _tell_keeper(running: Running, word: bytes) -> None:
    with suppress(BrokenPipeError):  # it has just ended
        os.write(running.told, word)


def _reaped(running: Running) -> int | None:
    """Reap every child that has ended; return the status of the awaited one if it is among them.

    If the program has stopped, so have we, and both are going on.
    """
    ended = None
    while True:
        try:
            found, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return ended
        if not found:
            return ended
        if found == running.child and os.WIFSTOPPED(status):
            _stop_with(running, status)
        elif found == running.child:
            ended = status


def _stop_with(running: Running, status: int) -> None:
    if not running.on_terminal:
        _stop_by(os.WSTOPSIG(status))
        return
    said = os.read(running.said, 1)
    _stop_by(said[0] if said else signal.SIGSTOP)
    os.kill(running.child, signal.SIGCONT)
    offer_keyboard(running)
    with suppress(ProcessLookupError):
        os.killpg(running.program, signal.SIGCONT)


def _stop_by(number: int) -> None:
    """Stop as the program did, so that the shell finds its job stopped.

    In a process group that no shell looks after, nothing but SIGSTOP stops anything.
    """
    if number != signal.SIGSTOP:
        while signal.sigtimedwait({number}, 0):
            pass
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_BLOCK, ALL)


def _as_at_the_start() -> None:
    """Let signals end us again: what is still to come may take as long as a reader takes."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ALL)
