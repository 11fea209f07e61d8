"""``builtin/postgres`` and ``builtin/postgres-alternating``: passwords of PostgreSQL's roles.

The first gives one role another password; whoever still holds the old one is refused from then on.
The second gives the passwords of two roles in turn, *name* and *name*_clone, which is a member of
the first, so that the credential that is current until then works for another period. It needs the
secret of a master, who may create roles, under ``masterarn``.

What is sent to the server is a SCRAM verifier (RFC 5802) made here: the password itself is in no
log and in no ``pg_stat_activity``.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-two-users.html
"""

from __future__ import annotations

import os

from secretctl.record import TYPE_CHECKING
from secretctl.rotation import password, versions
from secretctl.rotation.database import Database, Kind, read, written
from secretctl.rotation.steps import Function, Step, StepError

if TYPE_CHECKING:
    from psycopg import Connection, sql

KIND = Kind(("postgres", "postgresql", "aurora-postgresql"), 5432, "postgres")
_EXCLUDED = ":"
_CLONE = "_clone"
_LONGEST_NAME_BYTES = 63
_WAIT_S = 10
_MODES = {"yes": "verify-full", "no": "disable", "": "prefer"}
_CREATES_ROLES = (
    "SELECT rolsuper OR rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user"
)
_EXISTS = "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s"


class _RefusedError(StepError):
    """The server refused the password."""


def _create_own(step: Step) -> None:
    database = read(versions.current(step), KIND)
    versions.fill(step, written(database, password=password.new(step, _EXCLUDED)))


def _create_other(step: Step) -> None:
    database = read(versions.current(step), KIND)
    new = {"username": _other(database.username), "password": password.new(step, _EXCLUDED)}
    versions.fill(step, written(database, **new))


def _set_own(step: Step) -> None:
    """Let the role give itself the new password, by whichever one opens the database."""
    wanted = read(versions.pending(step), KIND)
    texts = [versions.pending(step), versions.current(step), versions.previous(step)]
    for text in texts:
        found = None if text is None else read(text, KIND)
        if found is None or _place(found) != _place(wanted):
            continue
        try:
            with _connected(found) as connection:
                if found.password != wanted.password:
                    _change(connection, wanted)
                return
        except _RefusedError:
            continue
    raise _RefusedError("neither the new password nor the ones before it open the database")


def _place(database: Database) -> tuple[object, ...]:
    return (*database[:3], database.dbname)


def _set_by_master(step: Step) -> None:
    """Let the master give the other role its password, and make it the first time."""
    wanted = read(versions.pending(step), KIND)
    if _opens(wanted):
        return
    now = read(versions.current(step), KIND)
    if now.username not in (_other(wanted.username), wanted.username):
        raise StepError("the roles of the current and the new version do not belong together")
    with _connected(now):  # whoever may change the secret could name any role otherwise
        pass
    with _connected(_master(step, now)) as connection, connection.transaction():
        if connection.execute(_EXISTS, (wanted.username,)).fetchone() is None:
            _create(connection, wanted, now)
        else:
            _change(connection, wanted)


def _master(step: Step, now: Database) -> Database:
    if not now.master:
        raise StepError("the value needs the key masterarn: the secret of who gives passwords")
    found = read(versions.other(step, now.master), KIND, "the master's secret")
    if found[:2] != now[:2]:
        raise StepError("the master's secret is of another host or port")
    return found


def _try(step: Step) -> None:
    with _connected(read(versions.pending(step), KIND)) as connection:
        connection.execute("SELECT now()")


def _opens(database: Database) -> bool:
    try:
        with _connected(database):
            return True
    except _RefusedError:
        return False


def _connected(database: Database) -> Connection[tuple[object, ...]]:
    """Open a connection.

    Raises:
        StepError: The driver is missing, the server cannot be reached or refuses.
    """
    try:
        import psycopg
    except ImportError:
        raise StepError("psycopg is not installed", "pip install 'secretctl[postgres]'") from None
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
            raise _RefusedError(
                "the server refused the password, or has no such database"
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


def _change(connection: Connection[tuple[object, ...]], wanted: Database) -> None:
    from psycopg import sql

    text = sql.SQL("ALTER ROLE {} PASSWORD {}")
    role, verifier = sql.Identifier(wanted.username), sql.Literal(_verifier(connection, wanted))
    _execute(connection, text.format(role, verifier))


def _create(connection: Connection[tuple[object, ...]], wanted: Database, like: Database) -> None:
    from psycopg import sql

    role, verifier = sql.Identifier(wanted.username), sql.Literal(_verifier(connection, wanted))
    made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, verifier)
    joined = sql.SQL("GRANT {} TO {}").format(sql.Identifier(like.username), role)
    _execute(connection, made)
    _execute(connection, joined)


def _execute(connection: Connection[tuple[object, ...]], text: sql.Composed) -> None:
    import psycopg

    try:
        connection.execute(text)
    except psycopg.Error as error:
        raise StepError(f"the server refused to set the password: {error.sqlstate}") from None


def _verifier(connection: Connection[tuple[object, ...]], wanted: Database) -> str:
    made = connection.pgconn.encrypt_password(
        wanted.password.encode(), wanted.username.encode(), b"scram-sha-256"
    )
    return made.decode("ascii")


def _other(username: str) -> str:
    """Return the other of two roles.

    Raises:
        StepError: Its name would be too long.
    """
    if username.endswith(_CLONE):
        return username.removesuffix(_CLONE)
    if len(username.encode()) + len(_CLONE) > _LONGEST_NAME_BYTES:
        raise StepError(f"the username leaves no room for {_CLONE}")
    return username + _CLONE


def _check_own(step: Step) -> None:
    with _connected(read(versions.current(step), KIND)):
        pass


def _check_both(step: Step) -> None:
    now = read(versions.current(step), KIND)
    _other(now.username)
    with _connected(now):
        pass
    with _connected(_master(step, now)) as connection:
        found = connection.execute(_CREATES_ROLES).fetchone()
    if found != (True,):
        raise StepError("the master may not create roles: ALTER ROLE … CREATEROLE")


SINGLE = Function(
    "builtin/postgres", versions.in_steps(_create_own, _set_own, _try), check=_check_own
)
ALTERNATING = Function(
    "builtin/postgres-alternating",
    versions.in_steps(_create_other, _set_by_master, _try),
    check=_check_both,
)
