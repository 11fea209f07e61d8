"""What a reader gives, and what it says of what it cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from secretctl.delivery.references import shown
from secretctl.errors import DeliveryError
from secretctl.record import NamedTuple

Run = Callable[[list[str], str], bytes]
"""Runs a program to decrypt what is named, and returns what it prints; raises DeliveryError."""


class Entry(NamedTuple):
    """A name with its value."""

    name: str
    value: str | bytes
    """Bytes where the file says that they are, or where they are no text."""

    line: int = 0
    """Where it begins, from 1; 0 where only the name tells it from others."""


def refused(where: str, line: int, sentence: str, *hints: str) -> DeliveryError:
    """Return the error for a line of *where*; for the whole of it where *line* is 0.

    *sentence* holds nothing of a value.
    """
    place = f"line {line} of '{shown(where)}'" if line else f"'{shown(where)}'"
    return DeliveryError(f"{place}: {sentence}", *hints)


def distinct(entries: Iterable[Entry], where: str) -> list[Entry]:
    """Return *entries*, each of which has a name of its own.

    Raises:
        DeliveryError: One has none, or two have the same.
    """
    found: dict[str, Entry] = {}
    for entry in entries:
        if not entry.name:
            raise refused(where, entry.line, "an entry has no name", "give it one, or take it out")
        if entry.name in found:
            first = found[entry.name].line
            place = f"in line {first} already" if first else "twice"
            raise refused(where, entry.line, f"'{shown(entry.name)}' stands {place}")
        found[entry.name] = entry
    return list(found.values())


def text_or_bytes(plain: bytes) -> str | bytes:
    """Return *plain* as text if it is some; bytes with a NUL are taken for bytes."""
    try:
        text = plain.decode()
    except UnicodeDecodeError:
        return plain
    return plain if "\0" in text else text
