"""``builtin/postgres`` and ``builtin/postgres-alternating``: passwords of PostgreSQL's roles.

A clone is a member of the role that it stands for; a role that is called so and is none is left
alone. What is sent to the server is a SCRAM verifier
(RFC 5802) made here: the password itself is in no log and in no ``pg_stat_activity``.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from secretctl.record import TYPE_CHECKING
from secretctl.rotation.database import Database, Kind
from secretctl.rotation.logins import CLONE, Driver, RefusedError, alternating, single
from secretctl.rotation.steps import StepError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    Connection = psycopg.Connection[tuple[object, ...]]

_KIND = Kind(("postgres", "postgresql", "aurora-postgresql"), 5432, "postgres")
_LONGEST_NAME_BYTES = 63
_WAIT_S = 10
_MODES = {"yes": "verify-full", "no": "disable", "": "prefer"}
_READS = (
    "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')"
)
_SINCE_16 = 160_000
"""From this version on, CREATEROLE alone is not enough for roles that somebody else has made, and
whether a member inherits is said of the membership.
"""

_RIGHTS = (
    "SELECT mine.rolsuper, mine.rolcreaterole, bool_or(role.rolsuper), bool_and("
    "pg_catalog.pg_has_role(mine.oid, role.oid, 'MEMBER WITH ADMIN OPTION'))"
    " FROM pg_catalog.pg_roles AS mine, pg_catalog.pg_roles AS role"
    " WHERE mine.rolname = current_user AND role.rolname = ANY(%(names)s)"
    " GROUP BY mine.rolsuper, mine.rolcreaterole"
)
"""What a master may, and whether it may do with those of two roles that are there what it likes."""
_EXISTS = "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s"
_BELONGS = (
    "SELECT 1 FROM pg_catalog.pg_auth_members AS held"
    " JOIN pg_catalog.pg_roles AS role ON role.oid = held.roleid AND role.rolname = ANY(%(names)s)"
    " JOIN pg_catalog.pg_roles AS one ON one.oid = held.member AND one.rolname = ANY(%(names)s)"
    " WHERE pg_catalog.pg_has_role(one.oid, role.oid, 'USAGE')"
)
"""Whether one of two roles is a member of the other, and inherits what that may."""


@contextmanager
def _connect(database: Database, whose: str) -> Iterator[Connection]:
    try:
        import psycopg
    except ImportError:
        raise StepError("psycopg is not installed", "pip install 'secretctl[postgres]'") from None
    try:
        with _opened(database, whose) as connection:
            yield connection
    except psycopg.Error as error:
        if error.sqlstate is None:
            raise StepError("the connection to the server broke off") from None
        raise StepError(f"the server refused a statement: {error.sqlstate}") from None


def _opened(database: Database, whose: str) -> Connection:
    import psycopg

    try:
        connection = psycopg.connect(
            host=database.host,
            port=database.port,
            user=database.username,
            password=database.password,
            dbname=database.dbname,
            sslmode=_MODES[database.ssl],
            sslrootcert=_roots(database),
            connect_timeout=_WAIT_S,
            application_name="secretctl",
            autocommit=True,
        )
    except psycopg.OperationalError as error:
        if error.pgconn is not None and error.pgconn.used_password:
            raise RefusedError(
                f"the server refused {whose} password, or has no such database"
            ) from None
        checked = ", or has no certificate that is trusted" if database.ssl == "yes" else ""
        raise StepError(f"the server cannot be reached{checked}") from None
    if not connection.pgconn.used_password:  # any would do, so trying one says nothing
        connection.close()
        raise StepError("the server asks this role for no password")
    return connection


def _roots(database: Database) -> str | None:
    """Return whose certificates count: those of PGSSLROOTCERT, or that the system trusts."""
    return os.environ.get("PGSSLROOTCERT", "system") if database.ssl == "yes" else None


def _check_writes(connection: Connection) -> None:
    stands_by, reads_only = connection.execute(_READS).fetchone() or (False, "")
    if stands_by:
        raise StepError(
            "the server is a standby, which only reads",
            "the host of the value is to be the primary",
        )
    if reads_only == "on":
        raise StepError(
            "default_transaction_read_only lets whoever changes the password only read",
            "ALTER ROLE NAME SET default_transaction_read_only = off",
        )


def _change(connection: Connection, wanted: Database) -> None:
    from psycopg import sql

    text = sql.SQL("ALTER ROLE {} PASSWORD {}")
    role, verifier = sql.Identifier(wanted.username), sql.Literal(_verifier(connection, wanted))
    connection.execute(text.format(role, verifier))


def _give(connection: Connection, wanted: Database, like: Database) -> None:
    with connection.transaction():
        if _is_there(connection, wanted, like):
            _change(connection, wanted)
        else:
            _create(connection, wanted, like)


def _is_there(connection: Connection, wanted: Database, like: Database) -> bool:
    """Tell whether the other of two roles is there.

    Raises:
        StepError: One of that name is, which does not belong to the first: somebody else's, whose
            password is left alone.
    """
    if connection.execute(_EXISTS, (wanted.username,)).fetchone() is None:
        return False
    names = {"names": [wanted.username, like.username]}
    if connection.execute(_BELONGS, names).fetchone() is None:
        inherits = " WITH INHERIT TRUE" if _is_of_16(connection) else "; it must INHERIT"
        raise StepError(
            "there is a role already that has the other's name, and is no member of the first",
            f"if it is meant: GRANT NAME TO NAME{CLONE}{inherits}",
        )
    return True


def _create(connection: Connection, wanted: Database, like: Database) -> None:
    from psycopg import sql

    role, verifier = sql.Identifier(wanted.username), sql.Literal(_verifier(connection, wanted))
    connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, verifier))
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(like.username), role))


def _verifier(connection: Connection, wanted: Database) -> str:
    made = connection.pgconn.encrypt_password(
        wanted.password.encode(), wanted.username.encode(), b"scram-sha-256"
    )
    return made.decode("ascii")


def _check(connection: Connection, wanted: Database, like: Database) -> None:
    _is_there(connection, wanted, like)
    names = {"names": [wanted.username, like.username]}
    found = connection.execute(_RIGHTS, names).fetchone()
    is_super, creates, of_super, is_admin = found or (False, False, False, False)
    if is_super:
        return
    if not creates:
        raise StepError("the master may not create roles: ALTER ROLE … CREATEROLE")
    if of_super:
        raise StepError("the role is a superuser, whom only superusers give a password")
    if _is_of_16(connection) and not is_admin:
        raise StepError(
            "the master may not change the role: from PostgreSQL 16 on it needs ADMIN OPTION",
            "GRANT NAME TO MASTER WITH ADMIN OPTION, of the role and its clone",
        )


def _is_of_16(connection: Connection) -> bool:
    return connection.info.server_version >= _SINCE_16


def _ping(connection: Connection) -> None:
    connection.execute("SELECT now()")


_DRIVER = Driver(
    kind=_KIND,
    excluded=":",
    longest_name_bytes=_LONGEST_NAME_BYTES,
    connect=_connect,
    check_writes=_check_writes,
    change=_change,
    give=_give,
    check=_check,
    ping=_ping,
)
SINGLE = single("builtin/postgres", _DRIVER)
ALTERNATING = alternating("builtin/postgres-alternating", _DRIVER)
