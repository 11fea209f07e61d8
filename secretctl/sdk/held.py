"""A vault that is held open: for all threads of a process, and across forks.

* Threads take turns: a lock is held during a call.
* What a command typed now would find, a call finds: the vault is opened anew where other keys,
  slots or another credential would be needed, and after anything but an answer or a refusal.
* A fork waits for the call that is going on. The new process opens the vault for itself, and closes
  at once what locks by ``flock(2)`` are of: they would last as long as any process has the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from weakref import ref

from secretctl.errors import SecretctlError, ServiceError
from secretctl.model.shapes import Operation, Parameters, Result
from secretctl.record import NamedTuple
from secretctl.sdk.exceptions import hinting
from secretctl.service.dispatch import call
from secretctl.service.session import Session
from secretctl.service.watching import give_up


class Outcome(NamedTuple):
    """What became of a request."""

    result: Result | ServiceError
    request_id: str
    """Its requestID in the journal; empty if the vault could not be opened."""


Follow = Callable[[Session, Operation, Parameters, Result], None]
"""Does what an operation that answered has begun: a rotation."""


class Held:
    """A vault that is opened when it is first asked something, and then held open."""

    def __init__(self, open_: Callable[[], Session], follow: Follow) -> None:
        """Keep what opens the vault, each time it has to be, and what follows an answer."""
        self._open = open_
        self._follow = follow
        self._session: Session | None = None
        self._inherited: list[Session] = []
        """Of the process that this one was forked from; kept, so that none is closed by itself."""

        self._lock = RLock()
        self._is_busy = False
        _survive_forks(self)

    def __del__(self) -> None:
        """Give the files back, if nobody has; nothing is left to be written."""
        self._let_go()

    def ask(self, operation: Operation, parameters: Parameters) -> Outcome:
        """Call *operation* with wire *parameters*; what refuses it is returned, not raised.

        Raises:
            SecretctlError: The vault cannot be opened, read or changed, or what follows failed.
            RuntimeError: A signal handler asks in the middle of a call of its own thread.
        """
        with self._turn():
            try:
                return self._asked(operation, parameters)
            except BaseException:
                self._let_go()
                raise

    def close(self) -> None:
        """Give the vault back; it is opened again when it is asked something.

        Raises:
            RuntimeError: As `ask`.
        """
        with self._turn():
            session, self._session = self._session, None
            if session is not None:
                session.close()

    def _asked(self, operation: Operation, parameters: Parameters) -> Outcome:
        session: Session | None = None
        try:
            session = self._current()
            found = Outcome(call(session, operation, parameters), session.recorder.answered)
        except ServiceError as error:
            return Outcome(error, "" if session is None else session.recorder.answered)
        if isinstance(found.result, dict):
            self._follow(session, operation, parameters, found.result)
        return found

    def _current(self) -> Session:
        session = self._session
        if session is not None and not _stands(session):
            self._let_go()
            session = None
        if session is None:
            session = self._session = self._open()
        return session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._lock, hinting():
            if self._is_busy:
                raise RuntimeError("the client is in the middle of a call of this thread")
            self._is_busy = True
            try:
                yield
            finally:
                self._is_busy = False

    def _let_go(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            give_up(session)

    def fork_begins(self) -> None:
        """Wait for the call that is going on: its transaction must not be in two processes."""
        self._lock.acquire()

    def fork_ended(self, *, is_child: bool) -> None:
        """Go on; a new process leaves the old one's session alone."""
        session = self._session
        if is_child and not self._is_busy and session is not None:
            session.recorder.release()
            session.vault.engine.disown()
            self._inherited.append(session)
            self._session = None
        self._lock.release()


def _stands(session: Session) -> bool:
    """Tell whether the vault would be opened now as it was."""
    try:
        return session.vault.is_as_opened()
    except SecretctlError:  # opening it again tells what is wrong
        return False


def _survive_forks(held: Held) -> None:
    """Have *held* told of forks, as long as it is there.

    NOTE: Python forgets no such function, so they keep nothing of *held*.
    """
    known, waiting = ref(held), list[Held]()

    def before() -> None:
        found = known()
        if found is not None:
            found.fork_begins()
            waiting.append(found)

    def after(*, is_child: bool) -> None:
        if waiting:
            waiting.pop().fork_ended(is_child=is_child)

    os.register_at_fork(
        before=before,
        after_in_parent=lambda: after(is_child=False),
        after_in_child=lambda: after(is_child=True),
    )
