"""Where in a JSON text something stands: read again, slowly, once it is known to be wrong.

What `strict_json` refuses has a first fault here; what it reads has a place for every part.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.policy.faults import Path
from secretctl.policy.strict_json import MAX_DEPTH, is_kept
from secretctl.record import NamedTuple

_BLANKS = " \t\r\n"
_DIGITS = "0123456789"
_NUMBER = _DIGITS + "+-.eE"
_HEX = _DIGITS + "abcdefABCDEF"
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = ("true", "false", "null")
_SPACE = " "
_read_number = json_text.reader(None, str, str)


class Place(NamedTuple):
    """A line and a column; the first of each is 1."""

    line: int
    column: int


class _Fault(Exception):  # noqa: N818 ends the reading, and never leaves this file
    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Places:
    """Offsets of all parts of a text, by their paths."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.values: dict[Path, int] = {}
        self.keys: dict[Path, int] = {}
        self.ends: dict[Path, int] = {}
        """Behind arrays and objects."""

    def read(self) -> tuple[str, Place] | None:
        """Go through the text; return the first fault and where it is, if it is not strict JSON."""
        try:
            if self._text.startswith("\ufeff"):
                raise _Fault("a byte order mark stands before the JSON", 0)
            at = self._value(self._skipped(0), ())
            if at < len(self._text):
                raise _Fault("there is something behind the JSON", at)
        except _Fault as fault:
            return fault.message, place(self._text, fault.offset)
        return None

    def of(self, path: Path, *, is_key: bool) -> Place:
        """Return where the part at *path* stands, or the name of that part."""
        offset = (self.keys if is_key else self.values).get(path)
        return place(self._text, self.values.get(path, 0) if offset is None else offset)

    def span(self, path: Path) -> tuple[Place, Place]:
        """Return where the object or array at *path* begins and ends, as IAM's simulator tells it.

        The first is behind the mark before it (white space belongs to it), the second behind it.

        See: https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-principal-policy.html,
            whose first example has line 3, column 19, which is behind the bracket of the list.
        """
        start = len(self._text[: self.values[path]].rstrip(_BLANKS))
        return place(self._text, start), place(self._text, self.ends[path])

    def _value(self, at: int, path: Path) -> int:
        """Read the value that begins *at* that offset; return where the text goes on."""
        self.values[path] = at
        first = self._text[at : at + 1]
        if first and first in "[{":
            if len(path) >= MAX_DEPTH:
                raise _Fault("it is nested too deeply", at)
            return self._members(at, path, is_object=first == "{")
        if first == '"':
            return self._skipped(self._string(at)[1])
        if first and first in _DIGITS + "-":
            return self._skipped(self._number(at))
        for word in _WORDS:
            if self._text.startswith(word, at):
                return self._skipped(at + len(word))
        raise _Fault("a value is expected" if first else "the text ends too early", at)

    def _members(self, at: int, path: Path, *, is_object: bool) -> int:
        closing, number = "}" if is_object else "]", 0
        at = self._skipped(at + 1)
        if self._text.startswith(closing, at):
            return self._closed(at, path)
        while True:
            if is_object:
                name, at = self._name(at, path)
                at = self._value(at, (*path, name))
            else:
                at = self._value(at, (*path, number))
            number += 1
            if self._text.startswith(closing, at):
                return self._closed(at, path)
            at = self._skipped(self._expected(",", at))

    def _closed(self, at: int, path: Path) -> int:
        self.ends[path] = at + 1
        return self._skipped(at + 1)

    def _name(self, at: int, path: Path) -> tuple[str, int]:
        if not self._text.startswith('"', at):
            raise _Fault("a name in double quotes is expected", at)
        name, end = self._string(at)
        if (*path, name) in self.keys:
            raise _Fault("this name is given twice", at)
        self.keys[(*path, name)] = at
        return name, self._skipped(self._expected(":", self._skipped(end)))

    def _expected(self, mark: str, at: int) -> int:
        if not self._text.startswith(mark, at):
            raise _Fault(f"'{mark}' is expected" + (", or the end" if mark == "," else ""), at)
        return at + 1

    def _string(self, at: int) -> tuple[str, int]:
        """Return the text in quotes that begins there, and where it ends."""
        start, parts = at, []
        at += 1
        while (letter := self._text[at : at + 1]) != '"':
            if not letter:
                raise _Fault("the quotes are not closed", start)
            if letter < _SPACE:
                raise _Fault("a control character stands in quotes", at)
            unit, end = self._escaped(at) if letter == "\\" else (letter, at + 1)
            if "\ud800" <= unit <= "\udfff":
                raise _Fault("half of a surrogate pair is no character", at)
            parts.append(unit)
            at = end
        return "".join(parts), at + 1

    def _escaped(self, at: int) -> tuple[str, int]:
        letter = self._text[at + 1 : at + 2]
        if letter in _ESCAPES and letter:
            return _ESCAPES[letter], at + 2
        first = self._unit(at)
        if 0xD800 <= first < 0xDC00 and self._text.startswith("\\u", at + 6):  # noqa: PLR2004 RFC 8259, section 7
            second = self._unit(at + 6)
            if 0xDC00 <= second < 0xE000:  # noqa: PLR2004 likewise
                return chr(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00), at + 12
        return chr(first), at + 6

    def _unit(self, at: int) -> int:
        digits = self._text[at + 2 : at + 6]
        is_unit = self._text.startswith("\\u", at) and len(digits) == len("0000")
        if not is_unit or digits.strip(_HEX):
            raise _Fault("there is no such escape", at)
        return int(digits, 16)

    def _number(self, at: int) -> int:
        end = at
        while end < len(self._text) and self._text[end] in _NUMBER:
            end += 1
        number = self._text[at:end]
        try:
            _read_number(number)
        except ValueError:
            raise _Fault("this is no number of JSON", at) from None
        if not is_kept(number):
            raise _Fault("the number is too large", at)
        return end

    def _skipped(self, at: int) -> int:
        while at < len(self._text) and self._text[at] in _BLANKS:
            at += 1
        return at


def place(text: str, offset: int) -> Place:
    """Return the line and column of an offset."""
    before = text[:offset]
    return Place(before.count("\n") + 1, offset - before.rfind("\n"))
