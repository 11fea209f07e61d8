"""Tables of bounded size, for what is kept so that it need not be worked out again."""

from __future__ import annotations

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeVar

    Key = TypeVar("Key")
    Kept = TypeVar("Kept")


def keep(table: dict[Key, Kept], most: int, key: Key, value: Kept) -> None:
    """Put *value* into a table of at most *most*; what was put there first makes room."""
    if key not in table and len(table) >= most:
        del table[next(iter(table))]
    table[key] = value
