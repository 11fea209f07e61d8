"""Programs that read AWSCURRENT every 10 ms and log in at once, while two users take turns.

SECRETCTL_TEST_FULL=1 rotates more often.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import World, world_in
from tests.faults.commands import ROOT
from tests.faults.test_kill_recorded import real_time
from tests.rotation import mariadb, postgres
from tests.rotation.conftest import SECRET, OfServer, Rotator
from tests.rotation.databases import OfMySql, OfPostgres

ROTATIONS, CLIENTS = 20 if os.environ.get("SECRETCTL_TEST_FULL") == "1" else 8, 2
CLIENT = f"""
import json, sys, time
import {{driver}} as driver
import secretctl

client = secretctl.client("secretsmanager", region_name="us-east-1")
while True:
    began = time.monotonic()
    value = json.loads(client.get_secret_value(SecretId="{SECRET}")["SecretString"])
    user, password = value["username"], value["password"]
    try:
        driver.connect(host=value["host"], port=value["port"], user=user, password=password,
                       {{more}}).close()
    except driver.OperationalError:
        print("refused", began, user, flush=True)
    else:
        print("let-in", began, user, flush=True)
    time.sleep(0.01)
"""
POSTGRES = CLIENT.format(driver="psycopg", more="dbname='postgres'")
MYSQL = CLIENT.format(driver="pymysql", more="database='shop'")


class Client:
    """A process that reads and logs in, and says how that went."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.logins: list[tuple[str, str]] = []

    def wait(self) -> None:
        """Wait for a login by what was read after now."""
        assert self._process.stdout is not None
        now = began = time.monotonic()
        while began <= now:
            word, at, user = self._process.stdout.readline().split()
            self.logins.append((word, user))
            began = float(at)


@contextmanager
def clients(world: World, script: str) -> Iterator[list[Client]]:
    """Run some."""
    environ = {"HOME": str(world.home), "PYTHONPATH": str(ROOT)}
    with ExitStack() as ending:
        made = []
        for _ in range(CLIENTS):
            process = subprocess.Popen(
                [sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE, text=True
            )
            ending.enter_context(process)
            ending.callback(process.kill)
            made.append(Client(process))
        yield made


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home with the clock that the clients have."""
    return real_time(world_in(tmp_path / "home"))


def nobody_is_refused(of: OfServer, world: World, script: str) -> None:
    """Rotate while clients log in; between two rotations each does so once at least."""
    with clients(world, script) as running:
        for _ in range(ROTATIONS):
            for each in running:
                each.wait()
            of.rotate(of.begin())
        for each in running:
            each.wait()
    logins = [login for each in running for login in each.logins]
    assert {word for word, _ in logins} == {"let-in"}
    assert {user for _, user in logins} == {"app", "app_clone"}
    assert len(logins) > CLIENTS * ROTATIONS


@pytest.mark.skipif(not postgres.IS_HERE, reason="PostgreSQL is not installed")
def test_clients_of_postgres_are_never_refused(
    rotator: Rotator, world: World, postgres_server: postgres.Server
) -> None:
    """The one that is current opens, and the one before until the next period."""
    of = OfPostgres(rotator, postgres_server, "builtin/postgres-alternating")
    nobody_is_refused(of, world, POSTGRES)


@pytest.mark.skipif(not mariadb.IS_HERE, reason="MariaDB is not installed")
def test_clients_of_mariadb_are_never_refused(
    rotator: Rotator, world: World, mariadb_server: mariadb.Server
) -> None:
    """The same."""
    of = OfMySql(rotator, mariadb_server, "builtin/mysql-alternating")
    nobody_is_refused(of, world, MYSQL)
