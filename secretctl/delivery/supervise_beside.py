"""Look after a program, and do something else for it meanwhile, in the same thread."""

from __future__ import annotations

import signal
from collections.abc import Callable
from threading import Thread

from secretctl.delivery.supervise import hear
from secretctl.delivery.supervise_start import ALL, Running


def awaited(running: Running, work: Callable[[], None], pause: Callable[[], None]) -> int:
    """Pass signals on to the program until it ends; return its status.

    A thread of its own waits for each signal. What it is sent for is done in this one, which alone
    can stop this process as the program was stopped, while no other thread waits for any.

    Args:
        running: The program; all signals are blocked.
        work: Is done meanwhile, time and again; where it returns by itself, there is none.
        pause: Lets it return; called in the other thread, also just before it begins.
    """
    status = None
    while status is None:
        heard: list[signal.struct_siginfo] = []
        waiting = Thread(target=_wait, args=(heard, pause), name="signals", daemon=True)
        waiting.start()
        work()
        waiting.join()
        status = hear(heard[0], running)
    return status


def _wait(heard: list[signal.struct_siginfo], pause: Callable[[], None]) -> None:
    heard.append(signal.sigwaitinfo(ALL))
    pause()
