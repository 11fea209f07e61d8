"""Start a program that is looked after, and the processes that see to that.

supervisor ── relay             reads what the program writes to, where it is masked
         └─── program

supervisor ── keeper ── program    where that is the terminal of our session, and no other file

Where it is given files, there is a guard as well: see `run_files`.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable

from secretctl.context import Context, tell
from secretctl.delivery import (
    execute,
    supervise_output,
    supervise_relay,
    supervise_terminal,
)
from secretctl.delivery.ending import end_as
from secretctl.delivery.masking import Searched
from secretctl.delivery.supervise_keeper import Keeper
from secretctl.delivery.supervise_relay import Stream, Wires
from secretctl.errors import CommandNotExecutableError, SecretctlError
from secretctl.prctl import PARENT_DEATH_SIGNAL, prctl
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import NoReturn

    from secretctl.delivery.run_files import Placed, Wanted
    from secretctl.delivery.supervise_learning import Teacher
    from secretctl.delivery.supervise_terminal import Real

ALL = signal.valid_signals()

SI_KERNEL = 128
"""Of ``si_code``, sigaction(2): signals from the kernel itself have it, as the terminal's do."""

_KILLED = 128 + signal.SIGKILL


class Running(NamedTuple):
    """A program that has been started, and how to hear of its output."""

    child: int
    """Process to wait for: the program, or its keeper."""

    program: int
    """Process that signals are for."""

    said: int
    """Where the relay or the keeper is heard; hangs up without a word if it is killed."""

    told: int
    """Where it is told things; closed, that the program has ended."""

    answered: int = -1
    """Where the relay answers what it is asked."""

    real: Real | None = None
    """The terminal of our session, where there is a keeper."""

    put_away: Callable[[], str] = str
    """Removes what the program was given for as long as it runs; returns the path of what stays."""

    renew: Callable[[Wanted], None] = lambda _: None
    """Gives its files other contents."""

    relay: int = 0


class _Way(NamedTuple):
    """What the program writes to in the place of an output."""

    reading: int
    writing: int
    terminal: supervise_output.Output | None = None


class Before(NamedTuple):
    """What signals did when we were started, which a program is given back."""

    blocked: set[int]
    reaping: object
    """What SIGCHLD did."""


def take_signals() -> Before:
    """Block all signals, until `supervise` sees to them; ignored, no child could be waited for."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ALL)
    return Before({*blocked}, signal.signal(signal.SIGCHLD, signal.SIG_DFL))


class _Given(NamedTuple):
    """What a program is started with."""

    program: execute.Program
    context: Context
    before: Before
    teacher: Teacher | None

    def become(self, parent: int, fails: int) -> NoReturn:
        """Be the program; tell *fails* the number of the error that makes it impossible."""
        prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(_KILLED)
        signal.signal(signal.SIGCHLD, self.before.reaping)  # type: ignore[arg-type]  # as it came
        signal.pthread_sigmask(signal.SIG_SETMASK, self.before.blocked)
        error = execute.become(self.program, self.context)
        os.write(fails, (error.errno or errno.EIO).to_bytes(2, "big"))
        os._exit(CommandNotExecutableError.exit_status)


def start(  # noqa: PLR0913 what the program is given, and what is done around it
    program: execute.Program,
    outputs: list[int],
    masked: Searched,
    context: Context,
    files: Callable[[], Placed] | None = None,
    before: Before | None = None,
    teacher: Teacher | None = None,
) -> Running:
    """Start *program*. All signals are blocked from here on, until `supervise` sees to them.

    Args:
        program: to run.
        outputs: descriptors to mask, if any; two of the same file stay one, in order.
        masked: patterns.
        context: streams, and the limits that are restored for the program.
        files: makes what is to be there while it runs.
        before: what `take_signals` gave, where it was called before.
        teacher: will tell what else to mask.

    Raises:
        CommandNotExecutableError: It cannot be run.
        DeliveryError: The files cannot be made.
    """
    context.stdout.flush()
    tell(context, "")
    before = take_signals() if before is None else before
    given = _Given(program, context, before, teacher)
    try:
        if files is not None:
            return _with_files(given, outputs, masked, files)
        return _started(given, outputs, masked)
    except SecretctlError:
        signal.pthread_sigmask(signal.SIG_SETMASK, before.blocked)
        raise


def _with_files(
    given: _Given, outputs: list[int], masked: Searched, files: Callable[[], Placed]
) -> Running:
    placed = files()
    environment = given.program.environment | placed.environment
    program = given.program._replace(environment=environment)
    try:
        running = _started(given._replace(program=program), outputs, masked)
    except SecretctlError:
        placed.put_away()
        raise
    return running._replace(put_away=placed.put_away, renew=placed.renew)


def _started(given: _Given, outputs: list[int], masked: Searched) -> Running:
    real = supervise_terminal.of_session() if any(map(os.isatty, outputs)) else None
    try:
        if real and all(supervise_terminal.is_on(real, number) for number in outputs):
            return _with_keeper(given, real, masked)
        return _with_relay(given, outputs, masked)
    except OSError as error:
        raise execute.explained(error, given.program) from None


def _with_relay(given: _Given, outputs: list[int], masked: Searched) -> Running:
    ways = _ways(outputs)
    (said, says), (hears, told), (answered, answers), (failing, fails) = (os.pipe() for _ in "1234")
    streams = _streams(ways, masked)
    supervisor = os.getpid()
    relay = os.fork()
    if not relay:
        learner = given.teacher.learner(streams) if given.teacher else None
        supervise_relay.run(streams, Wires(hears, answers, says), learner)
    pid = os.fork()
    if not pid:
        for number, way in ways.items():
            os.dup2(way.writing, number)
        given.become(supervisor, fails)
    ours = {end for way in ways.values() for end in (way.reading, way.writing)}
    for number in {says, hears, answers, fails, *ours}:
        os.close(number)
    _refuse_failed(pid, _heard(failing))
    return Running(pid, pid, said, told, answered, relay=relay)


def _with_keeper(given: _Given, real: Real, masked: Searched) -> Running:
    (said, says), (hears, told), (failing, fails) = os.pipe(), os.pipe(), os.pipe()
    keeper = os.fork()
    if not keeper:
        prctl(PARENT_DEATH_SIGNAL, signal.SIGCONT)  # stopped, it would not see our end
        for number in (said, told, failing):
            os.close(number)
        try:
            _keep(given, real, masked, (hears, says, fails))
        except OSError as error:
            os.write(fails, bytes(4) + (error.errno or errno.EIO).to_bytes(2, "big"))
        finally:
            os._exit(CommandNotExecutableError.exit_status)
    for number in (says, hears, fails):
        os.close(number)
    answer = _heard(failing)
    _refuse_failed(keeper, answer[4:])
    return Running(keeper, int.from_bytes(answer[:4], "big"), said, told, real=real)


def _keep(given: _Given, real: Real, masked: Searched, told: tuple[int, int, int]) -> NoReturn:
    """Be the keeper."""
    hears, says, fails = told
    terminal = supervise_terminal.Terminal(real)
    keeper = Keeper(terminal, masked, hears, says)
    keeper.wants_keyboard = supervise_terminal.is_on(real, 0)
    keeper.look()
    ours = os.getpid()
    keeper.program = os.fork()
    if not keeper.program:
        terminal.enter()
        given.become(ours, fails)
    terminal.take_in(keeper.program)
    os.write(fails, keeper.program.to_bytes(4, "big"))
    kept = {terminal.master, terminal.slave, real.number, hears, says}
    if given.teacher:
        keeper.learner = given.teacher.learner([keeper.output])
        kept.add(keeper.learner.number)
    supervise_relay.close_others(kept)
    keeper.run(end_as)


def _streams(ways: dict[int, _Way], masked: Searched) -> list[Stream]:
    """Make a stream for each way, to the first output that has it."""
    targets = {ways[number].reading: number for number in reversed(ways)}
    return [
        Stream(reading, number, masked, ways[number].terminal)
        for reading, number in targets.items()
    ]


def _ways(outputs: list[int]) -> dict[int, _Way]:
    """Make a way for each of *outputs*, and one for two that are the same file."""
    ways: dict[int, _Way] = {}
    files: dict[tuple[int, ...], int] = {}
    for number in outputs:
        first = files.setdefault(_file(number), number)
        ways[number] = ways[first] if first in ways else _way(number)
    return ways


def _file(number: int) -> tuple[int, ...]:
    if os.isatty(number):
        return (supervise_output.device(number),)
    found = os.fstat(number)
    return found.st_dev, found.st_ino


def _way(output: int) -> _Way:
    if os.isatty(output):
        terminal = supervise_output.Output(output)
        return _Way(terminal.master, terminal.slave, terminal)
    return _Way(*os.pipe())


def _heard(number: int) -> bytes:
    """Return what is written to a pipe of ours until it is closed."""
    with open(number, "rb", buffering=0) as pipe:
        return pipe.readall()


def _refuse_failed(child: int, error: bytes) -> None:
    if error:
        os.waitpid(child, 0)
        raise OSError(int.from_bytes(error, "big"), "")
