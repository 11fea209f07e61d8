"""Records of a closed vault, looked at and changed behind the program's back."""

import sqlite3
from pathlib import Path

Records = dict[bytes, bytes]


def records_of(path: Path) -> Records:
    """Return the stored records."""
    database = sqlite3.connect(path)
    found: Records = dict(database.execute("SELECT key, value FROM record"))
    database.close()
    return found


def change(path: Path, records: Records) -> None:
    """Replace or add records."""
    database = sqlite3.connect(path)
    database.executemany("INSERT OR REPLACE INTO record VALUES (?, ?)", list(records.items()))
    database.commit()
    database.close()


def drop(path: Path, key: bytes) -> None:
    """Remove a record."""
    database = sqlite3.connect(path)
    database.execute("DELETE FROM record WHERE key = ?", (key,))
    database.commit()
    database.close()


def of_kind(records: Records, mark: bytes) -> list[bytes]:
    """Return the keys of one kind of record, in order."""
    return sorted(key for key in records if key[:1] == mark)
