"""Kill -9 of a function at any call of its talk with the endpoint and the database.

The next try goes on with the same version. SECRETCTL_TEST_FULL=1 tries every call instead of a
sample.
"""

import random
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from secretctl.rotation.python_function import prepared
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Function
from tests.conftest import World, world_in
from tests.faults.test_kill_recorded import HAS_STRACE, IS_FULL, real_time
from tests.rotation import functions
from tests.rotation.conftest import BUILTIN, SECRET, Rotator
from tests.rotation.databases import OfPostgres
from tests.rotation.postgres import IS_HERE, Server
from tests.rotation.test_database_killed import check, rotate
from tests.service.conftest import entries

pytestmark = [
    pytest.mark.skipif(not IS_HERE, reason="PostgreSQL is not installed"),
    pytest.mark.skipif(not HAS_STRACE, reason="strace is not installed"),
]
CALLS = "connect,sendto,recvfrom"
SAMPLE = 3


class OfFunction(OfPostgres):
    """Rotates the secret that opens the server by a function in Python, under strace."""

    def __init__(self, rotator: Rotator, server: Server, folder: Path) -> None:
        super().__init__(rotator, server, BUILTIN)
        self.log = folder / "calls"
        path, self.python = folder / "lambda_function.py", folder / "python"
        path.write_text(functions.POSTGRES)
        self.registered = Registered("mine", str(path), python=str(self.python))

    @property
    def function(self) -> Function:
        """What rotates it."""
        return prepared(self.service.session, self.registered, self.kept("").secret)

    def trace(self, *options: str) -> None:
        """Have the function run under strace with options from now on."""
        words = " ".join(["strace", "-qq", *options, sys.executable])
        self.python.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        self.python.chmod(0o700)

    def forget(self) -> None:
        """Delete the versions without a label: a secret has at most a hundred."""
        listed = self.service("ListSecretVersionIds", SecretId=SECRET, IncludeDeprecated=True)
        for each in entries(listed, "Versions"):
            if "VersionStages" not in each:
                version = each["VersionId"]
                self.service("DeleteSecretVersion", SecretId=SECRET, VersionId=version)

    def points(self) -> list[tuple[str, int]]:
        """Rotate once, and return the calls that took: name, and which of that name."""
        self.trace("-o", str(self.log), "-e", f"trace={CALLS}")
        assert rotate(self, self.begin(), self.function)
        made = Counter(re.findall(r"^(\w+)\(", self.log.read_text(), re.MULTILINE))
        return [(call, when + 1) for call, most in sorted(made.items()) for when in range(most)]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home with the clock that the function has, which signs its requests."""
    return real_time(world_in(tmp_path / "home"))


def test_a_function_that_is_killed_leaves_the_current_or_the_pending_one(
    rotator: Rotator, postgres_server: Server, tmp_path: Path
) -> None:
    """At any call, in any step."""
    of = OfFunction(rotator, postgres_server, tmp_path)
    found = of.points()
    assert len(found) > 50
    chosen = found if IS_FULL else random.Random(3).sample(found, SAMPLE)
    killed = 0
    for call, when in chosen:
        version = of.begin()
        of.trace(
            "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}"
        )
        killed += not rotate(of, version, of.function)
        check(of, version, postgres_server.opens)
        of.trace("-o", "/dev/null", "-e", "trace=none")
        assert rotate(of, version, of.function)
        assert of.labels[version] == ["AWSCURRENT"]
        assert postgres_server.opens(*of.login)
        of.forget()
    assert killed > 0.6 * len(chosen)  # an answer may come in one piece more or less
