"""What a process is given by its surroundings, as one record that is passed in.

Nothing below ``cli`` asks what the environment holds or what time it is by itself, so that tests
choose both, and what keys, ids and passwords are made of. Taken from the system all the same are
random bytes that nobody may choose or that mean nothing later: salts of seals and the keys of
single messages, marks and delimiters in a text, names of folders.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from secretctl.errors import ConfigError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import TextIO

_SET_BY_PYTHON = ("C.UTF-8", "C.utf8", "UTF-8")
_LATEST_MS = 9_151_488_000_000
"""The beginning of 2260: Python's clock ends in 2262, and the longest window has 999 days."""

_DESCRIPTOR_DIGITS = 9
_OUTPUTS = (1, 2)
_STREAMS = (
    ("stdin", "r", os.O_RDONLY),
    ("stdout", "w", os.O_RDONLY),
    ("stderr", "w", os.O_WRONLY),
)


class KdfProfile(NamedTuple):
    """Cost of turning a passphrase into a key with Argon2id (RFC 9106)."""

    memory_kib: int
    """Memory in kibibytes."""

    iterations: int
    lanes: int


STANDARD = KdfProfile(memory_kib=256 * 1024, iterations=4, lanes=4)
"""For new passphrase slots: about 0.7 s on one 2020s core."""

CHEAPEST = KdfProfile(memory_kib=64 * 1024, iterations=3, lanes=4)
"""The floor, RFC 9106's second recommended option: for tests."""


class Context(NamedTuple):
    """Streams, environment, clock, randomness and key-derivation cost."""

    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    now_ms: Callable[[], int]
    """Milliseconds since 1970-01-01 UTC, at least zero; raises ConfigError where the clock is so
    far off that the end of a window could not be told."""

    random: Callable[[int], bytes]
    """That many unpredictable bytes."""

    kdf: KdfProfile = STANDARD
    interactive: bool = True
    """Whether a person may be asked for a passphrase on the terminal."""

    argv: Sequence[str] = ()
    """The command line without the program's name, for hints that repeat what chose the vault."""

    restore: Callable[[], None] = lambda: None
    """Gives a program that is about to be executed the umask and limits we were started with."""

    descriptors: frozenset[int] = frozenset()
    """Numbers in variables such as SECRETCTL_PASSPHRASE_FD that were open file descriptors when the
    process started; what was opened later under such a number is something else."""


def tell(context: Context, text: str) -> None:
    """Write *text*, made harmless, to standard error at once; what cannot be told ends nothing."""
    try:
        context.stderr.write(text)
        context.stderr.flush()
    except OSError:
        return


def tell_person(context: Context, text: str) -> None:
    """Write *text* as `tell` does if standard error is a terminal: scripts await no such line."""
    try:
        is_read = context.stderr.isatty()
    except ValueError:  # closed
        return
    if is_read:
        tell(context, text)


def stdin_bytes(context: Context, most: int) -> bytes:
    """Return what comes through standard input, *most* bytes of it."""
    buffer = getattr(context.stdin, "buffer", None)
    if buffer is None:
        return context.stdin.read(most).encode()
    content: bytes = buffer.read(most)
    return content


def uuid4(random: bytes) -> str:
    """Write 16 random bytes as a UUID of version 4 (RFC 9562, section 5.4)."""
    text, variant = random.hex(), "89ab"[random[8] >> 4 & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def of_process(restore: Callable[[], None] = lambda: None) -> Context:
    """Return the context of the running process.

    What variables of ours name by its number is closed to programs that are executed from now on.
    """
    descriptors = _taken_over(os.environ)
    _fill_closed_streams()
    return Context(
        environ=_as_given(os.environ),
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
        now_ms=clock_ms,
        random=os.urandom,
        restore=restore,
        descriptors=descriptors,
    )


def descriptor(text: str) -> int | None:
    """Return the number of a file descriptor; None unless *text* is one to nine ASCII digits."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _DESCRIPTOR_DIGITS
    return int(text) if is_number else None


def _as_given(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment without what Python put into it at its start.

    In the C locale Python sets LC_CTYPE (PEP 538), and programs that are executed would have it
    from us. Linux still tells what there was; elsewhere nothing does, and it stays.
    """
    if environ.get("LC_CTYPE") not in _SET_BY_PYTHON:
        return environ
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        return environ
    given = {name: value for name, value in environ.items() if name != "LC_CTYPE"}
    for entry in entries:
        if entry.startswith(b"LC_CTYPE="):
            given["LC_CTYPE"] = os.fsdecode(entry.removeprefix(b"LC_CTYPE="))
    return given


def clock_ms() -> int:
    """Return the milliseconds since 1970.

    Raises:
        ConfigError: The clock is so far off that the end of a window could not be told.
    """
    try:
        now_ms = time.time_ns() // 1_000_000
    except OverflowError:  # after 2262-04-11, in nanoseconds
        now_ms = _LATEST_MS
    if 0 <= now_ms < _LATEST_MS:
        return now_ms
    year = "2259 is over" if now_ms > 0 else "1970 has not begun"
    raise ConfigError(f"the clock says that the year {year}", "compare it with a watch: date")


def _fill_closed_streams() -> None:
    """Put the null device where a standard stream was closed by whoever started us.

    So no file of ours gets its number and everybody finds a stream: empty input, error output that
    goes nowhere, and an output on which every write fails, because it is open for reading only.
    Programs that are executed find it closed, as we did.
    """
    for name, mode, flags in _STREAMS:  # in the order of their numbers: the lowest is given out
        if getattr(sys, name) is None:
            number = os.open(os.devnull, flags)
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 for good
            setattr(sys, name, stream)


def _taken_over(environ: Mapping[str, str]) -> frozenset[int]:
    """Return the open descriptors that variables of ours name, kept from programs to come.

    Standard input is among them and stays to be inherited; standard output and error are not.
    """
    found = set()
    for name, value in environ.items():
        if name.startswith("SECRETCTL_") and name.endswith("_FD"):
            number = descriptor(value)
            if number is None or number in _OUTPUTS:
                continue
            try:
                os.set_inheritable(number, number == 0)
            except OSError:  # not open: said where it is wanted
                continue
            found.add(number)
    return frozenset(found)
