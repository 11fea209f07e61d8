"""Going through a file of assignments, each of which one pattern describes."""

from __future__ import annotations

import re
from collections.abc import Callable

from secretctl.delivery.readers.entry import Entry, distinct, refused

NAME = r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
END = r"[ \t]*(?:\n|\Z)"
"""Of a line: a carriage return is a part of the value to those who read such files."""


def pattern(text: str) -> re.Pattern[str]:
    """Return the compiled pattern of an assignment or a remark."""
    return re.compile(text, re.ASCII)


REMARK = pattern(r"[ \t]*#[^\n]*(?:\n|\Z)|[ \t]*\n|[ \t]+\Z")


def scanned(  # noqa: PLR0913 what tells one dialect from another
    text: str,
    where: str,
    assignment: re.Pattern[str],
    value: Callable[[str], str],
    form: str,
    remark: re.Pattern[str] = REMARK,
) -> list[Entry]:
    """Return the entries of *text*.

    Args:
        text: The file.
        where: Its name.
        assignment: With groups ``name`` and ``word``, to the end of the line.
        value: Makes the value of a word.
        form: What an assignment looks like, for messages.
        remark: What lies between them.

    Raises:
        DeliveryError: something is neither, or a name stands twice.
    """
    entries: list[Entry] = []
    at, line = 0, 1
    while at < len(text):
        found = remark.match(text, at)
        if found is None:
            found = assignment.match(text, at)
            if found is None:
                raise refused(where, line, f"it is not {form}")
            entries.append(Entry(found["name"], value(found["word"]), line))
        line += text.count("\n", at, found.end())
        at = found.end()
    return distinct(entries, where)
