"""What a transaction of the store offers: records under opaque keys, each sealed bytes.

Keys are ordered as bytes. A reader sees one moment of the store; a writer is alone, sees the
current state and its own changes, and its changes are durable when ``write()`` ends without an
exception, or not there at all.
"""

from collections.abc import Callable
from typing import Protocol

After = Callable[[BaseException | None], None]
"""Is told with what a transaction ended; None where it is known to be committed."""


class Reader(Protocol):
    """One moment of the store."""

    def get(self, key: bytes) -> bytes | None:
        """Return the record under *key*, None where there is none."""

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return up to *limit* records whose keys begin with *prefix* and follow *after*."""

    def scan_back(self, prefix: bytes, before: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return up to *limit* records from behind: keys that precede *before*, if it is given."""


class Writer(Reader, Protocol):
    """The only writer at this time."""

    def put(self, key: bytes, value: bytes) -> None:
        """Keep *value* under *key*."""

    def delete(self, key: bytes) -> None:
        """Remove the record under *key*; nothing happens where there is none."""
