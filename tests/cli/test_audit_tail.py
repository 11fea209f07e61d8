"""``audit tail`` shows the last events and those that follow, until it is interrupted."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Service, World

ROOT = Path(__file__).parents[2]


def tail(world: World, *words: str) -> subprocess.Popen[str]:
    """Start ``audit tail``."""
    return subprocess.Popen(
        [sys.executable, "-m", "secretctl", "audit", "tail", *words],
        env={"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def following(world: World, service: Service) -> Iterator[subprocess.Popen[str]]:
    """``audit tail -n 1 -f``, once it has shown the one."""
    service("CreateSecret", Name="a", SecretString="v")
    process = tail(world, "-n", "1", "-f")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["eventName"] == "CreateSecret"
    yield process
    process.kill()
    process.communicate()


def test_last_events_come_in_their_order(world: World, service: Service) -> None:
    """JSON Lines where it is piped; an intent only when it is asked for."""
    service("CreateSecret", Name="a", SecretString="v")
    service("ListSecrets")
    for words, expected in (
        (("-n", "2"), ["CreateSecret", "ListSecrets"]),
        (("-n", "3", "--intents"), ["CreateSecret", "CreateSecret", "ListSecrets"]),
        (("-n", "0"), []),
        (("-n", str(2**63)), ["SegmentOpened", "CreateVault", "CreateSecret", "ListSecrets"]),
    ):
        out, err = tail(world, *words).communicate(timeout=30)
        assert [json.loads(line)["eventName"] for line in out.splitlines()] == expected
        assert err == ""


def test_what_follows_is_shown_until_interrupted(
    following: subprocess.Popen[str], service: Service
) -> None:
    """Each event comes as it is recorded; Ctrl-C ends it without a word."""
    assert following.stdout is not None
    for _ in range(3):
        service("GetSecretValue", SecretId="a")
        assert json.loads(following.stdout.readline())["eventName"] == "GetSecretValue"
    following.send_signal(signal.SIGINT)
    out, err = following.communicate(timeout=30)
    assert (following.returncode, out, err) == (-signal.SIGINT, "", "")


def test_reader_that_goes_away_ends_it(following: subprocess.Popen[str]) -> None:
    """Where nobody reads any more, following ends with 141, without an event more."""
    assert following.stdout is not None
    following.stdout.close()
    assert following.wait(30) == 141
