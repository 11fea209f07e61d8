"""A question on the terminal whose answer is not shown."""

from __future__ import annotations

import os
import select
import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from secretctl.cli.words import LIMIT

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_LOCAL_MODES = 3  # the index of them in what tcgetattr returns
_PART_BYTES = 4096


def ask(question: str) -> str:
    """Return the line typed on the terminal, without its end; what came before an end of input.

    A signal that ends the program does so once the terminal shows again what is typed. It is
    waited for beside the answer, as one that comes just before a read does not interrupt it.

    Raises:
        KeyboardInterrupt: By Ctrl-C.
        OSError: There is no terminal.
        UnicodeError: What was typed is not UTF-8 text.
    """
    return _typed(question, b"\n").decode()


def ask_for_lines(question: str) -> bytes:
    """Return all that is typed until the end of input, Ctrl-D, without the end of its last line.

    Raises:
        KeyboardInterrupt: By Ctrl-C.
        OSError: There is no terminal.
    """
    return _typed(question, None)


def _typed(question: str, end: bytes | None) -> bytes:
    terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    try:
        came: list[int] = []
        with _signals_noted(came) as woken, _hidden(terminal):
            os.write(terminal, question.encode())
            text = _text(terminal, woken, came, end)
    finally:
        os.close(terminal)
    return text.removesuffix(b"\n")


def has_terminal() -> bool:
    """Tell whether there is a terminal to ask on."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _text(terminal: int, woken: int, came: list[int], end: bytes | None) -> bytes:
    """Return what is typed up to *end*, or to the end of input."""
    text, poll = b"", select.poll()  # select itself knows no descriptor beyond 1,023
    for number in (terminal, woken):
        poll.register(number, select.POLLIN)
    while not came and len(text) <= LIMIT and not (end and text.endswith(end)):
        if terminal not in dict(poll.poll()):
            os.read(woken, _PART_BYTES)
        elif part := os.read(terminal, _PART_BYTES):
            text += part
        else:
            break
    return text


@contextmanager
def _hidden(terminal: int) -> Iterator[None]:
    """Show nothing of what is typed meanwhile, and go to a new line after it."""
    try:
        before = termios.tcgetattr(terminal)
    except termios.error as error:
        raise OSError(*error.args) from None
    hiding = [*before]
    hiding[_LOCAL_MODES] &= ~termios.ECHO
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, hiding)
        yield
    finally:
        with suppress(OSError, termios.error):  # the terminal may be gone
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
            os.write(terminal, b"\n")


@contextmanager
def _signals_noted(came: list[int]) -> Iterator[int]:
    """Put signals that end the program into *came*, and let the first end it afterwards.

    Gives a descriptor that is readable once one came.
    """
    usual = {
        number: handler
        for number in _ENDINGS
        if (handler := signal.getsignal(number)) in (signal.SIG_DFL, signal.default_int_handler)
    }
    woken, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    try:
        for number in usual:
            signal.signal(number, lambda number, _frame: came.append(number))
        yield woken
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in usual.items():
            signal.signal(number, handler)
        os.close(woken)
        os.close(wake)
        if came:
            signal.raise_signal(came[0])
