"""The value of a secret that opens a database, as AWS's functions want it.

A JSON object: ``engine``, ``host``, ``username``, ``password``; also ``port``, ``dbname``, ``ssl``,
and ``masterarn`` where another secret's user gives the passwords. Other members are kept.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
"""

from __future__ import annotations

from secretctl.record import NamedTuple
from secretctl.rotation import members
from secretctl.rotation.steps import Fields, StepError

_NEEDED = ("engine", "host", "username", "password")
_TRUTHS = {True: "yes", False: "no", "true": "yes", "false": "no"}


class Kind(NamedTuple):
    """A kind of database."""

    engines: tuple[str, ...]
    """What ``engine`` may be; the first is named in messages."""

    port: int
    dbname: str = ""


class Database(NamedTuple):
    """What opens a database. Its ``repr`` shows no password."""

    host: str
    port: int
    username: str
    password: str
    dbname: str
    ssl: str
    """``yes``: with a certificate that is checked; ``no``: without; empty: if the server has it."""

    master: str
    """Id of the secret of whoever gives the passwords; empty for none."""

    members: Fields
    """All members of the object."""

    def __repr__(self) -> str:
        """Name the place."""
        return f"<database {self.host}:{self.port}>"


def read(text: str, kind: Kind, whose: str = "the value") -> Database:
    """Return what a value says.

    Args:
        text: The value.
        kind: What it must be of.
        whose: What messages call it.

    Raises:
        StepError: It does not say enough; the message names the member, and nothing that it holds.
    """
    found = members.read(text, whose)
    for name in _NEEDED:
        members.needed(found, name, whose)
    if str(found["engine"]) not in kind.engines:
        raise StepError(f"the engine of {whose} must be {kind.engines[0]}")
    return Database(
        members.host(str(found["host"]), whose),
        members.port(found.get("port"), kind.port, whose),
        str(found["username"]),
        str(found["password"]),
        members.checked(str(found.get("dbname") or kind.dbname), "dbname", whose),
        _ssl(found.get("ssl")),
        str(found.get("masterarn") or ""),
        found,
    )


def written(database: Database, **changed: str) -> str:
    """Return the value of *database* with some members changed."""
    return members.written(database.members, **changed)


def _ssl(value: object) -> str:
    if isinstance(value, bool):
        return _TRUTHS[value]
    return _TRUTHS.get(value.lower(), "") if isinstance(value, str) else ""
