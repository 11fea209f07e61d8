"""The value of a secret that opens a database, as AWS's functions want it.

A JSON object: ``engine``, ``host``, ``username``, ``password``; also ``port``, ``dbname``, ``ssl``,
and ``masterarn`` where another secret's user gives the passwords. Other members are kept.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.record import NamedTuple
from secretctl.rotation.steps import Fields, StepError

_NEEDED = ("engine", "host", "username", "password")
_MOST_PORTS = 65535
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
    members = _object(text, whose)
    for name in _NEEDED:
        if not isinstance(members.get(name), str) or not members[name]:
            raise StepError(f"{whose} needs the key {name}, which holds text")
    if str(members["engine"]) not in kind.engines:
        raise StepError(f"the engine of {whose} must be {kind.engines[0]}")
    return Database(
        str(members["host"]),
        _port(members.get("port"), kind, whose),
        str(members["username"]),
        str(members["password"]),
        str(members.get("dbname") or kind.dbname),
        _ssl(members.get("ssl")),
        str(members.get("masterarn") or ""),
        members,
    )


def written(database: Database, **changed: str) -> str:
    """Return the value of *database* with some members changed."""
    return json_text.compact({**database.members, **changed})


def _object(text: str, whose: str) -> Fields:
    try:
        found = json_text.read(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StepError(f"{whose} is no JSON object")
    return found


def _port(value: object, kind: Kind, whose: str) -> int:
    digits = str(kind.port if value is None else value)
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:6]) <= _MOST_PORTS):
        raise StepError(f"the port of {whose} is no number from 1 to {_MOST_PORTS}")
    return int(digits)


def _ssl(value: object) -> str:
    if isinstance(value, bool):
        return _TRUTHS[value]
    return _TRUTHS.get(value.lower(), "") if isinstance(value, str) else ""
