"""Kill -9 while an import is made: all of it is there or nothing, and all of it is on record.

SECRETCTL_TEST_FULL=1 tries every call instead of a sample.
"""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from secretctl.cli import opening
from secretctl.vault.fsck import check
from tests.conftest import World
from tests.faults import commands
from tests.faults.commands import ended
from tests.faults.test_kill_recorded import (
    HAS_STRACE,
    IS_FULL,
    Act,
    assert_intact,
    events,
    killed,
    phase,
    points,
    real_time,
)

SAMPLE = 9
FEW, MANY = 30, 3000
SECONDS = (0.3, 0.6, 0.9, 1.1, 1.3, 1.6, 2.0, 2.6)
"""When an import of many is killed; a slow machine is no further by then, and a fast one done."""


def file_of(world: World, count: int) -> Path:
    """Write so many entries into a file."""
    path = Path(world.home.parent, f"{count}.env")
    path.write_text("".join(f"N{number}='v{number}'\n" for number in range(count)))
    return path


def words(path: Path, turn: int) -> list[str]:
    """Return an import under names that are of one turn alone."""
    return ["import", str(path), "--format", "dotenv", "--prefix", f"t{turn}/"]


def assert_agreed(world: World, turn: int, count: int, *, is_told: bool) -> bool:
    """Check that an import was made as a whole or not at all, and is so recorded; tell which."""
    assert ended(world, "list-secrets", "--max-items", "1").status == 0  # records what was left
    told = [
        event
        for event in events(world)
        if event["eventName"] == "CreateSecret" and f'"t{turn}/N' in str(event).replace("'", '"')
    ]
    outcomes = [event for event in told if phase(event) == "outcome"]
    assert len([event for event in told if phase(event) == "intent"]) == len(outcomes)
    made = [event for event in outcomes if "errorCode" not in event]
    assert len(made) in (0, count)
    assert made or not is_told
    vault = opening.open_vault(world.directory, world.context)
    report = check(vault)
    with vault.read() as view:
        there = sum(name.startswith(f"t{turn}/") for name, _ in view.names("us-east-1"))
    vault.close()
    assert report.problems == ()
    assert there == len(made)
    assert_intact(world)
    return bool(made)


def kill_at_calls(world: World) -> None:
    """At every call on a file of vault, journal or trust; the same command then goes on."""
    world = real_time(world)
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    path = file_of(world, FEW)
    chosen = points(world, Act("CreateSecret", words(path, 9999), None))
    assert len(chosen) > 30
    if not IS_FULL:
        chosen = random.Random("import").sample(chosen, SAMPLE)
    kills = 0
    for turn, (call, when) in enumerate(chosen):
        done = killed(world, Act("CreateSecret", words(path, turn), None), call, when)
        kills += done.status != 0
        is_made = assert_agreed(world, turn, FEW, is_told=bool(done.stdout))
        again = ended(world, *words(path, turn))
        assert again.stdout == (f"{FEW} unchanged\n" if is_made else f"{FEW} created\n")
    assert kills > 0.9 * len(chosen)


def test_an_import_of_many_that_is_killed_is_whole_or_nothing(world: World) -> None:
    """At whatever moment: while the records of thousands are written, or the vault's pages."""
    world = real_time(world)
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    path = file_of(world, MANY)
    environ = {"HOME": str(world.home), "PATH": world.context.environ["PATH"]}
    for turn, seconds in enumerate(SECONDS if IS_FULL else SECONDS[::3]):
        process = subprocess.Popen(
            [sys.executable, "-c", commands.SEEN, *words(path, turn)],
            env={**environ, "PYTHONPATH": str(commands.ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        assert_agreed(world, turn, MANY, is_told=bool(said))


if HAS_STRACE:
    test_a_kill_of_an_import_leaves_all_or_nothing = kill_at_calls
else:
    sys.stderr.write("WARNING: no strace: kills of an import are NOT TRIED\n")
