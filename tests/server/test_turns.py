"""Turns: pieces of work that other threads have done in the vault's."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread, get_ident

import pytest

from secretctl.server.turns import Turns, TurnsOverError
from tests.conftest import Service

Piece = Callable[[], None]


def taken(
    turns: Turns, service: Service, piece: Callable[[], object]
) -> tuple[Thread, list[object]]:
    """Take a turn in another thread; return that, and where its outcome will stand."""
    outcome: list[object] = []

    def take() -> None:
        try:
            outcome.append(turns.take(service.session, piece))
        except Exception as error:  # noqa: BLE001 it is the outcome
            outcome.append(error)

    thread = Thread(target=take)
    thread.start()
    return thread, outcome


def test_a_piece_is_done_by_whoever_has_the_vault(service: Service) -> None:
    """In that thread; what it returns and raises comes back."""
    queue: SimpleQueue[Piece] = SimpleQueue()
    turns = Turns(queue.put)
    for piece, expected in ((get_ident, get_ident()), (lambda: 1 // 0, ZeroDivisionError)):
        thread, outcome = taken(turns, service, piece)
        queue.get()()
        thread.join()
        (found,) = outcome
        assert found == expected or type(found) is expected


def test_after_the_end_nothing_is_done(service: Service) -> None:
    """Neither what waited nor what comes: the vault is closed."""
    queue: SimpleQueue[Piece] = SimpleQueue()
    turns = Turns(queue.put)
    done: list[int] = []
    thread, outcome = taken(turns, service, lambda: done.append(1))
    piece = queue.get()
    turns.close()
    thread.join()
    piece()
    assert isinstance(outcome[0], TurnsOverError)
    with pytest.raises(TurnsOverError, match="the vault was closed"):
        turns.take(service.session, lambda: done.append(2))
    assert done == []
