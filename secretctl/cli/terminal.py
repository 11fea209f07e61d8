"""What goes to a person's terminal: text made harmless, and errors.

Names, tags and descriptions are other people's words: shown raw they could move the cursor, paint
over a line or turn the direction of writing. JSON can be made harmless without changing its
meaning, because such characters stand only inside of its strings.
"""

from __future__ import annotations

import errno

from secretctl.context import Context
from secretctl.errors import (
    OutputError,
    OwnerOnlyError,
    ParameterError,
    SecretctlError,
    ServiceError,
    UsageError,
)
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping
    from typing import TextIO

# C1, the soft hyphen, zero-width and bidi characters and marks, the line separators that terminals
# disagree on, the blank letters of Hangul, tags, halves of surrogate pairs. Spelled as escapes
# because the characters themselves would be invisible here.
_INVISIBLE = (
    "\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ud800-\\udfff"
    "\\U000e0000-\\U000e007f"
)
_UNSAFE = f"[\\x00-\\x1f{_INVISIBLE}]"
_UNSAFE_IN_JSON = f"[{_INVISIBLE}]"
_BYTE, _PLANE = 0x100, 0x10000

RED, BOLD, PLAIN = "\x1b[31m", "\x1b[1m", "\x1b[0m"

_BEGINNINGS = ("secretctl: error:", "An error occurred", "Parameter validation failed:")
"""How errors begin: what of them is colored."""

USAGE = """\
usage: secretctl [options] <command> [parameters]
To see help text, you can run:

  secretctl --help
  secretctl <command> --help
"""


def safe(text: str) -> str:
    """Return *text* with every character that could steer a terminal as a visible escape."""
    if text.isascii() and text.isprintable():
        return text
    import re

    return re.sub(_UNSAFE, _escape, text)


def safe_lines(text: str) -> str:
    """Return *text* made `safe`, but for its line ends and tabs, which stay."""
    lines = text.split("\n")
    return "\n".join("\t".join(map(safe, line.split("\t"))) for line in lines)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < _BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < _PLANE else f"\\U{code:08x}"


def escaped_json(text: str) -> str:
    """Return the JSON *text* with characters that could steer a terminal as escapes of JSON.

    It means the same.
    """
    if text.isascii() and "\x7f" not in text:
        return text
    import re

    return re.sub(_UNSAFE_IN_JSON, _escape_json, text)


def _escape_json(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def is_terminal(stream: TextIO | None) -> bool:
    """State whether *stream* is a terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def wants_color(color: str, stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """State whether what goes to *stream* is colored, after ``--color``.

    See: https://no-color.org
    """
    if color != "auto":
        return color == "on"
    return is_terminal(stream) and not environ.get("NO_COLOR") and environ.get("TERM", "") != "dumb"


def headed(text: str) -> str:
    """Return help *text* with its headings bold."""
    import re

    return re.sub(r"(?m)^[A-Z][\w ,]*:", f"{BOLD}\\g<0>{PLAIN}", text)


def write_help(text: str, color: str, context: Context) -> None:
    """Write the help of a command to standard output, after ``--color``."""
    colored = wants_color(color, context.stdout, context.environ)
    context.stdout.write(headed(text) if colored else text)


def undelivered(error: OSError) -> OutputError:
    """Return what a failed write to standard output is for the user.

    A bad descriptor is the null device that stands for a closed stream, open for reading only.
    """
    closed = error.errno == errno.EBADF
    reason = "standard output is closed" if closed else error.strerror
    return OutputError(f"output not delivered: {reason}")


def report(
    error: SecretctlError,
    operation_name: str | None,
    context: Context,
    *,
    color: str = "auto",
    debug: bool = False,
) -> int:
    """Write *error* for a person, service and usage errors in the form of AWS's tool.

    Args:
        error: What ended the command.
        operation_name: Wire name of the operation, for a service error.
        context: Gives standard error, and the environment that says whether color is wanted.
        color: What ``--color`` says.
        debug: Say first where in the program it happened: files and lines, never a value.

    Returns:
        The exit status.
    """
    stderr = context.stderr
    text = _form(error, operation_name, context)
    if wants_color(color, stderr, context.environ):
        text = _colored(text)
    if debug:
        text = trace(error) + text
    if stderr is not None:
        try:
            stderr.write(_encodable(text, stderr))
            stderr.flush()
        except (OSError, ValueError):
            pass  # There is nowhere left to tell.
    return error.exit_status


def trace(error: Exception) -> str:
    """Return the calls that led to *error*, without its message: it may hold a value."""
    import traceback

    return "".join(traceback.format_tb(error.__traceback__))


def _form(error: SecretctlError, operation_name: str | None, context: Context) -> str:
    """Return the lines that tell of *error*: AWS's alone where a script has them."""
    message = "\n".join(map(safe, error.message.split("\n")))
    hints = "".join(hint_line(hint, context) for hint in error.hints)
    if isinstance(error, ServiceError):
        name = operation_name or (error.event if isinstance(error, OwnerOnlyError) else "")
        hints += _steps(error, name, context) if is_terminal(context.stderr) else ""
        where = f" when calling the {name} operation{error.after}" if name else ""
        return f"\nAn error occurred ({safe(error.code)}){where}: {message}\n{hints}"
    if isinstance(error, ParameterError):
        return f"\n{message}\n{hints}"
    if isinstance(error, UsageError):
        # AWS's tool writes this sentence without its own name before it.
        prefix = "" if message.startswith("Unknown options: ") else "secretctl: error: "
        return f"\n{USAGE}\n{prefix}{message}\n{hints}\n"
    return f"secretctl: error: {message}\n{hints}"


def hint_line(hint: str, context: Context) -> str:
    """Return the line that tells a hint, whose commands act on the vault of this one."""
    from secretctl.cli.carried import carried

    return f"secretctl: hint: {safe(carried(hint, context))}\n"


def _steps(error: ServiceError, operation: str, context: Context) -> str:
    from secretctl.cli import next_steps

    return "".join(hint_line(step, context) for step in next_steps.after(error, operation, context))


def _colored(text: str) -> str:
    for beginning in _BEGINNINGS:
        text = text.replace(beginning, f"{BOLD}{RED}{beginning}{PLAIN}", 1)
    return text.replace("secretctl: hint:", f"{BOLD}secretctl: hint:{PLAIN}")


def _encodable(text: str, stderr: TextIO) -> str:
    encoding = getattr(stderr, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
