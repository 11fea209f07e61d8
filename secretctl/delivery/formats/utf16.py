"""Text as Java and .NET hold it."""

from __future__ import annotations

_BYTES = 2


def units(letter: str) -> list[int]:
    """Return the UTF-16 code units of a letter: one, or a surrogate pair."""
    encoded = letter.encode("utf-16-be")
    return [int.from_bytes(encoded[at : at + _BYTES]) for at in range(0, len(encoded), _BYTES)]
