"""A clone of MariaDB or MySQL gets what the account has that it stands for, and nothing else.

Of MariaDB, SHOW GRANTS says all of it: TLS and limits too. MySQL keeps those, default roles, and
rules for passwords beside it. They are read from the tables that it documents, since what
SHOW CREATE USER prints of a certificate is not quoted.

See: https://dev.mysql.com/doc/refman/8.4/en/grant-tables.html and
https://dev.mysql.com/doc/refman/8.4/en/alter-user.html
"""

from __future__ import annotations

from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.rotation.mysql_connection import execute, is_mariadb
from secretctl.rotation.mysql_grants import Grant, account, given, read, taken
from secretctl.rotation.steps import StepError

if TYPE_CHECKING:
    from secretctl.rotation.mysql_connection import MySql

_KEPT = (
    "SELECT plugin, ssl_type, x509_subject, x509_issuer, ssl_cipher, max_questions, max_updates,"
    " max_connections, max_user_connections, password_lifetime, Password_reuse_history,"
    " Password_reuse_time, Password_require_current,"
    " User_attributes->>'$.Password_locking.failed_login_attempts',"
    " User_attributes->>'$.Password_locking.password_lock_time_days'"
    " FROM mysql.user WHERE User = %s AND Host = %s"
)
_DEFAULT_ROLES = (
    "SELECT DEFAULT_ROLE_USER, DEFAULT_ROLE_HOST FROM mysql.default_roles"
    " WHERE USER = %s AND HOST = %s"
)
_TLS = {"": "NONE", "ANY": "SSL", "X509": "X509"}
_REQUIRE_CURRENT = {"Y": "", "N": " OPTIONAL"}


class Kept(NamedTuple):
    """What MySQL keeps of an account, beside its grants; numbers are None where there are none."""

    plugin: str
    """How it logs in."""

    tls: str
    certificate: tuple[bytes, bytes, bytes]
    """Subject, issuer and cipher that it must bring; empty ones are not asked for."""

    limits: tuple[int, int, int, int]
    lifetime: int | None
    """Days; 0: for ever."""

    history: int | None
    reuse: int | None
    require_current: str | None
    failed_logins: str | None
    lock_days: str | None
    """-1: until it is unlocked."""


def kept(connection: MySql, user: str, host: str) -> Kept:
    """Return what MySQL keeps of an account; raises StepError if the master may not see it."""
    ((plugin, tls, *found),) = execute(connection, _KEPT, user, host)
    return Kept(plugin, tls, tuple(found[:3]), tuple(found[3:7]), *found[7:])  # type: ignore[arg-type]  # the columns' types


def make_alike(connection: MySql, first: tuple[str, str], clone: tuple[str, str]) -> None:
    """Give a clone what the first account has, and take all else; both are a name and a host.

    What both have is not touched: whoever still uses the clone's credential from before works on.
    """
    _copy_grants(connection, account(*first), account(*clone))
    if not is_mariadb(connection):
        _copy_kept(connection, first, clone)


def grants(connection: MySql, who: str) -> list[Grant]:
    """Return what an account has; raises StepError if any of it is not understood."""
    return [read(line, who) for line in shown_grants(connection, who)]


def shown_grants(connection: MySql, who: str) -> list[str]:
    """Return what SHOW GRANTS says of an account, in one form whatever the server's mode is."""
    mode = "STRICT_ALL_TABLES" + (",NO_AUTO_CREATE_USER" if is_mariadb(connection) else "")
    execute(connection, "SET SESSION sql_mode = %s, sql_quote_show_create = 1", mode)
    return [str(line) for (line,) in execute(connection, f"SHOW GRANTS FOR {who}")]


def options(found: Kept) -> tuple[str, list[str]]:
    """Return what ALTER USER is to say for an account to be like that, and the values it names."""
    names = ("SUBJECT %s", "ISSUER %s", "CIPHER %s")
    asked = [pair for pair in zip(names, found.certificate, strict=True) if pair[1]]
    tls = _TLS.get(found.tls) or " AND ".join(name for name, _ in asked)
    names_of_limits = ("QUERIES_PER_HOUR", "UPDATES_PER_HOUR", "CONNECTIONS_PER_HOUR")
    limits = zip((*names_of_limits, "USER_CONNECTIONS"), found.limits, strict=True)
    statement = (
        f"REQUIRE {tls} WITH {' '.join(f'MAX_{name} {most}' for name, most in limits)}"
        f" PASSWORD EXPIRE {_days(found.lifetime, 'NEVER', 'INTERVAL ')}"
        f" PASSWORD HISTORY {'DEFAULT' if found.history is None else found.history}"
        f" PASSWORD REUSE INTERVAL {_days(found.reuse, '0 DAY')}"
        f" PASSWORD REQUIRE CURRENT{_REQUIRE_CURRENT.get(found.require_current or '', ' DEFAULT')}"
        f" FAILED_LOGIN_ATTEMPTS {found.failed_logins or 0}"
        f" PASSWORD_LOCK_TIME {'UNBOUNDED' if found.lock_days == '-1' else found.lock_days or 0}"
    )
    return statement, [text.decode(errors="replace") for _, text in asked]


def _days(number: int | None, zero: str, before: str = "") -> str:
    if number is None:
        return "DEFAULT"
    return f"{before}{number} DAY" if number else zero


def _copy_grants(connection: MySql, first: str, clone: str) -> None:
    wanted = grants(connection, first)
    giving = [given(each, clone) for each in wanted if each.says_something]
    for statement in giving:
        execute(connection, statement)
    more = [each for each in grants(connection, clone) if each not in wanted]
    for each in sorted(more, key=lambda each: not each.is_except):
        for statement in taken(each, clone):
            execute(connection, statement)
    for statement in giving if more else []:
        execute(connection, statement)
    if set(grants(connection, clone)) != set(wanted):
        raise StepError("the clone could not be given the grants of the user")


def _copy_kept(connection: MySql, first: tuple[str, str], clone: tuple[str, str]) -> None:
    who = account(*clone)
    found = execute(connection, _DEFAULT_ROLES, *first)
    roles = ", ".join(account(str(name), str(host)) for name, host in found) or "NONE"
    execute(connection, f"ALTER USER {who} DEFAULT ROLE {roles}")
    statement, values = options(kept(connection, *first))
    named = who.replace("%", "%%") if values else who
    execute(connection, f"ALTER USER {named} {statement}", *values)
