"""The vault's thread: everything that waits is taken, reads together, the rest in order.

A vault's connection, journal and recorder belong to one thread. Requests wait for it in a queue of
bounded length, and so do pieces of work of other threads, see `turns`. All values that are asked
for at one time are read in one group, whose records become durable by one sync.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Protocol, TypeVar

from secretctl.errors import (
    JournalDamagedError,
    JournalUnavailableError,
    RolledBackError,
    SecretctlError,
    ServiceError,
    StoreBusyError,
    StoreError,
    ValueDamagedError,
)
from secretctl.model.shapes import Operation
from secretctl.record import NamedTuple
from secretctl.server.asking import Asked, Asks, Keeper
from secretctl.server.protocol import Result, server_error
from secretctl.server.turns import Piece

_READ = "GetSecretValue"
_MOST_TOGETHER = 256
_TICK_S = 1.0
_READY_S = 5.0
_OF_ALL = (
    *(StoreError, StoreBusyError, RolledBackError),
    *(JournalDamagedError, JournalUnavailableError),
)
"""What nobody's request can be answered with, and no one request can bring about."""

_DAMAGED = (
    "DecryptionFailure",
    "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
)

Found = TypeVar("Found")
Outcome = Result | ServiceError


def throttled() -> ServiceError:
    """Return the error for who asks too much; SDKs wait and ask again."""
    return ServiceError("ThrottlingException", "Rate exceeded")


class Turn(Protocol):
    """Does a piece of work that touches the vault, and returns what it does."""

    def __call__(self, piece: Callable[[], Found], /) -> Found:
        """Return what *piece* does, or raise so."""


def at_once(piece: Callable[[], Found]) -> Found:
    """Do a piece of work in this thread: it is the vault's."""
    return piece()


class Job(NamedTuple):
    """What one request asks for. Its ``repr`` shows no value."""

    operation: Operation
    asks: Asks
    answered: asyncio.Future[Outcome]

    def __repr__(self) -> str:
        """Name the operation."""
        return f"<job {self.operation.name}>"


class Worker:
    """The queue before the vault, and what takes from it."""

    def __init__(self, most: int, troubled: Callable[[BaseException], None]) -> None:
        """Bound the queue.

        Args:
            most: Requests that may wait.
            troubled: Is told what is wrong with the vault or with this program; callers are not.
        """
        self._most = most
        self._troubled = troubled
        self._asked: list[Job | Piece | None] = []
        """In this turn of the loop."""

        self._queue: SimpleQueue[list[Job | Piece | None]] = SimpleQueue()
        self.waiting = 0
        """Requests that are not answered yet."""

        self._left: list[Job | Piece | None] = []
        """What was taken, and waits for another vault."""

        self._is_over = False
        self._ticked = self._failed = -_READY_S

    @property
    def is_ready(self) -> bool:
        """Whether the vault's thread got through its work just now, and nothing kept it from it."""
        now = monotonic()
        return now - self._ticked < _READY_S <= now - self._failed

    async def ask(
        self,
        operation: Operation,
        asks: Asks,
    ) -> Result:
        """Wait for the vault's thread and return what it answers.

        Raises:
            ServiceError: It was refused; ThrottlingException if too many wait already;
                InternalServiceError after `give_up`.
        """
        if self.waiting >= self._most:
            raise throttled()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self.waiting += 1
        if not self._asked:
            loop.call_soon(self._hand_over)
        self._asked.append(Job(operation, asks, future))
        try:
            outcome = await future
        finally:
            self.waiting -= 1
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome

    def put(self, piece: Piece) -> None:
        """Have a piece of work, which raises nothing, done in the vault's thread; from any."""
        self._queue.put([piece])

    def stop(self) -> None:
        """Let `run` end once what waits is answered; from any thread."""
        self._queue.put([None])

    def _hand_over(self) -> None:
        """Let the vault's thread have all that came at once, and not begin with the first of it."""
        asked, self._asked = self._asked, []
        for at in range(0, len(asked), _MOST_TOGETHER):
            self._queue.put(asked[at : at + _MOST_TOGETHER])
        if self._is_over:
            self._refuse()

    def give_up(self) -> None:
        """Answer what waits, and whatever still comes, that it cannot be done; after `run`."""
        self._is_over = True  # before what waits is taken: who hands over puts, and looks then
        if self._left:
            self._queue.put(self._left)
            self._left = []
        self._refuse()

    def _refuse(self) -> None:
        """Answer what waits that it cannot be done; from any thread."""
        with suppress(Empty):
            while True:
                gone = [each for each in self._queue.get_nowait() if isinstance(each, Job)]
                if gone:
                    _deliver([(job, server_error()) for job in gone])

    def run(self, keeper: Keeper, turn: Turn = at_once) -> bool:
        """Answer what is asked, in the vault's thread, or in turns with it.

        Returns:
            True once it is stopped; False where another vault is in the place of the one that is
            open, and what is asked waits for it.
        """
        self._failed = -_READY_S
        turn(partial(self._tick, keeper, is_idle=True))
        while True:
            self._left = self._left or self._taken()
            has_ended = turn(partial(self._round, keeper))
            if has_ended is not None:
                return has_ended

    def _round(self, keeper: Keeper) -> bool | None:
        """Do what was taken; return None to go on, else what `run` returns."""
        if keeper.is_replaced():
            return False
        taken, self._left = self._left, []
        jobs = [each for each in taken if isinstance(each, Job)]
        self._answer(keeper, jobs)
        for each in taken:
            if each is not None and not isinstance(each, Job):
                each()
        self._tick(keeper, is_idle=not any(taken))
        return True if None in taken else None

    def _tick(self, keeper: Keeper, *, is_idle: bool) -> None:
        if self._tried(partial(keeper.tick, is_idle=is_idle)) is None:
            self._ticked = monotonic()

    def _taken(self) -> list[Job | Piece | None]:
        """Return what waits; after a second, nothing."""
        taken: list[Job | Piece | None] = []
        try:
            taken += self._queue.get(timeout=_TICK_S)
            while len(taken) < _MOST_TOGETHER:
                taken += self._queue.get_nowait()
        except Empty:
            pass
        return taken

    def _answer(self, keeper: Keeper, jobs: list[Job]) -> None:
        reads = [job for job in jobs if job.operation.name == _READ]
        if reads:
            _deliver(self._read(keeper, reads))
        for job in jobs:
            if job.operation.name != _READ:
                self._call(keeper, job)

    def _call(self, keeper: Keeper, job: Job) -> None:
        asked = self._tried(partial(job.asks, keeper))
        if isinstance(asked, ServiceError):
            _deliver([(job, asked)])
            return
        outcome = self._tried(partial(keeper.call, job.operation, asked))
        _deliver([(job, outcome)])
        if not isinstance(outcome, ServiceError):
            self._tried(partial(keeper.follow, job.operation, asked, outcome))

    def _read(self, keeper: Keeper, jobs: list[Job]) -> list[tuple[Job, Outcome]]:
        """Answer all from one moment of the vault, in which each proves who asks."""
        done: list[tuple[Job, Outcome]] = []

        def read() -> None:
            with keeper.moment():
                asked = [(job, self._tried(partial(job.asks, keeper))) for job in jobs]
                done.extend((job, each) for job, each in asked if isinstance(each, ServiceError))
                good = [(job, each) for job, each in asked if isinstance(each, Asked)]
                answers = keeper.read_all([each for _, each in good]) if good else []
                for (job, _), said in zip(good, answers, strict=True):
                    shown = self._shown(said) if isinstance(said, SecretctlError) else said
                    done.append((job, shown))

        failed = self._tried(read)
        answered = {id(job) for job, _ in done}
        if isinstance(failed, ServiceError):
            done.extend((job, failed) for job in jobs if id(job) not in answered)
        return done

    def _tried(self, step: Callable[[], Found]) -> Found | ServiceError:
        try:
            return step()
        except Exception as error:  # noqa: BLE001 a request may fail, and the server goes on
            return self._shown(error)

    def _shown(self, error: Exception) -> ServiceError:
        """Return what a caller is told of *error*."""
        if isinstance(error, ServiceError):
            return error
        self._troubled(error)
        if isinstance(error, _OF_ALL):
            self._failed = monotonic()
        return ServiceError(*_DAMAGED) if isinstance(error, ValueDamagedError) else server_error()


def _deliver(done: Sequence[tuple[Job, Outcome]]) -> None:
    """Hand outcomes to the loop that waits for them; one call for all."""

    def hand_over() -> None:
        for job, outcome in done:
            if not job.answered.done():  # given up
                job.answered.set_result(outcome)

    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        done[0][0].answered.get_loop().call_soon_threadsafe(hand_over)
