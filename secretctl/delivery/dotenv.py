r"""Files of variables in the dialect of dotenv, as far as its readers agree.

    # a comment
    [export ]NAME=value            blanks behind it are dropped, as is `` #`` and the rest
    NAME='value'                   as it stands, over several lines too
    NAME="value"                   likewise, with ``\n`` and ``\r`` as line feed and return

What readers of such files take differently is refused: an unquoted or double-quoted ``$``, which
some replace; other backslashes in double quotes, ``\\``, ``\'`` and ``${`` in single ones; blanks
around ``=``, those of Unicode too; quotes, backslashes and ``#`` inside of an unquoted value; a
carriage return inside a value; a name that stands twice.
"""

from __future__ import annotations

from secretctl.delivery.references import is_variable, shown
from secretctl.delivery.references_found import is_reference
from secretctl.errors import DeliveryError
from secretctl.record import NamedTuple

_BLANKS = " \t"
_ENDS = " \t\r"
"""What may stand at the end of a line: files of Windows have a carriage return there."""

_ESCAPES = {"n": "\n", "r": "\r"}
_QUOTE_IT = "put the value in single quotes"
_REFUSED = ("\\'", "\\\\", "${")
"""In single quotes; only docker compose leaves the last two as they are."""

_WHY_NOT = {
    "\\": "a backslash stands in front of another, or of a quote",
    "$": "${ stands in single quotes, where python-dotenv replaces it",
}
_MARK = "\ufeff"
"""A blank to JavaScript, and not to Python."""


class Entry(NamedTuple):
    """One variable of a file."""

    name: str
    value: str
    line: int
    """Where it begins, from 1."""


class _Scan(NamedTuple):
    text: str
    where: str
    """The file, for messages."""

    refused: tuple[str, ...]
    """What may not stand in single quotes: two characters each."""


def entries(text: str, where: str, *, for_compose: bool = False) -> list[Entry]:
    """Read a file.

    Args:
        text: Its content.
        where: Its name, for messages, which give a line and never a value.
        for_compose: Two backslashes, and ``${``, in single quotes are what they are, as to docker
            compose, instead of refused.

    Raises:
        DeliveryError: a line is not of the form above.
    """
    scan = _Scan(text, where, _REFUSED[:1] if for_compose else _REFUSED)
    found: dict[str, Entry] = {}
    at, line = 0, 1
    while at < len(text):
        entry, end = _next(scan, at, line)
        if entry is not None and entry.name in found:
            first = found[entry.name].line
            raise _error(scan, line, f"'{shown(entry.name)}' stands in line {first} already")
        if entry is not None:
            found[entry.name] = entry
        line += text.count("\n", at, end)
        at = end
    return list(found.values())


def _next(scan: _Scan, at: int, line: int) -> tuple[Entry | None, int]:
    """Return the entry of the line at *at*, and where the next line begins."""
    end = _end_of_line(scan.text, at)
    written = scan.text[at:end].strip(_ENDS)
    if not written or written.startswith("#"):
        return None, end + 1
    name, equals, _ = written.removeprefix("export ").lstrip(_BLANKS).partition("=")
    if not equals or not is_variable(name):
        raise _error(scan, line, "a line is not NAME=value", "no blanks around '='")
    start = scan.text.index("=", at) + 1
    if scan.text[start : start + 1] in ("'", '"'):
        value, start = _quoted(scan, start, line)
        end = _end_of_line(scan.text, start)
        if not _is_nothing(scan.text[start:end]):
            raise _error(scan, line, f"something stands behind the quoted value of '{name}'")
    else:
        value = _plain(scan, start, end, line)
    if "\0" in value:
        raise _error(scan, line, f"the value of '{name}' holds a NUL character")
    return Entry(name, value, line), end + 1


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _is_nothing(text: str) -> bool:
    """Tell whether *text*, behind a closing quote, is blank or a comment."""
    rest = text.strip(_ENDS)
    return not rest or (rest.startswith("#") and text[0] in _BLANKS)


def _uncommented(text: str) -> str:
    """Return *text* up to a ``#`` that stands behind a blank."""
    marks = [found for blank in _BLANKS if (found := text.find(blank + "#")) >= 0]
    return text[: min(marks)] if marks else text


def _plain(scan: _Scan, start: int, end: int, line: int) -> str:
    written = scan.text[start:end]
    if written[:1] in (" ", "\t"):
        raise _error(scan, line, "a blank stands behind '='", _QUOTE_IT)
    value = _uncommented(written).rstrip(_ENDS)
    if value != value.strip().strip(_MARK):
        raise _error(scan, line, "a blank of Unicode begins or ends a value", _QUOTE_IT)
    if is_reference(value) and "${" not in value:
        return value
    if any(letter in value for letter in "$`\\'\"#\r"):
        raise _error(
            scan, line, "a value without quotes holds $ ` \\ ' \" # or a return", _QUOTE_IT
        )
    return value


def _quoted(scan: _Scan, start: int, line: int) -> tuple[str, int]:
    """Return the value that begins with the quote at *start*, and where what follows begins."""
    quote, at = scan.text[start], start + 1
    letters: list[str] = []
    while at < len(scan.text) and scan.text[at] != quote:
        letter, step = scan.text[at], 1
        following = scan.text[at + 1 : at + 2]
        if letter == "\r":
            raise _error(scan, line, "a value holds a carriage return", 'write "\\r" for one')
        if quote == "'" and letter + following in scan.refused:
            raise _error(scan, line, _WHY_NOT[letter])
        if quote == '"' and letter == "\\":
            if following not in _ESCAPES:
                raise _error(scan, line, "an escape is neither \\n nor \\r", _QUOTE_IT)
            letter, step = _ESCAPES[following], 2
        elif quote == '"' and letter == "$":
            raise _error(scan, line, "a value in double quotes holds $", _QUOTE_IT)
        letters.append(letter)
        at += step
    if at >= len(scan.text):
        raise _error(scan, line, "a quote is not closed")
    return "".join(letters), at + 1


def _error(scan: _Scan, line: int, sentence: str, *hints: str) -> DeliveryError:
    return DeliveryError(f"line {line} of '{shown(scan.where)}': {sentence}", *hints)
