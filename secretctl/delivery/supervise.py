"""Run a program as a child, and be to everybody around as the program itself would be.

Every signal that is sent to us is passed on, except those that the terminal has sent to the program
as well, which stays in our process group. We stop when it stops, and end as it ends: with its exit
status, or by its signal. Children that are left to us, as to the first process of a container, are
reaped. If we are killed, so is the program.

What it writes goes through `supervise_relay`, another process: programs left in the background may
go on writing after the program, and we, have ended.
"""

from __future__ import annotations

import errno
import os
import resource
import signal

from secretctl.context import Context, tell
from secretctl.delivery import execute, supervise_relay
from secretctl.delivery.masking import Searched
from secretctl.errors import CommandNotExecutableError
from secretctl.prctl import PARENT_DEATH_SIGNAL, prctl
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import NoReturn

_ALL = signal.valid_signals()
_SENT_BY_TERMINALS = {
    *(signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
    *(signal.SIGWINCH, signal.SIGHUP, signal.SIGCONT),
}
_SI_KERNEL = 128
"""Of ``si_code``, sigaction(2): the terminal's own signals have it."""

_SIGNALLED = 128
_NOT_DELIVERED = 255


class Running(NamedTuple):
    """A program that has been started, and how to hear of its output."""

    pid: int
    said: int
    """Where the relay says that all has gone out."""

    ended: int
    """Closed to tell the relay that the program has ended."""


def start(program: execute.Program, outputs: list[int], masked: Searched, now: Context) -> Running:
    """Start *program*. All signals are blocked from here on, until `wait` sees to them.

    Args:
        program: to run.
        outputs: descriptors to mask; two of the same file stay one, in order.
        masked: patterns.
        now: streams, and the limits that are restored for the program.

    Raises:
        CommandNotExecutableError: It cannot be run.
    """
    now.stdout.flush()
    tell(now, "")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ALL)
    try:
        return _start(program, outputs, masked, (now, before))
    except OSError as error:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise execute.explained(error, program) from None


def wait(running: Running, context: Context) -> NoReturn:
    """Pass signals on to the program until it ends, then end as it did."""
    status = None
    while status is None:
        sent = signal.sigwaitinfo(_ALL)
        if sent.si_signo == signal.SIGCHLD:
            status = _reaped(running.pid)
        if status is None and not _has_arrived(sent):
            os.kill(running.pid, sent.si_signo)
    while signal.sigtimedwait(_ALL, 0):
        pass
    _as_at_the_start()
    os.close(running.ended)
    error = (os.read(running.said, 1) or b"\0")[0]
    if status == 0 and error == errno.EPIPE:
        _die_by(signal.SIGPIPE)  # as the program would have, had it written there itself
    if status == 0 and error:
        said = os.strerror(error).lower()
        tell(context, f"secretctl: error: the output could not be written: {said}\n")
        os._exit(_NOT_DELIVERED)
    if os.WIFSIGNALED(status):
        _die_by(os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _start(
    program: execute.Program,
    outputs: list[int],
    masked: Searched,
    restored: tuple[Context, set[int]],
) -> Running:
    reaping = signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, no child could be waited for
    ends = _pipes(outputs)
    (said, says), (hears, ended), (failing, fails) = os.pipe(), os.pipe(), os.pipe()
    writing = set(ends.values())
    streams = [
        supervise_relay.Stream(source, number, masked)
        for source, number in {ends[number][0]: number for number in reversed(outputs)}.items()
    ]
    supervisor = os.getpid()
    if not os.fork():
        supervise_relay.run(streams, hears, says)
    pid = os.fork()
    if not pid:
        for number in outputs:
            os.dup2(ends[number][1], number)
        _die_with(supervisor)
        signal.signal(signal.SIGCHLD, reaping)
        signal.pthread_sigmask(signal.SIG_SETMASK, restored[1])
        error = execute.become(program, restored[0])
        os.write(fails, (error.errno or errno.EIO).to_bytes(2, "big"))
        os._exit(CommandNotExecutableError.exit_status)
    for number in (says, hears, fails, *(end for each in writing for end in each)):
        os.close(number)
    number = int.from_bytes(os.read(failing, 2), "big")
    os.close(failing)
    if number:
        os.waitpid(pid, 0)
        raise OSError(number, "")
    return Running(pid, said, ended)


def _pipes(outputs: list[int]) -> dict[int, tuple[int, int]]:
    """Make a pipe for each of *outputs*, and one for two that are the same file."""
    ends: dict[int, tuple[int, int]] = {}
    files: dict[tuple[int, int], int] = {}
    for number in outputs:
        found = os.fstat(number)
        first = files.setdefault((found.st_dev, found.st_ino), number)
        ends[number] = ends[first] if first in ends else os.pipe()
    return ends


def _has_arrived(sent: signal.struct_siginfo) -> bool:
    """Tell whether a signal is not to be passed on: the terminal has sent it to the program too.

    When it hangs up, the first process of the session hears of it alone. What a child's end tells
    us has a reason above zero, what people send has not.
    """
    if sent.si_signo == signal.SIGCHLD:
        return sent.si_code > 0
    if sent.si_code != _SI_KERNEL or sent.si_signo not in _SENT_BY_TERMINALS:
        return False
    return sent.si_signo != signal.SIGHUP or os.getsid(0) != os.getpid()


def _reaped(pid: int) -> int | None:
    """Reap every child that has ended; return the status of *pid* if it is among them.

    If it has stopped, so have we, and both are going on.
    """
    while True:
        try:
            found, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return None
        if not found:
            return None
        if found == pid and os.WIFSTOPPED(status):
            _stop_by(os.WSTOPSIG(status))
        elif found == pid:
            return status


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
    signal.pthread_sigmask(signal.SIG_BLOCK, _ALL)


def _as_at_the_start() -> None:
    """Let signals end us again: what is still to come may take as long as a reader takes."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ALL)


def _die_by(number: int) -> NoReturn:
    """Die by a signal, without a core; where none can kill us, by the status shells make of it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ALL)
    if number not in {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(_SIGNALLED + number)


def _die_with(supervisor: int) -> None:
    """Have the kernel kill this process, and what it becomes, when *supervisor* is gone."""
    prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != supervisor:
        os._exit(_SIGNALLED + signal.SIGKILL)
