"""Be, while a program runs as our child, to everybody around as the program itself would be.

Every signal that is sent to us is passed on, except those that are sent to our process group, in
which the program stays. We stop when it stops, and end as it ends: with its exit status, or by its
signal. Children that are left to us, as to the first process of a container, are reaped. If we are
killed, so is the program.

What it writes goes through `supervise_relay`, another process: programs left in the background may
go on writing after the program, and we, have ended. That is of our process group as well, and so
can tell what was sent to all of it.

A program that writes to the terminal of our session alone gets one of its own: `supervise_keeper`.
It is no member of our process group then, and the keeper stands between.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from contextlib import suppress

from secretctl.context import Context, tell
from secretctl.delivery import supervise_keeper
from secretctl.delivery.ending import die_by, end_as
from secretctl.delivery.references import shown
from secretctl.delivery.supervise_output import is_ready
from secretctl.delivery.supervise_start import ALL, SI_KERNEL, Running
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

_FOR_THE_FOREGROUND = {signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP}
_SENT_BY_TERMINALS = {
    *(signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
    *(signal.SIGWINCH, signal.SIGCONT),
}
"""To whole jobs; a hang-up may be for the first process of a session alone."""

_MOST = 256
_NOT_DELIVERED = 255
_SOON_S = 0.002


def wait(running: Running, context: Context) -> NoReturn:
    """Pass signals on to the program until it ends, then end as it did."""
    status = awaited(running)
    has_ended(running, context)
    end(running, status, context)


def awaited(running: Running) -> int:
    """Pass signals on to the program until it ends; return its status."""
    status = None
    while status is None:
        status = hear(signal.sigwaitinfo(ALL), running)
    return status


def hear(sent: signal.struct_siginfo, running: Running) -> int | None:
    """Do what a signal is sent for; return the status of the program if it has ended."""
    status = _reaped(running) if sent.si_signo == signal.SIGCHLD else None
    if status is None:
        _pass_on(sent, running)
    return status


def has_ended(running: Running, context: Context) -> None:
    """Put away what the program was given, and tell who carries its output that it has ended."""
    left = running.put_away()
    os.close(running.told)
    if left:
        why = f"'{shown(left)}' cannot be removed, and may hold values: remove it by hand"
        tell(context, f"secretctl: warning: {why}\n")


def end(running: Running, status: int, context: Context) -> NoReturn:
    """End with *status*, the program's, once what it wrote has gone out."""
    while signal.sigtimedwait(ALL, 0):
        pass
    _as_at_the_start()
    said = os.read(running.said, _MOST)[-1:]  # what it said before was of stops
    if not said and running.real:
        running.real.restore()
    _refuse_lost(said, status, context)
    end_as(status)


def _refuse_lost(said: bytes, status: int, context: Context) -> None:
    """End as one whose output is lost, if it is and the program does not end worse."""
    error = said[0] if said else 0
    if status == 0 and error == errno.EPIPE:
        die_by(signal.SIGPIPE)  # as the program would have, had it written there itself
    if said and (status or not error):
        return
    why = os.strerror(error).lower() if said else "what masks it was killed"
    tell(context, f"secretctl: error: the output could not be written: {why}\n")
    if not status:
        os._exit(_NOT_DELIVERED)


def forget(running: Running) -> None:
    """Close what stands open because of a program that has ended, when another is to follow."""
    for number in (running.said, running.answered):
        if number >= 0:
            os.close(number)
    if running.real:
        os.close(running.real.number)


def _pass_on(sent: signal.struct_siginfo, running: Running) -> None:
    """Pass a signal on, unless it has reached the program already."""
    number = sent.si_signo
    if _is_about_us(sent):
        return
    if running.real:
        has_it = _keeper_has(sent, running)
    else:
        has_it = _came_to_relay(running, number) or _came_to_relay(running, number, _SOON_S)
    if not has_it and not (sent.si_code == SI_KERNEL and number in _SENT_BY_TERMINALS):
        with suppress(ProcessLookupError, PermissionError):  # it may be another user's by now
            os.kill(running.program, number)


def _is_about_us(sent: signal.struct_siginfo) -> bool:
    """Tell whether a signal is of our child's end, or of what we wrote or took ourselves.

    A broken pipe and a file that is too large come as if we had sent them, signal(7); the limit
    of processor time comes from the kernel, and the program has its own.
    """
    if sent.si_signo == signal.SIGCHLD and sent.si_code > 0:
        return True
    if sent.si_signo in {signal.SIGPIPE, signal.SIGXFSZ}:
        return sent.si_pid == os.getpid()
    return sent.si_signo == signal.SIGXCPU and sent.si_code == SI_KERNEL


def _keeper_has(sent: signal.struct_siginfo, running: Running) -> bool:
    """Have the keeper pass on what the real terminal sent; tell whether that is all to be done."""
    if sent.si_code != SI_KERNEL:
        return sent.si_pid == running.child  # as if by the real terminal, and the program has it
    if sent.si_signo == signal.SIGWINCH:
        _tell_keeper(running, supervise_keeper.RESIZE)
    elif sent.si_signo in _FOR_THE_FOREGROUND:
        _tell_keeper(running, bytes([sent.si_signo]))
    return sent.si_signo in _FOR_THE_FOREGROUND


def _came_to_relay(running: Running, number: int, after_s: float = 0) -> bool:
    """Tell whether the relay had the signal as well, and so had the program, all being one job.

    Who signals one process after the other may not be through at once.
    """
    time.sleep(after_s)
    try:
        os.write(running.told, bytes([number]))
        return os.read(running.answered, 1) == b"\1"
    except OSError:  # it was killed
        return False


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
    if not running.real:
        _stop_by(os.WSTOPSIG(status))
        return
    if not is_ready(running.said):  # somebody has stopped the keeper, and may continue it
        return
    said = os.read(running.said, 1)[0]
    is_for_all = bool(said & supervise_keeper.FOR_ALL)
    _stop_by(said % supervise_keeper.FOR_ALL, os.getpgrp() if is_for_all else 0)
    _tell_keeper(running, supervise_keeper.RESIZE)
    os.kill(running.child, signal.SIGCONT)


def _stop_by(number: int, group: int = 0) -> None:
    """Stop as the program did, and *group* with us, so that the shell finds its job stopped.

    In a process group that no shell looks after, nothing but SIGSTOP stops anything.
    """
    if number != signal.SIGSTOP:
        while signal.sigtimedwait({number}, 0):
            pass
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(-group or os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_BLOCK, ALL)


def _as_at_the_start() -> None:
    """Let signals end us again: what is still to come may take as long as a reader takes."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ALL)
