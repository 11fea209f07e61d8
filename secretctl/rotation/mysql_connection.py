"""Connections to MariaDB and MySQL, and statements on them; errors are those of a rotation's step.

See: https://mariadb.com/kb/en/mariadb-error-code-reference/ and
https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
"""

from __future__ import annotations

import ssl

from secretctl.record import TYPE_CHECKING
from secretctl.rotation.database import Database
from secretctl.rotation.logins import RefusedError
from secretctl.rotation.steps import StepError

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

    MySql = Connection[Cursor]

_WAIT_S = 10
_REFUSED = (1045, 1044, 1049, 1698)
"""Access denied, to the server or the database; no such database; no password counts."""

_NOT_LET_IN = {
    1862: "its password has expired",
    3118: "its account is locked",
    4151: "its account is locked",
    3955: "too many logins have failed",
    4150: "too many logins have failed",
    3159: "it must use TLS",
}
"""Those of MySQL, and those of MariaDB that are others."""

_OF_CLIENT = range(2000, 3000)
_NO_TLS = 2026


def connect(database: Database, whose: str) -> MySql:
    """Open a connection.

    Raises:
        RefusedError: The server does not take the password; the message says whose it is.
        StepError: It cannot be reached, or is reached and lets the user in for no password.
    """
    try:
        import pymysql
    except ImportError:
        raise StepError("PyMySQL is not installed", "pip install 'secretctl[mysql]'") from None
    try:
        return _opened(database)
    except RuntimeError:  # said of ed25519, which PyMySQL does by PyNaCl
        raise StepError("the user logs in by a plugin that is not to be used here") from None
    except pymysql.MySQLError as error:
        code = _code(error)
        if code in _REFUSED:
            raise RefusedError(
                f"the server refused {whose} password, or has no such database"
            ) from None
        if code and code not in _OF_CLIENT:
            why = _NOT_LET_IN.get(code, f"error {code}")
            raise StepError(f"the server does not let the user in: {why}") from None
        checked = ", or has no certificate that is trusted" if database.ssl == "yes" else ""
        raise StepError(f"the server cannot be reached{checked}") from None


def execute(connection: MySql, statement: str, *values: str) -> list[tuple[object, ...]]:
    """Execute a statement, and return its rows.

    Raises:
        StepError: The server refuses it; the message has the number of its error alone.
    """
    code, rows = tried(connection, statement, *values)
    if code:
        raise refused(code)
    return rows


def tried(connection: MySql, statement: str, *values: str) -> tuple[int, list[tuple[object, ...]]]:
    """Execute a statement; return 0 and its rows, or the number of the server's error.

    Raises:
        StepError: The connection is lost.
    """
    import pymysql

    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return 0, list(cursor.fetchall())
    except pymysql.MySQLError as error:
        code = _code(error)
        if not code or code in _OF_CLIENT:
            raise refused(code) from None
        return code, []


def refused(code: int) -> StepError:
    """Return the error for a statement that the server refused with that number."""
    return StepError(f"the server refused a statement: error {code}")


def is_mariadb(connection: MySql) -> bool:
    """Tell MariaDB from MySQL."""
    ((version,),) = execute(connection, "SELECT version()")
    return "mariadb" in str(version).lower()


def _code(error: Exception) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _opened(database: Database) -> MySql:
    import pymysql

    if database.ssl == "no":
        return _plainly(database, None)
    if database.ssl == "yes":
        return _plainly(database, ssl.create_default_context())
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    try:
        return _plainly(database, unchecked)
    except pymysql.OperationalError as error:
        if error.args[:1] != (_NO_TLS,):
            raise
        return _plainly(database, None)


def _plainly(database: Database, tls: ssl.SSLContext | None) -> MySql:
    import pymysql

    return pymysql.connect(
        host=database.host,
        port=database.port,
        user=database.username,
        password=database.password.encode(),  # as a text it would be sent in Latin-1
        database=database.dbname or None,
        ssl=tls,
        ssl_disabled=tls is None,
        connect_timeout=_WAIT_S,
        read_timeout=_WAIT_S,
        autocommit=True,
    )
