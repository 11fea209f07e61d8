"""The one schema a store may have: written once, compared before anything is read."""

from __future__ import annotations

from secretctl.errors import VaultDamagedError, VaultVersionError
from secretctl.store.rows import run, sqlite3

APPLICATION_ID = 0x53435456  # "SCTV"
FORMAT_VERSION = 1
SCHEMA = (
    "CREATE TABLE record (key BLOB NOT NULL PRIMARY KEY CHECK (typeof(key) = 'blob'), "
    "value BLOB NOT NULL CHECK (typeof(value) = 'blob')) WITHOUT ROWID"
)


def write(path: str) -> None:
    """Make the file at *path* an empty store."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA page_size=4096")
        connection.execute("PRAGMA auto_vacuum=NONE")
        connection.execute("PRAGMA synchronous=EXTRA")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(SCHEMA)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={FORMAT_VERSION}")
        connection.execute("COMMIT")
    finally:
        connection.close()


def check(connection: sqlite3.Connection) -> None:
    """Compare what the file says of itself; call inside a transaction.

    Raises:
        VaultDamagedError: It is not a store of ours, or its schema or journal mode was changed.
        VaultVersionError: It is newer than this program.
    """
    if pragma(connection, "application_id") != APPLICATION_ID:
        raise VaultDamagedError("the vault file is not a vault")
    version = pragma(connection, "user_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise VaultVersionError(
            f"the vault has format {version}, this program reads {FORMAT_VERSION}",
            "install a newer secretctl",
        )
    schema = run(connection, "SELECT type, name, sql FROM sqlite_schema")
    if version != FORMAT_VERSION or schema != [("table", "record", SCHEMA)]:
        raise VaultDamagedError("the vault's schema was changed")
    if pragma(connection, "journal_mode") != "delete":
        raise VaultDamagedError("the vault's journal mode was changed")


def pragma(connection: sqlite3.Connection, name: str) -> object:
    """Return the value of a pragma."""
    rows = run(connection, f"PRAGMA {name}")
    return rows[0][0] if rows else None
