"""Settings of this process that Linux has a call of its own for.

``_ctypes`` is private and costs half a millisecond, ``ctypes`` above it another 1.3.

See: prctl(2)
"""

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DUMPABLE = 4
PARENT_DEATH_SIGNAL = 1
CHILD_SUBREAPER = 36
_NAME = 15
_ARGUMENTS = 45
"""Of the fields behind the name in proc_pid_stat(5): ``arg_start``; ``arg_end`` is the next."""


def prctl(option: int, value: int | bytes) -> None:
    """Set one, if this Python can: some are built without what it takes."""
    setter()(option, value)


def setter() -> "Callable[[int, int | bytes], None]":
    """Return what sets one, and looks nothing up any more: for the time between fork and exec."""
    try:
        from _ctypes import call_function, dlopen, dlsym
    except ImportError:
        return lambda _option, _value: None
    place = dlsym(dlopen(None, 0), "prctl")  # type: ignore[arg-type]  # dlopen(3) takes a null pointer
    return lambda option, value: call_function(place, (option, value, 0, 0, 0))


def rename(name: bytes) -> None:
    """Go by *name*, also where the words of the command line are looked at, if this Python can."""
    try:
        from _ctypes import _SimpleCData, call_function, dlopen, dlsym
    except ImportError:
        return

    class Address(_SimpleCData):  # type: ignore[type-arg]  # generic for mypy only
        _type_ = "P"

    prctl(_NAME, name)
    begin, end = _arguments()
    if begin < end:
        text = name[: end - begin - 1].ljust(end - begin, b"\0")
        ourselves = dlopen(None, 0)  # type: ignore[arg-type]  # likewise
        call_function(dlsym(ourselves, "memcpy"), (Address(begin), text, len(text)))


def _arguments() -> tuple[int, int]:
    """Return where in memory the words of the command line begin and end."""
    try:
        with open("/proc/self/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0, 0
    return int(fields[_ARGUMENTS]), int(fields[_ARGUMENTS + 1])
