"""The terminal, for a program that comes after another: as the first of them found it."""

from __future__ import annotations

import os
import termios
from contextlib import suppress

from secretctl.record import NamedTuple


class Kept(NamedTuple):
    """How the terminal on standard input was."""

    modes: list[object] | None
    """None where there was none, or another job had it."""

    def restore(self) -> None:
        """Take the terminal back from a process group that is gone, and give it its modes.

        SIGTTOU must be blocked. If another job has the terminal by now, it is left alone.
        """
        if self.modes is None:
            return
        with suppress(OSError, termios.error):  # it has hung up
            if _is_gone(os.tcgetpgrp(0)):
                os.tcsetpgrp(0, os.getpgrp())
            if os.tcgetpgrp(0) == os.getpgrp():
                termios.tcsetattr(0, termios.TCSADRAIN, self.modes)  # type: ignore[arg-type]  # as it came


def seen() -> Kept:
    """Return how the terminal is now."""
    try:
        is_ours = os.tcgetpgrp(0) == os.getpgrp()
        return Kept(list(termios.tcgetattr(0)) if is_ours else None)
    except (OSError, termios.error):
        return Kept(None)


def is_of_session() -> bool:
    """Tell whether our session has a terminal: not any more, once that has hung up."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
