"""What records of metadata say, opened and read once for as long as they are as they were.

A record is known by the exact bytes that are stored: one that anybody changes has others, and is
opened anew. Values are never among them; those are opened for each who asks, and not kept.
"""

from __future__ import annotations

from secretctl.bounded import keep
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Key = TypeVar("Key")
    Made = TypeVar("Made")
    Stored = TypeVar("Stored", bytes, str, bytes | None)

_MOST = 4096
"""Records that are remembered at the most."""

_LARGEST = 4096
"""Bytes or characters of a record that is remembered; larger ones are few."""


class Remembered:
    """What was made of stored records, shared by all who opened a vault with the same keys."""

    def __init__(self) -> None:
        self._made: dict[object, tuple[bytes | str | None, object]] = {}

    def of(self, key: Key, stored: Stored, make: Callable[[Key, Stored], Made]) -> Made:
        """Return what *make* makes of *stored*, which lies under *key*.

        Args:
            key: Of the record, and of what is made of it: one *key*, one *make*.
            stored: The record as it is now.
            make: Is given *key* and *stored*. Its result depends on these and the keys of the vault
                alone; what it raises is not remembered.
        """
        found = self._made.get(key)
        if found is not None and found[0] == stored:
            return found[1]  # type: ignore[return-value]  # made by the same function
        made = make(key, stored)
        if len(stored or "") <= _LARGEST:
            keep(self._made, _MOST, key, (stored, made))
        return made
