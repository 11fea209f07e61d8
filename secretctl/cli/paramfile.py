"""Values that stand in files: ``file://`` and ``fileb://``.

NOTE: text is taken byte for byte as UTF-8. AWS's tool turns CR LF into LF, which changes a secret.

See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from secretctl.cli.words import LIMIT
from secretctl.errors import DeliveryError, ParameterError, UsageError
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    import re

_VARIABLE = r"\$(?:(\w+)|\{([^}]*)\})"
_TERMINAL = "/dev/tty"
_HIDDEN = ("--secret-string", "--secret-binary", "--from-file")
_QUESTION = "The value, which is not shown; Enter and then Ctrl-D end it: "
_OWN_INPUT = "/dev/stdin"
_OWN_DESCRIPTOR = r"/dev/fd/([0-9]{1,4})|/proc/self/fd/([0-9]{1,4})|/dev/std(in)"


_PIPE = "not a regular file"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_TO_UTF_8 = ("it looks like UTF-16: iconv -f UTF-16 -t UTF-8",)


class _UnreadError(Exception):
    """A file cannot be read: why, in words, and the number of the system's error or 0."""

    def __init__(self, why: str, code: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.code = code


def problem(flag: str, sentence: str, *hints: str) -> UsageError:
    """Return the error AWS's tool gives for a value that cannot be read."""
    return ParameterError(f"Error parsing parameter '{flag}': {sentence}", *hints)


def way_for_bytes(option: str) -> tuple[str, ...]:
    """Return the hint for a value of *option* that is no text."""
    if option in ("--secret-string", "--secret-binary"):
        return ("bytes that are no text are stored by --secret-binary fileb://PATH",)
    return ()


def load(flag: str, value: str, environ: Mapping[str, str]) -> str | bytes | None:
    """Return the content of the file *value* names.

    Args:
        flag: The option, with its dashes, for messages.
        value: A word of the command line.
        environ: Where ``~`` and ``$NAME`` in the path are looked up.

    Returns:
        Text for ``file://``, bytes for ``fileb://``, None if *value* names no file.

    Raises:
        UsageError: the file cannot be read, is special, too large, or not UTF-8.
    """
    if value.startswith("fileb://"):
        return _loaded(flag, value, value[len("fileb://") :], environ)
    if not value.startswith("file://"):
        return None
    path = value[len("file://") :]
    try:
        return _loaded(flag, value, path, environ).decode()
    except UnicodeDecodeError:
        sentence = f"Unable to load paramfile ({path}), text contents could not be decoded."
        if flag == "--secret-binary":
            sentence += (
                "  If this is a binary file, please use the fileb:// prefix instead of the "
                "file:// prefix."
            )
        raise problem(flag, sentence, *way_for_bytes(flag)) from None


def content(option: str, path: str, environ: Mapping[str, str]) -> bytes:
    """Return what is in the file that *option* names by its path alone; nothing for /dev/null.

    Raises:
        UsageError: as `load`, in words of our own: AWS has no such options.
    """
    try:
        is_secret = option in _HIDDEN
        return b"" if path == os.devnull else _content(path, environ, is_secret=is_secret)
    except _UnreadError as error:
        hints = [f"a pipe is read as {_OWN_INPUT}"] if error.why == _PIPE else []
        sentence = f"argument {option}: '{path}' cannot be read: {error.why}"
        raise UsageError(sentence, *hints) from None


def text_of(content: bytes, path: str) -> str:
    """Return the text of a file, without a byte order mark, which is no part of it.

    Raises:
        DeliveryError: It is not UTF-8; a file that PowerShell 5 wrote is UTF-16.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        from secretctl.delivery.references import shown

        line = content.count(b"\n", 0, error.start) + 1
        hints = _TO_UTF_8 if content.startswith(_UTF_16) else ()
        raise DeliveryError(f"line {line} of '{shown(path)}' is not UTF-8", *hints) from None


def path_of(word: str) -> str:
    """Return the path that an option means by *word*: ``-`` is standard input."""
    return _OWN_INPUT if word == "-" else word


def _loaded(flag: str, uri: str, path: str, environ: Mapping[str, str]) -> bytes:
    """Return what is in the file that a value names, or raise the error AWS's tool gives."""
    try:
        return _content(path, environ, is_secret=flag in _HIDDEN)
    except _UnreadError as error:
        hints = [f"a pipe is read as file://{_OWN_INPUT} or fileb://{_OWN_INPUT}"]
        why = f"[Errno {error.code}] {error.why}: '{path}'" if error.code else error.why
        sentence = f"Unable to load paramfile {uri}: {why}"
        raise problem(flag, sentence, *(hints if error.why == _PIPE else [])) from None


def _content(path: str, environ: Mapping[str, str], *, is_secret: bool = False) -> bytes:
    """Return at most LIMIT bytes; a secret that is typed is asked for, and is not shown.

    Messages show the path as it was typed: what a variable in it stands for may be secret.
    """
    real = _expanded(path, environ)
    try:
        own = _own_descriptor(real)
        if is_secret and (real == _TERMINAL or (own and _is_keyboard(_number(own)))):
            plain: bytes | None = _asked_for()
        elif own:
            plain = _read_own(_number(own))
        else:
            plain = _read_terminal() if real == _TERMINAL else _read_regular(real)
    except (OSError, ValueError) as error:
        code = error.errno if isinstance(error, OSError) and error.errno else 0
        raise _UnreadError(os.strerror(code) if code else "not a path", code) from None
    if plain is None:
        raise _UnreadError(_PIPE)
    if len(plain) > LIMIT:
        raise _UnreadError(f"larger than {LIMIT} bytes")
    return plain


def _expanded(path: str, environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    if home and (path == "~" or path.startswith("~/")):
        path = home.rstrip("/") + path[1:]
    elif path.startswith("~"):
        path = os.path.expanduser(path)
    if "$" not in path:
        return path
    import re

    return re.sub(
        _VARIABLE,
        lambda match: environ.get(match[1] or match[2] or "", match[0]),
        path,
        flags=re.ASCII,
    )


def _read_regular(path: str) -> bytes | None:
    # O_NONBLOCK: opening a FIFO nobody writes to would otherwise wait for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(21, "")
        return _read(descriptor) if stat.S_ISREG(mode) else None
    finally:
        os.close(descriptor)


def _own_descriptor(path: str) -> re.Match[str] | None:
    if not path.startswith(("/dev/", "/proc/")):
        return None
    import re

    return re.fullmatch(_OWN_DESCRIPTOR, path)


def _number(own: re.Match[str]) -> int:
    return int(own[1] or own[2] or 0)


def _is_keyboard(descriptor: int) -> bool:
    """Tell whether *descriptor* is the terminal on which somebody can be asked."""
    try:
        return os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:  # another terminal than ours
        return False


def _asked_for() -> bytes:
    from secretctl.cli import prompt

    return prompt.ask_for_lines(_QUESTION)


def _read_own(descriptor: int) -> bytes:
    """Read a descriptor this process was started with: a redirection, a pipe or a terminal."""
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        raise IsADirectoryError(21, "")
    return _read(descriptor)


def _read_terminal() -> bytes:
    """Read what a person types, up to Ctrl-D at the beginning of a line."""
    descriptor = os.open(_TERMINAL, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        return _read(descriptor)
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> bytes:
    parts: list[bytes] = []
    left = LIMIT + 1
    while left > 0:
        part = os.read(descriptor, min(left, 1 << 16))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
