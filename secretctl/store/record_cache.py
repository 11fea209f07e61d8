"""Records as they were read from the store: none is read twice until somebody changes one.

SQLite keeps pages for as long, and by the same sign that nobody else has written the file.
"""

from __future__ import annotations

from secretctl.bounded import keep
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 4096
"""Records that are kept at the most."""

_LARGEST_BYTES = 4096
"""Of a record that is kept; larger ones are few."""


class RecordCache:
    """Records by their keys; whoever changes a record, or finds that somebody did, says so."""

    def __init__(self) -> None:
        self._records: dict[bytes, bytes | None] = {}

    def of(self, key: bytes, get: Callable[[bytes], bytes | None]) -> bytes | None:
        """Return the record under *key*, by *get* if it is not known; None where there is none."""
        if key in self._records:
            return self._records[key]
        found = get(key)
        if found is None or len(found) <= _LARGEST_BYTES:
            keep(self._records, _MOST, key, found)
        return found

    def forget(self, key: bytes) -> None:
        """Forget the record under *key*."""
        self._records.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._records.clear()
