"""``builtin/mysql`` and ``builtin/mysql-alternating``: passwords of users of MariaDB and MySQL.

A clone gets the grants that the user has whom it stands for, each time anew. MariaDB is sent the
hash that it keeps (``mysql_native_password``); MySQL the password, which it hides in its logs.

See: https://mariadb.com/kb/en/set-password/ and
https://dev.mysql.com/doc/refman/8.4/en/password-logging.html
"""

from __future__ import annotations

import hashlib
import re
import ssl

from secretctl.record import TYPE_CHECKING
from secretctl.rotation.database import Database, Kind
from secretctl.rotation.logins import Driver, RefusedError, alternating, single
from secretctl.rotation.steps import StepError

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

    MySql = Connection[Cursor]

_KIND = Kind(("mysql", "mariadb", "aurora-mysql"), 3306)
_LONGEST_NAME_BYTES = 80
_WAIT_S = 10
_REFUSED = (1045, 1044, 1049, 1698)
"""Access denied, to the server or the database; no such database; no password counts."""

_NO_TLS = 2026
_IDENTIFIED = re.compile(r" IDENTIFIED (?:BY PASSWORD|VIA [a-z0-9_]+ USING) '[^']*'")


def _connect(database: Database) -> MySql:
    try:
        import pymysql
    except ImportError:
        raise StepError("PyMySQL is not installed", "pip install 'secretctl[mysql]'") from None
    try:
        return _opened(database)
    except RuntimeError:  # said of ed25519, which PyMySQL does by PyNaCl
        raise StepError("the user logs in by a plugin that is not to be used here") from None
    except pymysql.MySQLError as error:
        code = error.args[0] if error.args else 0
        if code in _REFUSED:
            raise RefusedError("the server refused the password, or has no such database") from None
        checked = ", or has no certificate that is trusted" if database.ssl == "yes" else ""
        raise StepError(f"the server cannot be reached{checked}") from None


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
        sql_mode="",  # names in grants have backquotes then, whatever the server's is
        read_timeout=_WAIT_S,
        autocommit=True,
    )


def _change(connection: MySql, wanted: Database) -> None:
    if _is_mariadb(connection):
        _execute(connection, "SET PASSWORD = %s", _hash(wanted))
    else:
        _execute(connection, "SET PASSWORD = %s", wanted.password)


def _give(connection: MySql, wanted: Database, like: Database) -> None:
    host = _host_of(connection, like.username)
    user = _account(wanted.username, host)
    if _is_mariadb(connection):
        how, said = "IDENTIFIED VIA mysql_native_password USING %s", _hash(wanted)
    else:
        how, said = "IDENTIFIED BY %s", wanted.password
    escaped = user.replace("%", "%%")
    _execute(connection, f"CREATE USER IF NOT EXISTS {escaped} {how}", said)
    for each in _grants(connection, _account(like.username, host), user):
        _execute(connection, each)
    _execute(connection, f"ALTER USER {escaped} {how}", said)


def _grants(connection: MySql, like: str, user: str) -> list[str]:
    """Return the statements that give *user* what another account has, without its password.

    Roles that it has by default, as MariaDB shows them, among that.
    """
    lines = [str(line) for (line,) in _execute(connection, f"SHOW GRANTS FOR {like}")]
    texts = [_IDENTIFIED.sub("", line) for line in lines]
    to, for_ = f" TO {like}", f" FOR {like}"
    if not any(to in text for text in texts):
        raise StepError("the grants of the user are shown in another way than is understood")
    changed = [text.replace(to, f" TO {user}", 1) for text in texts if to in text]
    roles = [text.replace(for_, f" FOR {user}", 1) for text in texts if text.endswith(for_)]
    return changed + roles


def _host_of(connection: MySql, username: str) -> str:
    """Return the host part of the account of a user, who must have one alone."""
    hosts = _execute(connection, "SELECT Host FROM mysql.user WHERE User = %s", username)
    if len(hosts) != 1:
        raise StepError("the user must have one account, with one host part")
    return str(hosts[0][0])


def _check(connection: MySql) -> None:
    for statement in ("SELECT Host FROM mysql.user LIMIT 1", "SHOW GRANTS FOR CURRENT_USER()"):
        lines = _execute(connection, statement)
    if not any("ALL PRIVILEGES" in str(line) or "CREATE USER" in str(line) for (line,) in lines):
        raise StepError("the master may not create users: GRANT CREATE USER")


def _ping(connection: MySql) -> None:
    _execute(connection, "SELECT now()")


def _execute(connection: MySql, statement: str, *values: str) -> list[tuple[object, ...]]:
    import pymysql

    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())
    except pymysql.MySQLError as error:
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        raise StepError(f"the server refused a statement: error {code}") from None


def _is_mariadb(connection: MySql) -> bool:
    ((version,),) = _execute(connection, "SELECT version()")
    return "mariadb" in str(version).lower()


def _hash(database: Database) -> str:
    """Return what MariaDB keeps of a password: SHA-1 of its SHA-1, as ``mysql_native_password``."""
    once = hashlib.sha1(database.password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(once, usedforsecurity=False).hexdigest().upper()


def _account(username: str, host: str) -> str:
    """Return an account as the server writes it in grants."""
    return "@".join(["`" + part.replace("`", "``") + "`" for part in (username, host)])


_DRIVER = Driver(
    kind=_KIND,
    excluded="",
    longest_name_bytes=_LONGEST_NAME_BYTES,
    connect=_connect,
    change=_change,
    give=_give,
    check=_check,
    ping=_ping,
)
SINGLE = single("builtin/mysql", _DRIVER)
ALTERNATING = alternating("builtin/mysql-alternating", _DRIVER)
