"""A disk that refuses ends a command with an error, the vault as it was or as it was to be."""

import shutil
import subprocess
import sys
from typing import NamedTuple

import pytest

from tests.conftest import Service, World
from tests.faults.commands import strace
from tests.faults.test_kill import current, environment

HAS_STRACE = shutil.which("strace") is not None
if not HAS_STRACE:
    sys.stderr.write("WARNING: no strace: errors of the disk are NOT TRIED\n")

CALLS = ("pwrite64", "fdatasync", "unlink", "openat")
ERRORS = ("EIO", "ENOSPC", "EROFS", "EACCES", "EMFILE")
SEEN = """
import secretctl.__main__ as program
program._hide_memory = lambda: None
program.run()
"""
"""The program, but for what keeps strace from looking into it."""

UNKNOWN = "whether the change holds is not known"


class End(NamedTuple):
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


def put(world: World, value: str, call: str, error: str, when: int) -> End:
    """Run put-secret-value, its *when*-th call on the vault's files refused."""
    inject = f"inject={call}:error={error}:when={when}"
    folder = ["-P", world.directory]
    for name in ("vault.db", "vault.db-journal", "vault.lock"):
        folder += ["-P", f"{world.directory}/{name}"]
    words = strace("-o", "/dev/null", *folder, "-e", f"trace={call}", "-e", inject)
    program = [sys.executable, "-c", SEEN, "put-secret-value", "--secret-id", "a"]
    done = subprocess.run(
        [*words, *program, "--secret-string", value],
        env=environment(world),
        capture_output=True,
        text=True,
        check=False,
    )
    return End(done.returncode, done.stdout, done.stderr)


def refused_calls(world: World, service: Service, error: str) -> None:
    """Whichever call fails: a message without the value, no answer, and a sound vault."""
    service("CreateSecret", Name="a", SecretString="canary-0")
    service.session.vault.close()
    failures = 0
    for call in CALLS:
        for when in range(1, 12):
            before, value = current(world), f"canary-{call}-{when}"
            end = put(world, value, call, error, when)
            assert "Traceback" not in end.stderr
            assert "canary" not in end.stderr
            if end.status == 0:
                assert current(world) == value
                break
            failures += 1
            assert end.status in (253, 255), end.stderr
            assert end.stdout == ""
            assert "secretctl: error: " in end.stderr
            held = (before, value) if UNKNOWN in end.stderr else (before,)
            assert current(world) in held, (call, when, end.stderr)
    assert failures >= len(CALLS)


if HAS_STRACE:
    test_a_refused_call_changes_nothing = pytest.mark.parametrize("error", ERRORS)(refused_calls)
