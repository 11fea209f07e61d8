"""A bar on the terminal for what takes longer than a second; scripts get none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl.context import Context
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE_S = 1.0


@contextmanager
def bar(context: Context, what: str) -> Iterator[Callable[[int, int], None]]:
    """Give what is to be told how much is done and how much there is.

    Args:
        context: Whose standard error shows the bar, where that is a terminal.
        what: What is being done, in a word or two.
    """
    begun, is_terminal = time.monotonic(), context.stderr.isatty()
    shown: Progress | None = None

    def tell(done: int, total: int) -> None:
        nonlocal shown
        if shown is None and is_terminal and time.monotonic() - begun > _PATIENCE_S:
            shown = _started(context, what)
        if shown is not None:
            shown.update(shown.task_ids[0], completed=done, total=total)

    try:
        yield tell
    finally:
        if shown is not None:
            shown.stop()


def _started(context: Context, what: str) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    shown = Progress(console=Console(file=context.stderr), transient=True)
    shown.add_task(what, total=None)
    shown.start()
    return shown
