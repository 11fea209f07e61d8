"""Kill -9 of the database at any piece of its talk with a rotation.

The next try goes on with the same version, and at no moment is the credential of the server neither
that of AWSCURRENT nor that of the version being made. SECRETCTL_TEST_FULL=1 tries every piece
instead of a sample.
"""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from secretctl.rotation import engine
from secretctl.rotation.steps import STEPS, Function, RotationError, Step
from tests.faults.test_kill_recorded import IS_FULL
from tests.rotation import mariadb, postgres
from tests.rotation.between import Between
from tests.rotation.conftest import OfServer, Rotator
from tests.rotation.databases import OfMySql, OfPostgres

POSTGRES = ("builtin/postgres", "builtin/postgres-alternating")
MYSQL = ("builtin/mysql", "builtin/mysql-alternating")
SAMPLE = 2
LAST = 3
"""Pieces from that on which testSecret sends its statement: it, its answer, and an end."""


def rotate(of: OfServer, version: str, function: Function) -> bool:
    """Run a rotation; tell whether it succeeded."""
    try:
        engine.rotate(of.service.session, of.arn, version, function, lambda _: None)
    except RotationError:
        return False
    return True


def check(of: OfServer, version: str, opens: Callable[[str, str], bool]) -> None:
    """See that what opens the server is the current version's, or that of the one being made."""
    labels = of.labels
    (current,) = [each for each, held in labels.items() if "AWSCURRENT" in held]
    (pending,) = [each for each, held in labels.items() if "AWSPENDING" in held] or [version]
    assert version in (current, pending)
    texts = [of.value(VersionId=current)]
    if of.kept(pending).is_filled:
        texts.append(of.value(VersionId=pending))
    opening = [opens(each["username"], each["password"]) for each in map(json.loads, texts)]
    assert any(opening)
    assert opening[0] or "alternating" not in of.name


def kill_at_each(
    of: OfServer, between: Between, act: Callable[[int], None], alive: Callable[[], None]
) -> None:
    """Kill at a sample of the pieces that a rotation takes, and finish each by another try."""
    opens = of.server.opens  # type: ignore[attr-defined]  # both kinds have one
    for _ in range(2):  # the second as every one that follows: the clone is there
        between.count()
        assert rotate(of, of.begin(), of.function)
    pieces = range(1, between.passed + 1)
    chosen = pieces if IS_FULL else [*random.Random(of.name).sample(pieces, SAMPLE), pieces[-LAST]]
    failed = 0
    for when in chosen:
        version = of.begin()
        between.watch(when, act)
        failed += not rotate(of, version, of.function)
        between.count()
        alive()
        check(of, version, opens)
        assert of.labels[version] == ["AWSCURRENT"] or rotate(of, version, of.function)
        assert of.labels[version] == ["AWSCURRENT"]
        assert opens(*of.login)
    assert failed > 0.6 * len(chosen)  # a connection that was used is not missed


@pytest.fixture
def to_postgres(postgres_server: postgres.Server) -> Iterator[Between]:
    """Stands before the PostgreSQL server."""
    with closing(Between(postgres_server.port)) as between:
        yield between


@pytest.fixture
def to_mariadb(mariadb_server: mariadb.Server) -> Iterator[Between]:
    """Stands before the MariaDB server."""
    with closing(Between(mariadb_server.port)) as between:
        yield between


@pytest.mark.skipif(not postgres.IS_HERE, reason="PostgreSQL is not installed")
@pytest.mark.parametrize("name", POSTGRES)
@pytest.mark.parametrize("what", ["server", "backend"])
def test_a_postgres_that_is_killed_is_never_left_with_neither(
    rotator: Rotator, postgres_server: postgres.Server, to_postgres: Between, name: str, what: str
) -> None:
    """All its processes, or the one that serves the connection."""
    of = OfPostgres(rotator, postgres_server, name, to_postgres.port)
    if what == "server":
        kill_at_each(of, to_postgres, lambda _: postgres_server.kill(), postgres_server.start)
    else:
        kill_at_each(of, to_postgres, postgres_server.kill_backend, postgres_server.wait)


@pytest.mark.skipif(not mariadb.IS_HERE, reason="MariaDB is not installed")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", MYSQL)
def test_a_mariadb_that_is_killed_is_never_left_with_neither(
    rotator: Rotator, mariadb_server: mariadb.Server, to_mariadb: Between, name: str
) -> None:
    """It is one process."""
    of = OfMySql(rotator, mariadb_server, name, to_mariadb.port)
    kill_at_each(of, to_mariadb, lambda _: mariadb_server.stop(), mariadb_server.start)


@pytest.mark.skipif(not postgres.IS_HERE, reason="PostgreSQL is not installed")
@pytest.mark.parametrize("where", STEPS)
def test_a_server_that_is_killed_between_steps_is_missed_where_it_is_needed(
    rotator: Rotator, postgres_server: postgres.Server, where: str
) -> None:
    """A step that needs none goes through; the try that follows ends what was begun."""
    of = OfPostgres(rotator, postgres_server, POSTGRES[0])

    def run(step: Step) -> None:
        if step.name == where:
            postgres_server.kill()
        of.function.run(step)

    version = of.begin()
    assert rotate(of, version, Function("test", run)) == (where == "finishSecret")
    postgres_server.start()
    check(of, version, postgres_server.opens)
    assert rotate(of, version, of.function)
    assert postgres_server.opens(*of.login)
