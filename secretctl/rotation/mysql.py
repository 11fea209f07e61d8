"""``builtin/mysql`` and ``builtin/mysql-alternating``: passwords of users of MariaDB and MySQL.

A clone gets what the user has whom it stands for, each time anew, and nothing else. MariaDB is sent
the hash that it keeps (``mysql_native_password``); MySQL the password, which it hides in its logs,
for the plugin by which the user logs in.

See: https://mariadb.com/kb/en/set-password/ and
https://dev.mysql.com/doc/refman/8.4/en/password-logging.html
"""

from __future__ import annotations

import hashlib

from secretctl.record import TYPE_CHECKING
from secretctl.rotation.database import Database, Kind
from secretctl.rotation.logins import Driver, alternating, no_room, single
from secretctl.rotation.mysql_clone import grants, kept, make_alike, shown_grants
from secretctl.rotation.mysql_connection import connect, execute, is_mariadb, refused, tried
from secretctl.rotation.mysql_grants import account, may_give
from secretctl.rotation.steps import StepError

if TYPE_CHECKING:
    from secretctl.rotation.mysql_connection import MySql

    Account = tuple[str, str]

_KIND = Kind(("mysql", "mariadb", "aurora-mysql"), 3306)
_LONGEST_NAME_BYTES = 80
_LONGEST_NAME_OF_MYSQL = 32
_NEEDS_OLD_PASSWORD = 3892
_READS = (
    "SHOW VARIABLES WHERE Variable_name IN"
    " ('read_only', 'innodb_read_only', 'tx_read_only', 'transaction_read_only')"
)
"""Those of them that the server has; of MySQL, super_read_only sets read_only."""

_ANY_ROLE = ("ROLE_ADMIN", "SUPER")
"""What a grant of MySQL says to whoever may give all roles."""

_GIVES_ROLES = (
    "SELECT ROLE_NAME FROM information_schema.APPLICABLE_ROLES WHERE IS_GRANTABLE = 'YES'"
)


def _check_writes(connection: MySql) -> None:
    if any(value != "OFF" for _, value in execute(connection, _READS)):
        raise StepError(
            "the server only reads, as a replica does: read_only, or a variable like it, is on",
            "the host of the value is to be the primary",
        )


def _change(connection: MySql, wanted: Database) -> None:
    if is_mariadb(connection):
        execute(connection, "SET PASSWORD = %s", _hash(wanted))
        return
    code, _ = tried(connection, "SET PASSWORD = %s", wanted.password)
    if code == _NEEDS_OLD_PASSWORD:
        old = connection.password.decode()
        execute(connection, "SET PASSWORD = %s REPLACE %s", wanted.password, old)
    elif code:
        raise refused(code)


def _give(connection: MySql, wanted: Database, like: Database) -> None:
    first, clone = _accounts(connection, wanted, like)
    plugin = "" if is_mariadb(connection) else kept(connection, *first).plugin
    if wanted.username == clone[0]:
        # A clone that the new password opened before it has its grants would pass for a whole one.
        other = wanted._replace(password=wanted.password[::-1])
        _identify(connection, "CREATE USER IF NOT EXISTS", clone, other, plugin)
        make_alike(connection, first, clone)
    _identify(connection, "ALTER USER", (wanted.username, first[1]), wanted, plugin)


def _identify(connection: MySql, verb: str, who: Account, wanted: Database, plugin: str) -> None:
    """Make or alter an account, which *wanted* says the password of; *plugin* of MySQL alone."""
    user = account(*who).replace("%", "%%")
    if plugin:
        statement = f"{verb} {user} IDENTIFIED WITH %s BY %s"
        execute(connection, statement, plugin, wanted.password)
    else:
        statement = f"{verb} {user} IDENTIFIED VIA mysql_native_password USING %s"
        execute(connection, statement, _hash(wanted))


def _accounts(connection: MySql, one: Database, other: Database) -> tuple[Account, Account]:
    """Return the accounts of the first user and its clone, each a name and a host.

    Each must have one alone, with the same host; the clone may have none yet.
    """
    first, clone = sorted((one.username, other.username), key=len)
    asked = "SELECT Host FROM mysql.user WHERE User = %s"
    hosts = execute(connection, asked, first)
    if len(hosts) != 1:
        raise StepError("the user must have one account, with one host part")
    if any(each != hosts[0] for each in execute(connection, asked, clone)):
        raise StepError("the clone has an account with another host part: DROP USER")
    if len(clone) > _LONGEST_NAME_OF_MYSQL and not is_mariadb(connection):
        raise no_room()
    host = str(hosts[0][0])
    return (first, host), (clone, host)


def _check(connection: MySql, wanted: Database, like: Database) -> None:
    execute(connection, "SELECT Host FROM mysql.user LIMIT 1")
    lines = shown_grants(connection, "CURRENT_USER()")
    if not any("ALL PRIVILEGES" in line or "CREATE USER" in line for line in lines):
        raise StepError("the master may not create users: GRANT CREATE USER")
    first, _ = _accounts(connection, wanted, like)
    has = grants(connection, account(*first))
    if not may_give(lines, has):
        raise StepError("the master may not give what the user has: GRANT … WITH GRANT OPTION")
    roles = {name for each in has for name in each.role}
    if roles and not _gives_all_roles(connection, lines):
        found = execute(connection, _GIVES_ROLES)
        if roles - {str(name) for (name,) in found}:
            raise StepError("the master may not give a role of the user: GRANT … WITH ADMIN OPTION")


def _gives_all_roles(connection: MySql, lines: list[str]) -> bool:
    return not is_mariadb(connection) and any(each in line for line in lines for each in _ANY_ROLE)


def _ping(connection: MySql) -> None:
    execute(connection, "SELECT now()")


def _hash(database: Database) -> str:
    """Return what MariaDB keeps of a password: SHA-1 of its SHA-1, as ``mysql_native_password``."""
    once = hashlib.sha1(database.password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(once, usedforsecurity=False).hexdigest().upper()


_DRIVER = Driver(
    kind=_KIND,
    excluded="",
    longest_name_bytes=_LONGEST_NAME_BYTES,
    connect=connect,
    check_writes=_check_writes,
    change=_change,
    give=_give,
    check=_check,
    ping=_ping,
)
SINGLE = single("builtin/mysql", _DRIVER)
ALTERNATING = alternating("builtin/mysql-alternating", _DRIVER)
