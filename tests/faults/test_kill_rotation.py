"""Kill -9 at any system call of a rotation: the next try goes on with the same version.

SECRETCTL_TEST_FULL=1 tries every call instead of a sample.
"""

import json
import random

import pytest

from secretctl.cli import opening
from secretctl.vault.fsck import check
from tests.conftest import World, token
from tests.faults.commands import ended
from tests.faults.test_kill_recorded import (
    HAS_STRACE,
    IS_FULL,
    Act,
    assert_intact,
    describe,
    events,
    killed,
    points,
    real_time,
    versions,
)

SAMPLE = 10
MOST_VERSIONS = 40
"""Tries on one secret, which may have no more than 100 versions without staging labels."""


def rotation() -> Act:
    """Return a rotation of the secret by the function for passwords."""
    words = ["rotate-secret", "--secret-id", "a", "--rotation-lambda-arn", "builtin/password"]
    return Act("RotateSecret", [*words, "--client-request-token", token()], None)


def pending(world: World) -> list[str]:
    """Return the versions of rotations that are not complete."""
    found = versions(describe(world)).items()
    return [each for each, held in found if "AWSPENDING" in held and "AWSCURRENT" not in held]


def value(world: World) -> str:
    """Return the current value."""
    done = ended(world, "get-secret-value", "--secret-id", "a")
    assert done.status == 0, done.stderr
    return str(json.loads(done.stdout)["SecretString"])


@pytest.mark.skipif(not HAS_STRACE, reason="strace is not installed")
def test_a_rotation_that_was_killed_is_finished_by_the_next_try(world: World) -> None:
    """At no moment is there a secret without a current value, or with two."""
    world = real_time(world)
    ended(world, "create-secret", "--name", "a", "--secret-string", "first")
    found = points(world, rotation())
    chosen = found if IS_FULL else random.Random(7).sample(found, SAMPLE)
    for number, (call, when) in enumerate(chosen):
        if number % MOST_VERSIONS == MOST_VERSIONS - 1:
            ended(world, "delete-secret", "--secret-id", "a", "--force-delete-without-recovery")
            ended(world, "create-secret", "--name", "a", "--secret-string", "first")
        act, before = rotation(), value(world)
        killed(world, act, call, when)
        held = [label for labels in versions(describe(world)).values() for label in labels]
        assert held.count("AWSCURRENT") == 1
        assert held.count("AWSPENDING") <= 1
        now = value(world)
        if left := pending(world):
            assert now == before
            retried = ended(world, "rotation", "retry", "a")
            assert retried.stdout == f"rotated: version {left[0]} is current\n", retried.stderr
            assert value(world) != before
        assert pending(world) == []
        assert_intact(world)
    names = {str(event["eventName"]) for event in events(world)}
    assert {"RotationStarted", "RotationSucceeded"} <= names
    vault = opening.open_vault(world.directory, world.context)
    assert check(vault).problems == ()
    vault.close()
