"""Waiting for kernel locks up to a time limit, which flock(2) does not know.

Who waits is woken by the kernel the moment it is their turn: looking now and then would leave the
lock idle in between, and that is longer than most hold it. The limit is the process's alarm.
Where somebody else may need that, or it would not be heard, a thread waits instead: being woken
twice, it takes half as long again to be handed a lock.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # of CPython and PyPy, without stubs
import fcntl
import os
import time
from _thread import allocate_lock, start_new_thread
from contextlib import suppress

from secretctl.store.lock import PAUSE_S

_AGAIN_S = 0.05
"""When the alarm rings again: one that rings just before the kernel waits does not end that."""


class _TimeIsUpError(Exception):
    """The alarm rang."""


def wait_for(handles: tuple[int, ...], seconds: float, kind: int = fcntl.LOCK_EX) -> None:
    """Wait until the locks of *handles* were taken one after the other, or time is up.

    Which of them are taken then, the caller finds by trying.

    Args:
        handles: Of open files; what one of them has locked already stays locked.
        seconds: How long at most.
        kind: ``LOCK_EX`` to be alone, ``LOCK_SH`` to be among others who change nothing.
    """
    if not _may_set_alarm():
        _wait_in_thread(handles, seconds, kind)
        return
    with suppress(_TimeIsUpError):
        try:
            _signal.setitimer(_signal.ITIMER_REAL, seconds, _AGAIN_S)
            for handle in handles:
                fcntl.flock(handle, kind)
        finally:
            _signal.setitimer(_signal.ITIMER_REAL, 0)
            _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)


def _may_set_alarm() -> bool:
    """Answer the alarm from now on, if nobody else does and this is the thread that hears it."""
    is_free = _signal.getsignal(_signal.SIGALRM) == _signal.SIG_DFL
    is_set = any(_signal.getitimer(_signal.ITIMER_REAL))
    if is_set or not is_free or _signal.SIGALRM in _signal.pthread_sigmask(_signal.SIG_BLOCK, ()):
        return False
    try:
        _signal.signal(_signal.SIGALRM, _ring)
    except ValueError:  # not the main thread
        return False
    return True


def _ring(*_: object) -> None:
    _signal.setitimer(_signal.ITIMER_REAL, 0)
    raise _TimeIsUpError


def _wait_in_thread(handles: tuple[int, ...], seconds: float, kind: int) -> None:
    """Let a thread wait.

    NOTE: Its descriptors are its own: when the caller has given up and closed theirs, a lock that
    it gets still goes with the last of them.
    """
    done = allocate_lock()
    done.acquire()
    own = [os.dup(handle) for handle in handles]

    def wait() -> None:
        with suppress(OSError):  # the caller finds that the lock is not theirs
            for handle in own:
                fcntl.flock(handle, kind)
        done.release()
        for handle in own:
            os.close(handle)

    try:
        start_new_thread(wait, ())
    except RuntimeError:  # the system gives no more of them
        for handle in own:
            os.close(handle)
        time.sleep(min(seconds, PAUSE_S))
        return
    done.acquire(timeout=seconds)
