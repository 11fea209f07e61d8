"""Kill -9 of the engine at any call in each step: the next try goes on with the same version.

At no moment is the credential of the server neither that of AWSCURRENT nor that of AWSPENDING.
SECRETCTL_TEST_FULL=1 tries every call instead of a sample of each step.
"""

import json
import random
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import World
from tests.faults.commands import Ended, ended, separately
from tests.faults.test_kill_recorded import (
    HAS_STRACE,
    IS_FULL,
    assert_intact,
    describe,
    real_time,
    versions,
)
from tests.rotation import functions, mariadb, postgres
from tests.rotation.databases import MASTER

pytestmark = pytest.mark.skipif(not HAS_STRACE, reason="strace is not installed")
CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,rename,unlink,connect,sendto,recvfrom"
STEP = re.compile(r'\\"step\\":\\"(\w+)\\"')
SAMPLE = 1
_MOST = 40
Point = tuple[str, int]


class Killed:
    """Rotates the secret ``a`` that opens a server, by command lines of which some are killed."""

    def __init__(
        self, world: World, server: postgres.Server | mariadb.Server, engine: str, name: str
    ) -> None:
        self.world, self.server, self.name = real_time(world), server, name
        place = {"engine": engine, "host": "127.0.0.1", "port": server.port}
        owner = dict(zip(("username", "password"), server.owner, strict=True))
        self.create(MASTER, **place, **owner)
        self.create("a", **place, username="app", password="first", masterarn=MASTER)
        assert self("rotation", "allow", "a", "--read", MASTER).status == 0

    def create(self, name: str, **members: object) -> None:
        """Make a secret."""
        words = ("create-secret", "--name", name, "--secret-string", json.dumps(members))
        assert self(*words).status == 0

    def __call__(self, *words: str) -> Ended:
        """Run a command."""
        return ended(self.world, *words)

    def rotate(self, *options: str) -> Ended:
        """Rotate under strace with options."""
        words = ["rotate-secret", "--secret-id", "a", "--rotation-lambda-arn", self.name]
        return separately(self.world, words, before=["strace", "-qq", "-s", "9999", *options])

    def points(self, log: Path) -> dict[str, list[Point]]:
        """Rotate twice, and return the calls the second took in each step, and which of a name."""
        for _ in range(2):
            done = self.rotate("-o", str(log), "-e", f"trace={CALLS}")
            assert done.status == 0, done.stderr
        step, counted = "", Counter[str]()
        found: dict[str, list[Point]] = {}
        for line in log.read_text().splitlines():
            call = line.partition("(")[0]
            counted[call] += 1
            if told := STEP.findall(line):
                step = told[-1]
            found.setdefault(step, []).append((call, counted[call]))
        return {step: each for step, each in found.items() if step}

    def value(self, *which: str) -> dict[str, str]:
        """Return the value of a version, the current one by default; empty where it has none."""
        done = self("get-secret-value", "--secret-id", "a", *which)
        return json.loads(json.loads(done.stdout)["SecretString"]) if done.status == 0 else {}

    def opens(self, value: dict[str, str]) -> bool:
        """Tell whether a value opens the server."""
        return bool(value) and self.server.opens(value["username"], value["password"])

    def kill(self, call: str, when: int) -> None:
        """Kill a rotation as it makes a call, and finish it by another try."""
        options = ["-o", "/dev/null", "-e", f"trace={call}"]
        self.rotate(*options, "-e", f"inject={call}:signal=KILL:when={when}")
        labels = versions(describe(self.world))
        assert sorted(label for held in labels.values() for label in held) in (
            ["AWSCURRENT", "AWSPREVIOUS"],
            ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"],
        )
        pending = [each for each, held in labels.items() if "AWSPENDING" in held]
        now = self.opens(self.value())
        assert now or self.opens(self.value("--version-stage", "AWSPENDING"))
        assert now or "alternating" not in self.name
        if pending:
            done = self("rotation", "retry", "a")
            assert done.stdout == f"rotated: version {pending[0]} is current\n", done.stderr
            assert versions(describe(self.world))[pending[0]] == ["AWSCURRENT"]
        assert self.opens(self.value())

    def begin_anew(self) -> None:
        """Make the secret anew: one has at most a hundred versions."""
        value = self.value()
        assert (
            self("delete-secret", "--secret-id", "a", "--force-delete-without-recovery").status == 0
        )
        self.create("a", **value)
        words = ("put-secret-value", "--secret-id", "a", "--secret-string", json.dumps(value))
        assert self(*words).status == 0

    def kill_in_each_step(self, log: Path) -> None:
        """Kill at a sample of calls."""
        found = self.points(log)
        assert list(found) == ["createSecret", "setSecret", "testSecret", "finishSecret"]
        for step, points in found.items():
            chosen = points if IS_FULL else random.Random(step).sample(points, SAMPLE)
            for number, (call, when) in enumerate(chosen, 1):
                self.kill(call, when)
                if number % _MOST == 0:
                    self.begin_anew()
        assert_intact(self.world)


@pytest.mark.skipif(not postgres.IS_HERE, reason="PostgreSQL is not installed")
@pytest.mark.parametrize("name", ["builtin/postgres", "builtin/postgres-alternating"])
def test_a_killed_engine_leaves_the_current_or_the_pending_one_in_postgres(
    world: World, postgres_server: postgres.Server, tmp_path: Path, name: str
) -> None:
    """One role, or two in turn: of those the current one is never refused."""
    Killed(world, postgres_server, "postgres", name).kill_in_each_step(tmp_path / "calls")


@pytest.mark.skipif(not mariadb.IS_HERE, reason="MariaDB is not installed")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_killed_engine_leaves_the_current_or_the_pending_one_in_mariadb(
    world: World, mariadb_server: mariadb.Server, tmp_path: Path
) -> None:
    """Two users in turn: their grants are statements of their own."""
    name = "builtin/mysql-alternating"
    Killed(world, mariadb_server, "mariadb", name).kill_in_each_step(tmp_path / "calls")


@pytest.mark.skipif(not postgres.IS_HERE, reason="PostgreSQL is not installed")
def test_a_killed_engine_of_a_function_leaves_the_current_or_the_pending_one(
    world: World, postgres_server: postgres.Server, tmp_path: Path
) -> None:
    """The function is in a process of its own, which ends with the engine."""
    path = tmp_path / "lambda_function.py"
    path.write_text(functions.POSTGRES)
    killed = Killed(world, postgres_server, "postgres", "mine")
    words = ("rotation", "functions", "add", "mine", "--path", str(path))
    assert killed(*words, "--python", sys.executable).status == 0
    killed.kill_in_each_step(tmp_path / "calls")
