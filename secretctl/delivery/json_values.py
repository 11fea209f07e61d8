"""Values out of JSON: numbers stay as they were written, and no key stands twice."""

from __future__ import annotations

from secretctl import json_text


class Number(str):
    """A JSON number as its text: 1.10 and 1e400 survive."""

    __slots__ = ()


class DuplicateKeyError(Exception):
    """A JSON object holds a key twice; the only argument is the key."""


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for key, value in pairs:
        if key in members:
            raise DuplicateKeyError(key)
        members[key] = value
    return members


read = json_text.reader(_members, Number, Number)
"""As `json_text.read`, with numbers as `Number`; raises `DuplicateKeyError` too."""


def leaves(written: str) -> list[str]:
    """Return all strings and numbers in a JSON text, but for names of members; of other text none.

    An object that holds a key twice is no JSON here.
    """
    try:
        waiting = [read(written)]
    except (ValueError, RecursionError, DuplicateKeyError):
        return []
    found: list[str] = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            found.append(value)
    return found


def text(value: object) -> str:
    """Return a string as it is, and all else as JSON without blanks, numbers as they were."""
    return str(value) if isinstance(value, str) else compact(value)


def compact(value: object) -> str:
    """Return *value* as JSON without blanks, numbers as they were."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join([compact(item) for item in value]) + "]"
    if isinstance(value, dict):
        members = [compact(key) + ":" + compact(item) for key, item in value.items()]
        return "{" + ",".join(members) + "}"
    return json_text.compact(value)
