"""A value that is to be kept: piped in, in a file, or typed without being shown; never a word."""

from __future__ import annotations

from secretctl.cli.terminal import is_terminal
from secretctl.cli.words import LIMIT
from secretctl.context import Context, stdin_bytes
from secretctl.delivery.line_ends import of_one_line
from secretctl.errors import DeliveryError

PIPED = 'printf %s "$VALUE" | secretctl set SECRET-ID#KEY'
"""How a value is given, for a hint."""

_QUESTION = "The value, which is not shown: "
_AGAIN = "The value again: "
_SEVERAL = "a value of several lines is typed, or pasted, by --from-file /dev/tty"


def read(file: str | None, context: Context, *, keeps_end: bool) -> bytes:
    """Return the value.

    The line end of a single line is no part of it, unless it *keeps_end*.

    Args:
        file: What ``--from-file`` names; ``-`` is standard input. None: standard input, and where
            that is a terminal it is asked for, twice.
        context: Streams and environment.
        keeps_end: Leave the value as it is.

    Raises:
        UsageError: The file cannot be read.
        DeliveryError: What there is is empty or too large, or was not typed twice.
    """
    if file is not None:
        from secretctl.cli import paramfile

        plain = paramfile.content("--from-file", paramfile.path_of(file), context.environ)
    elif is_terminal(context.stdin):
        plain = _asked(context)
    else:
        plain = stdin_bytes(context, LIMIT + 1)
        if len(plain) > LIMIT:
            raise DeliveryError(f"the value is larger than {LIMIT} bytes")
    value = plain if keeps_end else of_one_line(plain)
    if not value:
        raise DeliveryError(
            "the value is empty: nothing was written",
            PIPED,
            "an empty text in a key: echo '\"\"' | secretctl set SECRET-ID#KEY --json",
        )
    return value


def _asked(context: Context) -> bytes:
    if not context.interactive:
        raise DeliveryError("there is no value, and nobody may be asked", "--from-file FILE")
    from secretctl.cli import prompt

    try:
        first = prompt.ask(_QUESTION)
        if first and prompt.ask(_AGAIN) != first:
            raise DeliveryError("the two values differ: nothing was written", _SEVERAL)
    except UnicodeError:
        raise DeliveryError("what was typed is not UTF-8 text", "--from-file FILE") from None
    except OSError:
        raise DeliveryError("there is no terminal to ask on", "--from-file FILE") from None
    return first.encode()
