"""A wait ends in time, by an alarm that nobody else notices."""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from secretctl.store import waiting
from secretctl.store.waiting import wait_for


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Return what opens the file of a lock once more."""
    handles: list[int] = []

    def once_more() -> int:
        handles.append(os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT, 0o600))
        return handles[-1]

    yield once_more
    for handle in handles:
        os.close(handle)


@pytest.fixture
def taken(opened: Callable[[], int]) -> int:
    """Return the file of a lock that somebody else holds."""
    fcntl.flock(opened(), fcntl.LOCK_EX)
    return opened()


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that has an entry for each wait in a thread."""
    begun: list[object] = []
    wait = waiting._wait_in_thread

    def note(handles: tuple[int, ...], seconds: float, kind: int) -> None:
        begun.append(handles)
        wait(handles, seconds, kind)

    monkeypatch.setattr(waiting, "_wait_in_thread", note)
    return begun


def ignored(_number: int, _frame: FrameType | None) -> None:
    """Do nothing."""


def waited_s(handle: int, seconds: float) -> float:
    """Wait, and return how long it took."""
    start = time.monotonic()
    wait_for((handle,), seconds)
    return time.monotonic() - start


def test_a_wait_ends_in_time_and_leaves_no_alarm(taken: int, threads: list[object]) -> None:
    """The alarm is as it was before, and no thread was needed."""
    assert 0.1 <= waited_s(taken, 0.1) < 5
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert not threads


def test_a_free_lock_is_had_at_once(opened: Callable[[], int]) -> None:
    """It is held then, and the alarm does not ring later."""
    handle = opened()
    assert waited_s(handle, 60) < 5
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    with pytest.raises(BlockingIOError):
        fcntl.flock(opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_shared_lock_is_had_beside_others(opened: Callable[[], int]) -> None:
    """Whoever changes nothing does not wait for those who change nothing."""
    fcntl.flock(opened(), fcntl.LOCK_SH)
    handle = opened()
    wait_for((handle,), 60, fcntl.LOCK_SH)
    with pytest.raises(BlockingIOError):
        fcntl.flock(opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(opened(), fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_an_alarm_of_somebody_else_is_left_alone(taken: int, threads: list[object]) -> None:
    """Whoever has set one, or answers it, still does so after a wait."""
    before = signal.signal(signal.SIGALRM, ignored)
    try:
        assert waited_s(taken, 0.05) >= 0.05
        assert signal.getsignal(signal.SIGALRM) is ignored
        signal.setitimer(signal.ITIMER_REAL, 60)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        assert waited_s(taken, 0.05) >= 0.05
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 50
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(threads) == 2


def test_an_alarm_that_would_not_be_heard_is_not_set(taken: int, threads: list[object]) -> None:
    """Where the signal is blocked, a wait still ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        assert 0.05 <= waited_s(taken, 0.05) < 5
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert len(threads) == 1


def test_a_thread_waits_without_an_alarm(taken: int, threads: list[object]) -> None:
    """Only the main thread is told of signals."""
    took: list[float] = []
    thread = threading.Thread(target=lambda: took.append(waited_s(taken, 0.05)))
    thread.start()
    thread.join(5)
    assert 0.05 <= took[0] < 5
    assert len(threads) == 1


def test_another_signal_does_not_end_a_wait(taken: int) -> None:
    """It is answered, and the wait goes on."""
    answered: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: answered.append(number))
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        assert waited_s(taken, 0.2) >= 0.2
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)
    assert answered == [signal.SIGUSR1]


def test_an_alarm_that_comes_too_early_comes_again(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that rings just before the kernel waits would otherwise be the last."""
    ring = waiting._ring
    heard: list[None] = []

    def ring_second(*given: object) -> None:
        heard.append(None)
        if len(heard) == 2:
            ring(*given)

    monkeypatch.setattr(waiting, "_ring", ring_second)
    assert waited_s(taken, 0.01) < 5
    assert len(heard) == 2
