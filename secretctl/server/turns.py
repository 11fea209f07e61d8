"""Turns: other threads have the vault between requests, for a piece of work at a time.

Each piece is done in the vault's thread, where requests are answered, and in the order in which it
came among them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from secretctl.errors import StoreError
from secretctl.service.opening import bind
from secretctl.service.session import Session

Found = TypeVar("Found")
Piece = Callable[[], None]


class TurnsOverError(StoreError):
    """The vault is closed, or about to be."""


class Turns:
    """What is to be done with one open vault, asked for by other threads than its own."""

    def __init__(self, put: Callable[[Piece], None]) -> None:
        """Hand pieces over by *put*; the vault's thread calls each."""
        self._put = put
        self._lock = Lock()
        self._waiting: set[Future[Any]] = set()
        self._is_closed = False

    def take(self, session: Session, piece: Callable[[], Found]) -> Found:
        """Have *piece* done for *session*, and return what it does; not in the vault's thread.

        Raises what it raises.

        Raises:
            TurnsOverError: The vault was closed before it was done.
        """
        future: Future[Found] = Future()
        with self._lock:
            if self._is_closed:
                raise _over()
            self._waiting.add(future)
        self._put(partial(_do, future, session, piece))
        try:
            return future.result()
        except CancelledError:
            raise _over() from None
        finally:
            with self._lock:
                self._waiting.discard(future)

    def close(self) -> None:
        """Let nothing more be done; from the vault's thread."""
        with self._lock:
            self._is_closed = True
            waiting = list(self._waiting)
        for each in waiting:
            each.cancel()


def _do(future: Future[Found], session: Session, piece: Callable[[], Found]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        bind(session)
        future.set_result(piece())
    except BaseException as error:  # noqa: BLE001 it is raised where the piece comes from
        future.set_exception(error)


def _over() -> TurnsOverError:
    return TurnsOverError("the vault was closed before that was done", "secretctl rotation status")
