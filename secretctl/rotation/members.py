"""The members of a value that is a JSON object, and what is said of those that are missing."""

from __future__ import annotations

from secretctl import json_text
from secretctl.rotation.steps import Fields, StepError

_MOST_PORTS = 65535


def read(text: str, whose: str = "the value") -> Fields:
    """Return the members of an object.

    Args:
        text: The value.
        whose: What messages call it.

    Raises:
        StepError: It is none.
    """
    try:
        found = json_text.read(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StepError(f"{whose} is no JSON object")
    return found


def needed(members: Fields, name: str, whose: str = "the value") -> str:
    """Return the text that a member holds; raises StepError if it holds none."""
    found = members.get(name)
    if not isinstance(found, str) or not found:
        raise StepError(f"{whose} needs the key {name}, which holds text")
    return checked(found, name, whose)


def checked(text: str, name: str, whose: str = "the value") -> str:
    """Return a text that can be sent; raises StepError if it has half a character in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise StepError(f"the {name} of {whose} has a character that is none") from None
    return text


def host(text: str, whose: str = "the value") -> str:
    """Return the name or address of a host; raises StepError if none can be called so."""
    try:
        if not text.startswith("/"):  # a folder of sockets
            text.encode("idna")
    except UnicodeError:
        raise StepError(f"the host of {whose} can be none") from None
    return text


def port(value: object, default: int, whose: str = "the value") -> int:
    """Return a port, given as a number or as digits; raises StepError if it is none."""
    digits = str(default if value is None else value)
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:6]) <= _MOST_PORTS):
        raise StepError(f"the port of {whose} is no number from 1 to {_MOST_PORTS}")
    return int(digits)


def written(members: Fields, **changed: object) -> str:
    """Return the object with some members changed."""
    return json_text.compact({**members, **changed})
