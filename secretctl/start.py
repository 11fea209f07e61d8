"""Where the program starts: interrupts end it without a word until it answers them itself.

Python answers Ctrl-C with a traceback from its own start on, long before all of this program is
loaded. Only the built-in ``_signal`` is imported: ``signal`` brings enum with it.
"""

import _signal  # type: ignore[import-not-found]  # of CPython and PyPy, without stubs


def run() -> None:
    """Run the program; the entry of the console script."""
    begin()
    find_quickly()
    from secretctl.__main__ import run as run_command_line

    run_command_line()


def begin() -> None:
    """Let SIGINT end the process, and garbage lie: a process for one command is gone before it."""
    be_interruptible()
    import gc

    gc.disable()


def find_quickly() -> None:
    """Look for the rest of the program where it lies; on other interpreters as they do."""
    try:
        from secretctl import finding
    except ImportError:
        return
    finding.install()


def be_interruptible() -> None:
    """Let SIGINT end the process as it ends one that handles no signals.

    Where it is ignored, as in a job that a shell runs in the background, it stays so.
    """
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


def raise_interrupts() -> bool:
    """Have SIGINT raise KeyboardInterrupt from now on, where it would end the process.

    Returns:
        Whether that is new.
    """
    is_new = _signal.getsignal(_signal.SIGINT) == _signal.SIG_DFL
    if is_new:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    return bool(is_new)
