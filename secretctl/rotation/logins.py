"""Passwords of a database's users: one user alone, or two in turn. What is the same for all kinds.

One user gives itself another password; whoever still holds the old one is refused from then on. Of
two, *name* and *name*_clone, the one that is not current gets a password from a master, so that the
credential that is current until then works for another period.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-two-users.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from secretctl.record import NamedTuple
from secretctl.rotation import password, versions
from secretctl.rotation.database import Database, Kind, read, written
from secretctl.rotation.steps import Function, Step, StepError

CLONE = "_clone"
OWN, MASTERS = "the secret's", "the master's"
"""Whose a password is, in messages."""

_MASTERS = f"{MASTERS} secret"


class RefusedError(StepError):
    """The server refused the password."""


class Driver(NamedTuple):
    """How a kind of database is talked to. A connection is whatever *connect* gives."""

    kind: Kind
    excluded: str
    """Characters that no password has, besides those that none has."""

    longest_name_bytes: int
    connect: Callable[[Database, str], AbstractContextManager[Any]]
    """Opens a connection; raises RefusedError, which says whose password it is, or StepError."""

    check_writes: Callable[[Any], None]
    """Raises StepError where nothing can be changed: the server or the user only reads."""

    change: Callable[[Any, Database], None]
    """Gives the user of the connection the password of another record of it."""

    give: Callable[[Any, Database, Database], None]
    """For a master: gives a user a password, or makes it like the second one; all or nothing."""

    check: Callable[[Any, Database, Database], None]
    """For a master: raises StepError if it may not do that."""

    ping: Callable[[Any], None]
    """Asks the server something."""


def single(name: str, driver: Driver) -> Function:
    """Return the function that rotates one user."""
    create, set_ = partial(_create_own, driver), partial(_set_own, driver)
    run = versions.in_steps(create, set_, partial(_try, driver))
    return Function(name, run, check=partial(_check_own, driver))


def alternating(name: str, driver: Driver) -> Function:
    """Return the function that lets two users take turns."""
    create, set_ = partial(_create_other, driver), partial(_set_by_master, driver)
    run = versions.in_steps(create, set_, partial(_try, driver))
    return Function(name, run, check=partial(_check_both, driver))


def fill_own(step: Step, kind: Kind, excluded: str) -> None:
    """Give the version that is made another password for the user of the current one."""
    database = read(versions.current(step), kind)
    versions.fill(step, written(database, password=password.new(step, excluded)))


def no_room() -> StepError:
    """Return the error that a user's name is too long for its clone to have one."""
    return StepError(f"the username leaves no room for {CLONE}")


def of_user(wanted: Database, kind: Kind, *texts: str | None) -> Iterator[Database]:
    """Read those *texts* that are of the same user in the same place as *wanted*."""
    for text in texts:
        try:
            found = None if text is None else read(text, kind)
        except StepError:  # it was something else once
            continue
        if found is not None and _place(found) == _place(wanted):
            yield found


def master_of(step: Step, now: Database, kind: Kind) -> Database:
    """Return who gives the passwords, as ``masterarn`` says.

    Raises:
        ServiceError: The secret cannot be read.
        StepError: There is none, or it is of another place.
    """
    if not now.master:
        raise StepError("the value needs the key masterarn: the secret of who gives passwords")
    found = read(versions.other(step, now.master, _MASTERS), kind, _MASTERS)
    if found[:2] != now[:2]:
        raise StepError(f"{_MASTERS} is of another host or port")
    return found


def _create_own(driver: Driver, step: Step) -> None:
    fill_own(step, driver.kind, driver.excluded)


def _create_other(driver: Driver, step: Step) -> None:
    database = read(versions.current(step), driver.kind)
    other = _other(driver, database.username)
    new = {"username": other, "password": password.new(step, driver.excluded)}
    versions.fill(step, written(database, **new))


def _set_own(driver: Driver, step: Step) -> None:
    """Let the user give itself the new password, by whichever one opens the database.

    The one that most probably does comes first: a server may count logins that it refuses.
    """
    wanted = read(versions.pending(step), driver.kind)
    texts = [versions.current(step), versions.pending(step), versions.previous(step)]
    for found in of_user(wanted, driver.kind, *texts):
        try:
            with driver.connect(found, OWN) as connection:
                if found.password != wanted.password:
                    driver.check_writes(connection)
                    driver.change(connection, wanted)
                return
        except RefusedError:
            continue
    raise RefusedError("neither the new password nor the ones before it open the database")


def _set_by_master(driver: Driver, step: Step) -> None:
    """Let the master give the other user its password, and make it the first time."""
    wanted = read(versions.pending(step), driver.kind)
    if _opens(driver, wanted):
        return
    now = read(versions.current(step), driver.kind)
    if now.username not in (_other(driver, wanted.username), wanted.username):
        raise StepError("the users of the current and the new version do not belong together")
    with driver.connect(now, OWN):  # whoever may change the secret could name any user otherwise
        pass
    with driver.connect(master_of(step, now, driver.kind), MASTERS) as connection:
        driver.check_writes(connection)
        driver.give(connection, wanted, now)


def _try(driver: Driver, step: Step) -> None:
    with driver.connect(read(versions.pending(step), driver.kind), OWN) as connection:
        driver.ping(connection)


def _check_own(driver: Driver, step: Step) -> None:
    with driver.connect(read(versions.current(step), driver.kind), OWN) as connection:
        driver.check_writes(connection)


def _check_both(driver: Driver, step: Step) -> None:
    now = read(versions.current(step), driver.kind)
    other = now._replace(username=_other(driver, now.username))
    with driver.connect(now, OWN):
        pass
    with driver.connect(master_of(step, now, driver.kind), MASTERS) as connection:
        driver.check_writes(connection)
        driver.check(connection, other, now)


def _opens(driver: Driver, database: Database) -> bool:
    try:
        with driver.connect(database, OWN):
            return True
    except RefusedError:
        return False


def _place(database: Database) -> tuple[object, ...]:
    return (*database[:3], database.dbname)


def _other(driver: Driver, username: str) -> str:
    """Return the other of two users.

    Raises:
        StepError: Its name would be too long.
    """
    if username.endswith(CLONE):
        return username.removesuffix(CLONE)
    if len(username.encode()) + len(CLONE) > driver.longest_name_bytes:
        raise no_room()
    return username + CLONE
