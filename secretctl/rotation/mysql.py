"""``builtin/mysql`` and ``builtin/mysql-alternating``: passwords of users of MariaDB and MySQL.

A clone gets the grants that the user has whom it stands for, each time anew, and no others.
MariaDB is sent the hash that it keeps (``mysql_native_password``); MySQL the password, which it
hides in its logs.

See: https://mariadb.com/kb/en/set-password/ and
https://dev.mysql.com/doc/refman/8.4/en/password-logging.html
"""

from __future__ import annotations

import hashlib
import ssl

from secretctl.record import TYPE_CHECKING
from secretctl.rotation.database import Database, Kind
from secretctl.rotation.logins import Driver, RefusedError, alternating, single
from secretctl.rotation.mysql_grants import Grant, account, given, may_give, read, taken, unquoted
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
_READS = (
    "SHOW VARIABLES WHERE Variable_name IN"
    " ('read_only', 'innodb_read_only', 'tx_read_only', 'transaction_read_only')"
)
"""Those of them that the server has; of MySQL, super_read_only sets read_only."""

_GIVES_ROLES = (
    "SELECT ROLE_NAME FROM information_schema.APPLICABLE_ROLES WHERE IS_GRANTABLE = 'YES'"
)


def _connect(database: Database, whose: str) -> MySql:
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
            raise RefusedError(
                f"the server refused {whose} password, or has no such database"
            ) from None
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
        read_timeout=_WAIT_S,
        autocommit=True,
    )


def _check_writes(connection: MySql) -> None:
    if any(value != "OFF" for _, value in _execute(connection, _READS)):
        raise StepError(
            "the server only reads, as a replica does: read_only, or a variable like it, is on",
            "the host of the value is to be the primary",
        )


def _change(connection: MySql, wanted: Database) -> None:
    if _is_mariadb(connection):
        _execute(connection, "SET PASSWORD = %s", _hash(wanted))
    else:
        _execute(connection, "SET PASSWORD = %s", wanted.password)


def _give(connection: MySql, wanted: Database, like: Database) -> None:
    first, clone = _in_order(wanted, like)
    host = _host_of(connection, first, clone)
    user = account(wanted.username, host)
    if wanted.username == clone:
        # A clone that the new password opened before it has its grants would pass for a whole one.
        other = wanted._replace(password=wanted.password[::-1])
        _identify(connection, "CREATE USER IF NOT EXISTS", user, other)
        _make_alike(connection, account(first, host), user)
    _identify(connection, "ALTER USER", user, wanted)


def _identify(connection: MySql, verb: str, user: str, wanted: Database) -> None:
    """Make or alter an account, which *wanted* says the password of."""
    if _is_mariadb(connection):
        how, said = "IDENTIFIED VIA mysql_native_password USING %s", _hash(wanted)
    else:
        how, said = "IDENTIFIED BY %s", wanted.password
    _execute(connection, f"{verb} {user.replace('%', '%%')} {how}", said)


def _make_alike(connection: MySql, first: str, clone: str) -> None:
    """Give a clone what the first account has, and take all else.

    What both have is not touched: whoever still uses the clone's credential from before works on.
    """
    wanted = _grants(connection, first)
    giving = [given(each, clone) for each in wanted if each.says_something]
    for statement in giving:
        _execute(connection, statement)
    more = [each for each in _grants(connection, clone) if each not in wanted]
    for statement in [text for each in more for text in taken(each, clone)]:
        _execute(connection, statement)
    for statement in giving if more else []:
        _execute(connection, statement)
    if set(_grants(connection, clone)) != set(wanted):
        raise StepError("the clone could not be given the grants of the user")


def _grants(connection: MySql, who: str) -> list[Grant]:
    """Return what an account has; raises StepError if any of it is not understood."""
    return [read(line, who) for line in _shown_grants(connection, who)]


def _shown_grants(connection: MySql, who: str) -> list[str]:
    """Return what SHOW GRANTS says of an account, in one form whatever the server's mode is."""
    mode = "STRICT_ALL_TABLES" + (",NO_AUTO_CREATE_USER" if _is_mariadb(connection) else "")
    _execute(connection, "SET SESSION sql_mode = %s, sql_quote_show_create = 1", mode)
    return [str(line) for (line,) in _execute(connection, f"SHOW GRANTS FOR {who}")]


def _in_order(one: Database, other: Database) -> tuple[str, str]:
    """Return the names of the first user and its clone."""
    first, clone = sorted((one.username, other.username), key=len)
    return first, clone


def _host_of(connection: MySql, first: str, clone: str) -> str:
    """Return the host part of the account of a user, who must have one alone, as its clone."""
    asked = "SELECT Host FROM mysql.user WHERE User = %s"
    hosts = _execute(connection, asked, first)
    if len(hosts) != 1:
        raise StepError("the user must have one account, with one host part")
    if any(each != hosts[0] for each in _execute(connection, asked, clone)):
        raise StepError("the clone has an account with another host part: DROP USER")
    return str(hosts[0][0])


def _check(connection: MySql, wanted: Database, like: Database) -> None:
    _execute(connection, "SELECT Host FROM mysql.user LIMIT 1")
    lines = _shown_grants(connection, "CURRENT_USER()")
    if not any("ALL PRIVILEGES" in line or "CREATE USER" in line for line in lines):
        raise StepError("the master may not create users: GRANT CREATE USER")
    first, clone = _in_order(wanted, like)
    grants = _grants(connection, account(first, _host_of(connection, first, clone)))
    if not may_give(lines, grants):
        raise StepError("the master may not give what the user has: GRANT … WITH GRANT OPTION")
    roles = {unquoted(name) for each in grants for name in each.role}
    if roles and _is_mariadb(connection):
        found = _execute(connection, _GIVES_ROLES)
        if roles - {str(name) for (name,) in found}:
            raise StepError("the master may not give a role of the user: GRANT … WITH ADMIN OPTION")


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


_DRIVER = Driver(
    kind=_KIND,
    excluded="",
    longest_name_bytes=_LONGEST_NAME_BYTES,
    connect=_connect,
    check_writes=_check_writes,
    change=_change,
    give=_give,
    check=_check,
    ping=_ping,
)
SINGLE = single("builtin/mysql", _DRIVER)
ALTERNATING = alternating("builtin/mysql-alternating", _DRIVER)
