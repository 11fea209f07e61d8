"""End as another process did."""

from __future__ import annotations

import os
import resource
import signal

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

_SIGNALLED = 128


def end_as(status: int) -> NoReturn:
    """End with the exit status, or by the signal, of *status* as wait(2) gives it."""
    if os.WIFSIGNALED(status):
        die_by(os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def die_by(number: int) -> NoReturn:
    """Die by a signal, without a core; where none can kill us, by the status shells make of it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
    if number not in {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(_SIGNALLED + number)
