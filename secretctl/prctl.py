"""Settings of this process that Linux has a call of its own for.

``_ctypes`` is private and costs half a millisecond, ``ctypes`` above it another 1.3.

See: prctl(2)
"""

DUMPABLE = 4
PARENT_DEATH_SIGNAL = 1
CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    """Set one, if this Python can: some are built without what it takes."""
    try:
        from _ctypes import call_function, dlopen, dlsym
    except ImportError:
        return
    ourselves = dlopen(None, 0)  # type: ignore[arg-type]  # dlopen(3) takes a null pointer
    call_function(dlsym(ourselves, "prctl"), (option, value, 0, 0, 0))
