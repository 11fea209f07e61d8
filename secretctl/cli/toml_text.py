"""TOML that somebody wrote: read, or refused with the place and nothing of its text."""

from __future__ import annotations

from secretctl.cli.toml_plain import plain
from secretctl.errors import ConfigError
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_DOTS = 64
"""In a line: reading a dotted key takes Python the square of its parts."""

_WITH_MARK = "utf-8-sig"
"""A byte order mark, as editors on Windows put in front, is no part of the text."""

_FARTHEST = 100
"""Lines that are tried for the end of a value which begins in one of them."""


def parsed(content: bytes, name: str, *hints: str) -> dict[str, object]:
    """Return what *content* says.

    Args:
        content: Of the file.
        name: Of the file, for messages.
        hints: Of the error that it is not TOML.

    Raises:
        ConfigError: It is not TOML, or none that is read in time.
    """
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.count(b".") > _MOST_DOTS and not line.lstrip().startswith(b"#"):
            raise ConfigError(f"'{name}' holds more than {_MOST_DOTS} dots in line {number}")
    try:
        text = content.decode(_WITH_MARK)
        found = plain(text)
        return _any(text) if found is None else found
    except (ValueError, RecursionError) as error:
        # tomllib's sentence may quote the file; only the place is taken from it.
        import re

        place = re.search(r"\(at (line \d+|end of document)", str(error))
        where = f" ({place[1]})" if place else ""
        raise ConfigError(f"'{name}' is not valid TOML{where}", *hints) from None


def _any(text: str) -> dict[str, object]:
    import tomllib

    return tomllib.loads(text)


def line_of(content: bytes, place: Sequence[str]) -> int:
    """Return the line in which what *place* leads to begins to be said; 0 if that is not known.

    Args:
        content: Of a file that `parsed` reads.
        place: Keys, the outermost first.

    NOTE: tomllib tells no lines, so this finds the shortest beginning of the file that says it.
    """
    lines = content.decode(_WITH_MARK).split("\n")
    low, high = 1, len(lines)
    while place and low < high:
        middle = (low + high) // 2
        if _is_said(lines, middle, place):
            high = middle
        else:
            low = middle + 1
    return low if place and _is_said(lines, low, place) else 0


def _is_said(lines: list[str], count: int, place: Sequence[str]) -> bool:
    """Tell whether *count* lines, and those that end the last value in them, say it already."""
    import tomllib

    for end in range(count, min(count + _FARTHEST, len(lines) + 1)):
        try:
            found: object = tomllib.loads("\n".join(lines[:end]))
        except ValueError:  # a value goes on in the next line
            continue
        for key in place:
            if not isinstance(found, dict) or key not in found:
                return False
            found = found[key]
        return True
    return False
