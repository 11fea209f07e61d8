"""Kill -9 at any system call: vault and journal agree after the next command.

SECRETCTL_TEST_FULL=1 tries every call instead of a sample.
"""

import json
import os
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from secretctl.audit import state as journal_state
from secretctl.cli import opening
from secretctl.context import of_process
from secretctl.service.proof import verified
from tests.conftest import World, token
from tests.faults.commands import Ended, ended, separately, strace

HAS_STRACE = shutil.which("strace") is not None
IS_FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"
SAMPLE = 12
CALLS = "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,unlink,close,fcntl,flock"
NEXT = ("UnlockVault", "JournalRecovered", "DescribeSecret", "TrustEstablished")
Fields = dict[str, object]


class Act(NamedTuple):
    """A command to be killed."""

    event: str
    words: list[str]
    is_done: Callable[[Fields], bool] | None
    """Tells from a description whether the change was made; None for what changes nothing."""


def real_time(world: World) -> World:
    """Return a world with the clock that other processes have."""
    return world._replace(context=world.context._replace(now_ms=of_process().now_ms))


def describe(world: World) -> Fields:
    """Return the description, the command after a kill."""
    done = ended(world, "describe-secret", "--secret-id", "a", "--output", "json")
    assert done.status == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def versions(described: Fields) -> dict[str, list[str]]:
    """Return the labels of each version."""
    found = described["VersionIdsToStages"]
    assert isinstance(found, dict)
    return found


def get(world: World) -> Act:
    """Read a value for the first time on this day, which changes its date."""
    name = token()
    assert ended(world, "create-secret", "--name", name, "--secret-string", "v").status == 0
    return Act("GetSecretValue", ["get-secret-value", "--secret-id", name], None)


def put(_world: World) -> Act:
    """Put a value."""
    version = token()
    words = ["put-secret-value", "--secret-id", "a", "--secret-string", version]
    return Act(
        "PutSecretValue",
        [*words, "--client-request-token", version],
        lambda described: version in versions(described),
    )


def move(world: World) -> Act:
    """Move AWSCURRENT to the version before."""
    found = {label: each for each, labels in versions(describe(world)).items() for label in labels}
    previous, current = found["AWSPREVIOUS"], found["AWSCURRENT"]
    words = ["update-secret-version-stage", "--secret-id", "a", "--version-stage", "AWSCURRENT"]
    return Act(
        "UpdateSecretVersionStage",
        [*words, "--move-to-version-id", previous, "--remove-from-version-id", current],
        lambda described: "AWSCURRENT" in versions(described)[previous],
    )


def delete(world: World) -> Act:
    """Mark for deletion what is not marked."""
    if "DeletedDate" in describe(world):
        assert ended(world, "restore-secret", "--secret-id", "a").status == 0
    return Act(
        "DeleteSecret",
        ["delete-secret", "--secret-id", "a"],
        lambda described: "DeletedDate" in described,
    )


def files(world: World) -> list[str]:
    """Return strace's choice of calls: those on a file of vault, journal or trust."""
    names = ("vault.db", "vault.db-journal", "vault.lock", "vault.lock.queue", "")
    chosen = [os.path.join(world.directory, name).rstrip("/") for name in names]
    chosen += [str(path) for path in Path(world.directory, "audit").iterdir()]
    chosen += [str(path) for path in Path(world.home, ".local/state").rglob("*")]
    return [word for path in chosen for word in ("-P", path)]


def points(world: World, act: Act) -> list[tuple[str, int]]:
    """Run *act* to its end and return the calls it made: name, and which of that name."""
    log = world.home.parent / "calls"
    words = strace("-o", str(log), *files(world), "-e", f"trace={CALLS}")
    assert separately(world, act.words, before=words).status == 0
    counted = Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE))
    return [(call, when + 1) for call, most in sorted(counted.items()) for when in range(most)]


def killed(world: World, act: Act, call: str, when: int) -> Ended:
    """Run *act*, killed as it makes that call."""
    inject = f"inject={call}:signal=KILL:when={when}"
    words = strace("-o", "/dev/null", *files(world), "-e", f"trace={call}", "-e", inject)
    return separately(world, act.words, before=words)


def events(world: World) -> list[Fields]:
    """Return all records."""
    paths = sorted(Path(world.directory, "audit").glob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def phase(event: Fields) -> str:
    """Return whether an event is the intent or the outcome of a change."""
    said = event.get("additionalEventData")
    return str(said.get("phase", "")) if isinstance(said, dict) else ""


def check_agreement(world: World, act: Act, done: Ended, before: int) -> None:
    """Check what vault and journal say after the next command."""
    described = describe(world)
    assert_intact(world)
    told = events(world)[before:]
    assert {str(event["eventName"]) for event in told} <= {act.event, *NEXT}
    ours = [event for event in told if event["eventName"] == act.event]
    assert all(event.get("errorCode") in (None, "InternalServiceError") for event in ours)
    made = [event for event in ours if not event.get("errorCode")]
    if act.is_done is None:
        assert made or not done.stdout
        return
    outcomes = [event for event in ours if phase(event) == "outcome"]
    intents = [event for event in ours if phase(event) == "intent"]
    assert len(outcomes) == len(intents) <= 1
    is_told = any(phase(event) == "outcome" for event in made)
    assert is_told == act.is_done(described)
    assert is_told or not done.stdout


def assert_intact(world: World) -> None:
    """Check that the journal is what was written, with no change left open."""
    vault = opening.open_vault(world.directory, world.context)
    trust = next(Path(world.home, ".local/state/secretctl/trust").iterdir())
    report = verified(vault, str(trust), [], deep=True)
    vault.close()
    assert (report.findings, report.notes) == ((), ())
    stands = journal_state.decode(Path(world.directory, "audit", "state").read_bytes())
    assert stands is not None
    assert stands.intent == journal_state.NO_INTENT


def kill_at_each_call(world: World, made: Callable[[World], Act]) -> None:
    """Acknowledged acts have their record; a change has its outcome, and no other act has one."""
    world = real_time(world)
    assert ended(world, "create-secret", "--name", "a", "--secret-string", "v").status == 0
    assert ended(world, "put-secret-value", "--secret-id", "a", "--secret-string", "w").status == 0
    chosen = points(world, made(world))
    assert len(chosen) > 30
    if not IS_FULL:
        chosen = random.Random(made.__name__).sample(chosen, SAMPLE)
    kills = 0
    for call, when in chosen:
        act = made(world)
        before = len(events(world))
        done = killed(world, act, call, when)
        kills += done.status != 0
        check_agreement(world, act, done, before)
    assert kills > 0.9 * len(chosen)  # a file that was looked at twice may be looked at once


if HAS_STRACE:
    test_a_kill_leaves_vault_and_journal_agreed = pytest.mark.parametrize(
        "made", [get, put, move, delete]
    )(kill_at_each_call)
else:
    sys.stderr.write("WARNING: no strace: kills of recorded commands are NOT TRIED\n")
