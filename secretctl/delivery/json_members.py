"""One member of a JSON object, changed in its text: all else stays to the byte, and in its order.

What is given has been read as a JSON object before, in which no key stands twice.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.record import NamedTuple

_BLANKS = " \t\r\n"


class _Member(NamedTuple):
    """Where a member stands in the text."""

    key: str
    start: int
    key_end: int
    value: int
    end: int


def with_member(text: str, key: str, value: str) -> str:
    """Return the object *text* with the JSON text *value* for *key*.

    A new member comes last, divided from the others as they are.
    """
    members = _members(text)
    for each in members:
        if each.key == key:
            return text[: each.value] + value + text[each.end :]
    opened = text.index("{") + 1
    if not members:
        return f"{text[:opened]}{json_text.quoted(key)}:{value}{text[opened:]}"
    last = members[-1]
    colon = text[last.key_end : last.value]
    made = _comma(text, opened, members, colon) + json_text.quoted(key) + colon + value
    return text[: last.end] + made + text[last.end :]


def without_member(text: str, key: str) -> str:
    """Return the object *text* without *key*, which it has."""
    members = _members(text)
    at = next(index for index, each in enumerate(members) if each.key == key)
    if at:
        return text[: members[at - 1].end] + text[members[at].end :]
    if members[1:]:
        return text[: members[0].start] + text[members[1].start :]
    return text[: text.index("{") + 1] + text[text.rindex("}") :]


def _comma(text: str, opened: int, members: list[_Member], colon: str) -> str:
    if members[1:]:
        return text[members[-2].end : members[-1].start]
    margin = text[opened : members[0].start]
    return f",{margin or ' ' * colon.endswith(' ')}"


def _members(text: str) -> list[_Member]:
    found: list[_Member] = []
    at = text.index("{") + 1
    while text[at := _past_blanks(text, at)] != "}":
        if text[at] == ",":
            at = _past_blanks(text, at + 1)
        key, key_end = json_text.value_at(text, at)
        value = _past_blanks(text, _past_blanks(text, key_end) + 1)
        _, end = json_text.value_at(text, value)
        found.append(_Member(key, at, key_end, value, end))
        at = end
    return found


def _past_blanks(text: str, at: int) -> int:
    while text[at] in _BLANKS:
        at += 1
    return at
