"""Statements run, and the rows they give, of which nothing is believed."""

from __future__ import annotations

from secretctl.errors import StoreError, VaultDamagedError
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:  # ``sqlite3`` adds what turns dates into columns, and imports datetime for it
        import _sqlite3 as sqlite3
    except ImportError:  # pragma: no cover - another interpreter
        import sqlite3

__all__ = ["Rows", "blob", "end_of", "ordered", "run", "sqlite3"]

Rows = list[tuple[object, ...]]


def run(connection: sqlite3.Connection, statement: str, arguments: tuple[object, ...] = ()) -> Rows:
    """Run *statement* and return its rows, all of them.

    Raises:
        sqlite3.Error: SQLite refused; `named_errors` gives it a name.
        VaultDamagedError: Names in a damaged schema are no text: Python cannot take up a message
            of SQLite that repeats them.
        StoreError: There is not enough memory.
    """
    try:
        return connection.execute(statement, arguments).fetchall()
    except (UnicodeError, OverflowError):
        raise VaultDamagedError("the vault file is damaged", "secretctl fsck") from None
    except MemoryError:
        raise StoreError("there is not enough memory; nothing was changed") from None


def blob(value: object) -> bytes:
    """Return *value*, which is to be a blob.

    Raises:
        VaultDamagedError: It is something else.
    """
    if not isinstance(value, bytes):
        raise VaultDamagedError("the vault holds a record of the wrong type")
    return value


def end_of(prefix: bytes) -> bytes:
    """Return the least key behind all that begin with *prefix* (which is not all 0xFF)."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes((stem[-1] + 1,))


def ordered(rows: Rows, last: bytes, *, backwards: bool = False) -> list[tuple[bytes, bytes]]:
    """Return *rows* whose keys follow *last* and one another: a damaged tree could go in rings.

    Raises:
        VaultDamagedError: They do not, or are not blobs.
    """
    found = []
    for some_key, value in rows:
        key = blob(some_key)
        if last and not (key < last if backwards else key > last):
            raise VaultDamagedError("the vault's records are out of order", "secretctl fsck")
        found.append((key, blob(value)))
        last = key
    return found
