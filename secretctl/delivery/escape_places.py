"""Where in a file an escaped value may stand: where what reads the file finds the value itself.

For JSON, YAML, TOML and XML a reader of the type says so. It is given the file with a word in the
place of each reference, in which one letter is escaped, and has to return every word with that
letter: from elsewhere (a comment, other quotes, a CDATA section) it would not. What comes of the
values is read once more and compared.

Of a shell's text as much is read as tells quotes, comments, arithmetic and subscripts, in which
quotes are none and values are run; behind what this does not tell (a backquote, a here-document, an
expansion with more than a name in it) no reference may stand.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence

from secretctl.delivery import escape_readers
from secretctl.delivery.escape_readers import UnreadableError
from secretctl.delivery.escapes import NONE
from secretctl.delivery.templates import Template, filled
from secretctl.errors import DeliveryError
from secretctl.record import NamedTuple

_NONCE_BYTES = 8
_EXAMPLES = {
    "json": '"key": "{{secretctl://prod/db#password}}"',
    "yaml": 'key: "{{secretctl://prod/db#password}}"',
    "toml": 'key = "{{secretctl://prod/db#password}}"',
    "xml": '<key value="{{secretctl://prod/db#password}}"/>',
    "shell": "export KEY={{secretctl://prod/db#password}}",
}
_JOINED = rb"(?:\\\n)*+"
"""Ends of lines that a shell takes out before it looks on."""

_NAME = rb"\$\{[A-Za-z0-9_@*\#?!-]+\}"
_COMMENT = rb"(?:(?<![()<>])\#[^\n\0]*+(?=\n|\Z))?"
_SUM = rb"\(\((?:[A-Za-z0-9_\ \t+*/%>=!&|,?:;$-]|<(?!<))*+\)\)"
_SUBSCRIPT = (
    rb"\[(?:[^\0\[\]'\"`$\\\#\s;&|()<>]|\$(?=[A-Za-z0-9_])|\[:[a-z]+:\])*+\]"
    rb"|(?<![^\ \t\n;&|(])(?<!\\\n)\[\[?(?=[\ \t])"
)
"""Brackets that hold no reference, and the commands of that name."""

_PIECE = (
    rb"(?:[^\0\ \t\n;&|()<>\#'\"`$\\\[=]++|\0|=(?!" + _JOINED + rb"\()"
    rb"|\\(?:[^\0\n]|\n(?!\#))|'[^'\0]*'"
    rb'|"(?:[^"\\`$\0]|\\[^\0]|\$(?!' + _JOINED + rb"[({])|" + _NAME + rb')*+"'
    rb"|" + _NAME + rb"|\$(?!" + _JOINED + rb"[{'\"\0\[]))"
)
_LIST = rb"=\((?:[\ \t\n]++" + _COMMENT + rb"|" + _PIECE + rb"(?:" + _PIECE + rb"|\#)*+)*+\)(?!\#)"
"""An array's words; a bracket begins a subscript there, whatever stands around it."""

_IN_WORD = rb"(?:" + _PIECE + rb"|" + _SUBSCRIPT + rb"|" + _LIST + rb")"
_COPIED = rb"[<>]&[\ \t]*+(?:\"\$[A-Za-z0-9_]+\"|\$?[A-Za-z0-9_.-]+)(?![^\s;&|()<>])"
"""Redirections to a descriptor; bash expands a word there twice, and a quoted one too."""

_BETWEEN = (
    rb"(?:[\ \t\n;&|)]|" + _SUM + rb"|" + _COPIED + rb"|\((?!" + _JOINED + rb"\()"
    rb"|<(?!" + _JOINED + rb"[<&])|>(?!" + _JOINED + rb"&))++"
)
_UNDERSTOOD = re.compile(
    _COMMENT + rb"(?:" + _BETWEEN + _COMMENT + rb"|" + _IN_WORD + rb"(?:" + _IN_WORD + rb"|\#)*+)*+"
)
"""What can be told of a shell's text; a NUL stands for a reference.

See: POSIX.1-2017, Shell Command Language, 2.2 Quoting, 2.3 Token Recognition
"""


class Expected(NamedTuple):
    """What a reader has to find once the values are there."""

    form: str
    mark: re.Pattern[str]
    """Matches the word of a reference; its group is the reference's number."""

    strings: tuple[str, ...]


def check(template: Template, form: str) -> Expected | None:
    """Refuse a reference where a value escaped as *form* would not be read as it is.

    Returns:
        What `verify` compares with; None where nothing can be.

    Raises:
        DeliveryError: with line and column, or because the file is not of that type.
    """
    if form == NONE or not template.sources:
        return None
    if form == "shell":
        _check_shell(template)
        return None
    nonce, letter = os.urandom(_NONCE_BYTES).hex(), escape_readers.LETTERS[form]
    words = [f"secretctl{letter}{nonce}x{each}y" for each in range(len(template.sources))]
    mark = re.compile(f"secretctlA{nonce}x([0-9]+)y")
    found = _read(template, [word.encode() for word in words], form)
    times = Counter(mark.findall("\n".join(found)))
    for number in range(len(words)):
        if times[str(number)] != 1:
            raise _misplaced(template, number, form)
    return Expected(form, mark, tuple(found))


def verify(
    template: Template, content: bytes, values: Sequence[object], expected: Expected
) -> None:
    """Compare what a reader finds in *content*, which came of *values*, with what is expected.

    Raises:
        DeliveryError: it finds something else.
    """
    meant = [expected.mark.sub(lambda it: str(values[int(it[1])]), s) for s in expected.strings]
    try:
        found = escape_readers.strings(content, expected.form)
    except UnreadableError as error:
        if error.has_key_twice:
            raise _key_twice(f"what comes of {template.name}", expected.form) from None
        found = []
    if found != meant:
        raise DeliveryError(
            f"what comes of {template.name} would not be read as {expected.form} with the values "
            "in their places",
            f"give each reference a string of its own: {_EXAMPLES[expected.form]}",
        )


def _read(template: Template, words: Sequence[bytes], form: str) -> list[str]:
    try:
        return escape_readers.strings(filled(template, words), form)
    except UnreadableError as error:
        if error.has_key_twice:
            raise _key_twice(template.name, form) from None
        where = f" from line {error.line} on" if error.line else ""
        raise DeliveryError(
            f"{template.name} cannot be read as {form}{where}, with a word in the place of each "
            "reference",
            f"a reference stands between double quotes: {_EXAMPLES[form]}",
        ) from None


def _key_twice(what: str, form: str) -> DeliveryError:
    return DeliveryError(
        f"{what} has a key twice, of which what reads {form} keeps one",
        "give each value a key of its own",
    )


def _check_shell(template: Template) -> None:
    text = filled(template, [b"\0"] * len(template.sources))
    if text.count(b"\0") != len(template.sources):
        raise DeliveryError(f"{template.name} holds a NUL character, which no shell reads")
    understood = _UNDERSTOOD.match(text)
    end = understood.end() if understood else 0
    if end < len(text) and b"\0" in text[end:]:
        raise _misplaced(template, text.count(b"\0", 0, end), "shell")


def _misplaced(template: Template, number: int, form: str) -> DeliveryError:
    reader = "a shell may" if form == "shell" else f"{form} would"
    return DeliveryError(
        f"{template.place(number)}: here {reader} not read an escaped value as what it is",
        f"a reference stands like this: {_EXAMPLES[form]}",
    )
