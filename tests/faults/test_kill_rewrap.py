"""Kill -9 while data keys are wrapped anew: every value is there, and the same command goes on.

SECRETCTL_TEST_FULL=1 tries every call instead of a sample.
"""

import json
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from secretctl.cli import opening
from secretctl.vault.fsck import check
from tests.conftest import World
from tests.faults import commands
from tests.faults.commands import ended
from tests.faults.test_kill_recorded import (
    CALLS,
    HAS_STRACE,
    IS_FULL,
    assert_intact,
    files,
    real_time,
)

SAMPLE = 16
COUNT = 9
SMALL = commands.SEEN.replace(
    "program.run()", "from secretctl.service.kms import rotation; rotation.BATCH = 4\nprogram.run()"
)
"""The program with batches of four, so that nine values take three."""

WORDS = ["kms", "rotate-key-on-demand", "--key-id", "mine", "--rewrap"]


def run(world: World, *before: str) -> int:
    """Rotate and rewrap in a process of its own; return how it ended."""
    environ = {"HOME": str(world.home), "PATH": world.context.environ["PATH"]}
    done = subprocess.run(
        [*before, sys.executable, "-c", SMALL, *WORDS],
        env={**environ, "PYTHONPATH": str(commands.ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode


def made(world: World) -> World:
    """Make a vault with nine values under the key ``mine``, granted to a user."""
    world = real_time(world)
    for number in range(COUNT):
        words = ["--name", f"n{number}", "--secret-string", f"v{number}", "--kms-key-id", "mine"]
        assert ended(world, "create-secret", *words).status == 0
    assert ended(world, "iam", "create-user", "--user-name", "ci").status == 0
    words = ["--grantee-principal", "arn:aws:iam::000000000000:user/ci", "--key-id", "mine"]
    assert ended(world, "kms", "create-grant", *words, "--operations", "Decrypt").status == 0
    return world


def assert_whole(world: World) -> int:
    """Check that every value is what it was, vault and journal sound; return how much material."""
    for number in range(COUNT):
        done = ended(world, "get-secret-value", "--secret-id", f"n{number}", "--output", "json")
        assert done.status == 0, done.stderr
        assert json.loads(done.stdout)["SecretString"] == f"v{number}"
    vault = opening.open_vault(world.directory, world.context)
    try:
        assert check(vault).problems == ()
        with vault.read() as view:
            return len(view.kms_directory().keys["mine"].materials)
    finally:
        vault.close()


def points(world: World) -> list[tuple[str, int]]:
    """Rewrap to the end and return the calls that took: name, and which of that name."""
    assert run(world) == 0  # the file grows by the first one, which makes more calls
    log = Path(world.home.parent, "calls")
    watched = commands.strace("-o", str(log), *files(world), "-e", f"trace={CALLS}")
    assert run(world, *watched) == 0
    counted = Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE))
    return [(call, when + 1) for call, most in sorted(counted.items()) for when in range(most)]


def kill_at_calls(world: World) -> None:
    """Old material is there as long as it is needed, and goes when the command has gone on."""
    world = made(world)
    chosen = points(world)
    assert len(chosen) > 60
    if not IS_FULL:
        chosen = random.Random("rewrap").sample(chosen, SAMPLE)
    kills = 0
    for call, when in chosen:
        killing = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}"]
        kills += run(world, *commands.strace("-o", "/dev/null", *files(world), *killing)) != 0
        assert assert_whole(world) in (1, 2)
        assert run(world) == 0
        assert assert_whole(world) == 1
        assert_intact(world)
    assert kills > 0.9 * len(chosen)


if HAS_STRACE:
    test_a_kill_loses_nothing_and_the_same_command_goes_on = kill_at_calls
else:
    sys.stderr.write("WARNING: no strace: kills of a rewrapping are NOT TRIED\n")
