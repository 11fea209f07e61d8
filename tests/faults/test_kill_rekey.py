"""Kill -9 while a vault gets new keys: there is the old vault or the new, and the command goes on.

SECRETCTL_TEST_FULL=1 tries every call instead of a sample.
"""

import random
import re
import sys
from collections import Counter
from pathlib import Path

from secretctl.cli import keyfile, opening
from secretctl.vault.fsck import check
from tests.conftest import World
from tests.faults.commands import ended, separately, strace
from tests.faults.test_kill_recorded import (
    HAS_STRACE,
    IS_FULL,
    assert_intact,
    events,
    phase,
    real_time,
)
from tests.vault.independent_contents import Contents, contents

SAMPLE = 8
CALLS = "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,linkat,unlink,mkdir,flock"
Point = tuple[str, int]


def key_files(world: World) -> list[Path]:
    """Return the vault's key file and what lies beside it."""
    return sorted(Path(world.home, ".config/secretctl/keys").iterdir())


def made(world: World) -> World:
    """Make a vault with secrets, a user and a role."""
    world = real_time(world)
    for number in range(4):
        words = ["--name", f"n{number}", "--secret-string", f"v{number}", "--kms-key-id", "k"]
        assert ended(world, "create-secret", *words).status == 0
    assert ended(world, "iam", "create-user", "--user-name", "ci").status == 0
    assert ended(world, "iam", "create-access-key", "--user-name", "ci").status == 0
    return world


def points(world: World) -> list[Point]:
    """Rekey to the end and return the calls on files of the home: name, and which of that name."""
    log = Path(world.home.parent, "calls")
    watched = strace("-y", "-o", str(log), "-e", f"trace={CALLS}")
    assert separately(world, ["rekey"], before=watched).status == 0
    counted: Counter[str] = Counter()
    found = []
    for line in log.read_text().splitlines():
        match = re.match(r"\d+ +(\w+)\(", line)
        if match is None:
            continue
        counted[match[1]] += 1
        if str(world.home) in line:
            found.append((match[1], counted[match[1]]))
    return found


def seen(world: World) -> Contents:
    """Return what an independent reader finds, by whichever key file opens the vault."""
    for path in key_files(world):
        key = keyfile.read(str(path), world.directory)
        try:
            return contents(f"{world.directory}/vault.db", file_key=key)
        except Exception:  # noqa: BLE001 the next one may
            continue
    raise AssertionError("no key file opens the vault")


def assert_sound(world: World) -> None:
    """Check that the vault is found by its key file, sound, and its journal intact."""
    done = ended(world, "get-secret-value", "--secret-id", "n1")
    assert (done.status, '"v1"' in done.stdout) == (0, True), done.stderr
    vault = opening.open_vault(world.directory, world.context)
    assert check(vault).problems == ()
    vault.close()
    assert_intact(world)


def assert_told(world: World) -> None:
    """Each rekey that was announced has its outcome, and each that was made begins a segment."""
    told = [event for event in events(world) if event["eventName"] == "RekeyVault"]
    phases = [phase(event) for event in told]
    assert phases == ["intent", "outcome"] * (len(told) // 2)
    done = [event for event in told[1::2] if not event.get("errorCode")]
    segments = list(Path(world.directory, "audit").glob("*.jsonl"))
    assert len(segments) == len(done) + 1


def assert_clean(world: World) -> None:
    """Nothing is left of a rekey that was killed."""
    assert not list(Path(world.directory).glob("vault.rekeying-*"))
    assert not [path for path in key_files(world) if ".new" in path.name]


def kill_at_calls(world: World) -> None:
    """Old vault or new one, openable; and once the command was typed again, sound and clean."""
    world = made(world)
    chosen = points(world)
    assert len(chosen) > 100
    renames = [point for point in chosen if point[0] == "rename"]
    assert len(renames) == 2
    if not IS_FULL:
        chosen = [*renames, *random.Random("rekey").sample(chosen, SAMPLE)]
    before, kills = seen(world), 0
    for call, when in chosen:
        inject = f"inject={call}:signal=KILL:when={when}"
        words = strace("-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
        kills += separately(world, ["rekey"], before=words).status != 0
        assert seen(world) == before
        assert_sound(world)
        before = seen(world)
        assert ended(world, "rekey").status == 0
        assert seen(world) == before
        assert_sound(world)
        assert_clean(world)
        assert_told(world)
    assert kills > 0.9 * len(chosen)


if HAS_STRACE:
    test_a_kill_leaves_the_old_vault_or_the_new = kill_at_calls
else:
    sys.stderr.write("WARNING: no strace: kills of a rekey are NOT TRIED\n")
