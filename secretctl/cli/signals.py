"""Signals that end the program once what was half done is undone, as Ctrl-C does."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def undone_first() -> Iterator[None]:
    """Have the first of SIGTERM and SIGHUP raise KeyboardInterrupt in the block, and end us then.

    One that is ignored or handled stays so.
    """
    came: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        if len(came) == 1:  # what is being undone is not broken off
            raise KeyboardInterrupt

    usual = [number for number in _ENDINGS if signal.getsignal(number) == signal.SIG_DFL]
    try:
        for number in usual:
            signal.signal(number, interrupt)
        yield
    finally:
        for number in usual:
            signal.signal(number, signal.SIG_DFL)
        if came:
            signal.raise_signal(came[0])
