"""``builtin/redis-acl``: the password of a user of Redis, with the one before good for a period.

A user of Redis may have several passwords. It has two after a rotation, the new one and the one
that was current until then, and no other. They are given as SHA-256, which is what the server
keeps: the password itself is in no log. Users are not replicated, so every node is told.

See: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from secretctl import json_text
from secretctl.record import TYPE_CHECKING
from secretctl.rotation import versions
from secretctl.rotation.database import Database, Kind, read
from secretctl.rotation.logins import MASTERS, OWN, RefusedError, fill_own, master_of, of_user
from secretctl.rotation.redis_client import ask, connected, lacking
from secretctl.rotation.steps import Function, Step, StepError

if TYPE_CHECKING:
    from redis.connection import AbstractConnection

_KIND = Kind(("redis", "valkey"), 6379)
_EXCLUDED = ":?#[]%"
"""What has a meaning of its own in the address ``redis://user:password@host``."""

_NODES, _PERSIST = "nodes", "persist"


def _create(step: Step) -> None:
    fill_own(step, _KIND, _EXCLUDED)


def _set(step: Step) -> None:
    """Let the user have the new password besides the one from before."""
    now, made = versions.current(step), versions.pending(step)
    wanted = read(made, _KIND)
    known = list(of_user(wanted, _KIND, now, made, versions.previous(step)))
    master = _master(step, wanted)

    def give(place: Database) -> None:
        own = _opening(_at(place, each) for each in known)  # who has it not may not name a user
        changer = own if master is None else _at(place, master)
        with connected(changer, _whose(master)) as connection:
            _give(connection, changer, wanted, known)

    _everywhere(wanted, give)


def _try(step: Step) -> None:
    _everywhere(read(versions.pending(step), _KIND), _log_in)


def _check(step: Step) -> None:
    now = read(versions.current(step), _KIND)
    master = _master(step, now)

    def look(place: Database) -> None:
        _log_in(place)
        changer = place if master is None else _at(place, master)
        with connected(changer, _whose(master)) as connection:
            _held(connection, now)
            ask(connection, "ACL", "SETUSER", now.username)  # without a rule it changes nothing
            _saving(connection, changer, now)

    _everywhere(now, look)


def _log_in(place: Database) -> None:
    with connected(place):
        pass


def _opening(known: Iterable[Database]) -> Database:
    """Return the first that opens the server."""
    for each in known:
        try:
            _log_in(each)
        except RefusedError:
            continue
        return each
    raise RefusedError("neither the new password nor the ones before it open the server")


def _give(
    connection: AbstractConnection, changer: Database, wanted: Database, known: list[Database]
) -> None:
    """Give the user its two passwords, and have the server keep them; again, if it was tried."""
    held = _held(connection, wanted)
    saving = _saving(connection, changer, wanted)
    new = _hash(wanted)
    before = [hashed for each in known if (hashed := _hash(each)) in held and hashed != new]
    rules = [f"#{each}" for each in (new, *before[:1])]
    ask(connection, "ACL", "SETUSER", wanted.username, "resetpass", *rules)
    if saving:
        ask(connection, *saving)


def _held(connection: AbstractConnection, wanted: Database) -> set[str]:
    """Return the hashes of the passwords that the user has."""
    found = ask(connection, "ACL", "GETUSER", wanted.username)
    if not isinstance(found, list):
        raise StepError("the server has no such user")
    said = dict(zip(found[::2], found[1::2], strict=False))
    if "nopass" in said["flags"]:  # any would do, so trying one says nothing
        raise StepError(
            "the server asks this user for no password", "ACL SETUSER NAME resetpass >PASSWORD"
        )
    return set(said["passwords"])


def _saving(connection: AbstractConnection, changer: Database, wanted: Database) -> tuple[str, ...]:
    """Return the command that has the server keep its users beyond a restart; empty for none.

    Raises:
        StepError: The server cannot keep them, or whoever changes them may not say so.
    """
    if wanted.members.get(_PERSIST) in (False, "false"):
        return ()
    said = ask(connection, "CONFIG", "GET", "aclfile")
    if isinstance(said, list) and said[1:] not in ([], [""]):
        command: tuple[str, ...] = ("ACL", "SAVE")
    elif "config_file:/" in str(ask(connection, "INFO")):
        command = ("CONFIG", "REWRITE")
    else:
        raise StepError(
            "the server would forget the password: it has neither an ACL file nor a configuration",
            f'start it with one, or put the key {_PERSIST} into the value: "{_PERSIST}": false',
        )
    if not _may(connection, changer, command):
        raise lacking(*command)
    return command


def _may(connection: AbstractConnection, changer: Database, command: tuple[str, ...]) -> bool:
    try:
        return ask(connection, "ACL", "DRYRUN", changer.username, *command) == "OK"
    except StepError:  # older than Redis 7, or not allowed: trying it will tell
        return True


def _master(step: Step, wanted: Database) -> Database | None:
    """Return who gives the passwords; None where the user does it itself."""
    if not wanted.master:
        return None
    found = master_of(step, wanted, _KIND)
    if found.members.get(_NODES) != wanted.members.get(_NODES):
        raise StepError(f"the master's secret is of other {_NODES}")
    return found


def _whose(master: Database | None) -> str:
    return OWN if master is None else MASTERS


def _everywhere(database: Database, do: Callable[[Database], None]) -> None:
    """Do something at every node, which is told by its number where it fails."""
    places = _places(database)
    for number, place in enumerate(places, 1):
        try:
            do(place)
        except StepError as error:
            if len(places) == 1:
                raise
            said = f"node {number} of {len(places)}: {error.message}"
            raise StepError(said, *error.hints) from None


def _places(database: Database) -> list[Database]:
    """Return what opens each node: the one of ``host``, and then those of ``nodes``."""
    nodes = database.members.get(_NODES, [])
    if not (isinstance(nodes, list) and all(isinstance(each, dict) for each in nodes)):
        raise StepError(f'the key {_NODES} must hold a list: [{{"host": …, "port": …}}]')
    found = [database]
    for each in nodes:
        place = {"host": each.get("host"), "port": each.get("port", database.port)}
        found.append(read(json_text.compact({**database.members, **place}), _KIND, "a node"))
    return found


def _at(place: Database, database: Database) -> Database:
    return database._replace(host=place.host, port=place.port)


def _hash(database: Database) -> str:
    return hashlib.sha256(database.password.encode()).hexdigest()


FUNCTION = Function("builtin/redis-acl", versions.in_steps(_create, _set, _try), check=_check)
