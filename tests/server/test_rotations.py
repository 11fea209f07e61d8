"""Rotations beside a server: begun by requests and by the clock, and ended with it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import World
from tests.faults.commands import ended, separately
from tests.rotation.functions import PLAIN
from tests.server.test_command import CANARY, WAIT_S, Process, client_of, process

SLOW = (
    PLAIN
    + """
    if step == "setSecret":
        import pathlib, time
        pathlib.Path(os.environ["AT"]).touch()
        while not os.path.exists(os.environ["GO"]):
            time.sleep(0.02)
"""
)
"""Waits in its second step until it is let go on."""


class Rotated:
    """A server, its client, and a function that waits."""

    def __init__(self, world: World, server: Process, client: Any, folder: Path) -> None:
        self.world = world
        self.server = server
        self.client = client
        self.folder = folder

    def begin(self, function: str = "slow", **more: object) -> str:
        """Call RotateSecret; return the version."""
        answer = self.client.rotate_secret(SecretId="a", RotationLambdaARN=function, **more)
        return str(answer["VersionId"])

    def wait_in_the_step(self) -> None:
        """Wait until the function is at its second step."""
        until((self.folder / "at").exists)

    def let_go(self) -> None:
        """Let the function go on."""
        (self.folder / "go").touch()

    def labels(self, secret_id: str = "a") -> dict[str, list[str]]:
        """Return the labels of a secret's versions, as another process sees them."""
        return labels(self.world, secret_id)

    def metric(self, name: str) -> int:
        """Return what is counted under a name."""
        lines = self.server.get("/metrics")[1].decode().splitlines()
        (found,) = [line for line in lines if line.startswith(f"secretctl_rotations_{name} ")]
        return int(found.split()[1])


def labels(world: World, secret_id: str, region: str = "us-east-1") -> dict[str, list[str]]:
    """Return the labels of a secret's versions."""
    done = ended(world, "describe-secret", "--secret-id", secret_id, "--region", region)
    found: dict[str, list[str]] = json.loads(done.stdout)["VersionIdsToStages"]
    return found


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.fixture
def stored(world: World) -> World:
    """A home with a vault and a secret."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", CANARY).status == 0
    return world


@contextmanager
def serving(world: World, folder: Path, *words: str) -> Iterator[Rotated]:
    """Serve the vault, with a function that waits for a file."""
    (folder / "slow.py").write_text(SLOW)
    env = ["--env", f"AT={folder / 'at'}", "--env", f"GO={folder / 'go'}"]
    added = ["--path", str(folder / "slow.py"), "--python", sys.executable, *env]
    assert ended(world, "rotation", "functions", "add", "slow", *added).status == 0
    make = client_of(world)
    with process(world, "--metrics", *words) as server:
        client = make(server.url)
        try:
            yield Rotated(world, server, client, folder)
        finally:
            client.close()


def test_a_rotation_is_answered_and_then_done(stored: World, tmp_path: Path) -> None:
    """Its steps follow in the server, while the client has its answer."""
    with serving(stored, tmp_path) as of:
        version = of.begin("builtin/password", RotationRules={"AutomaticallyAfterDays": 30})
        until(lambda: of.client.get_secret_value(SecretId="a")["VersionId"] == version)
        until(lambda: of.metric("succeeded_total") == 1)
        assert of.client.describe_secret(SecretId="a")["VersionIdsToStages"][version] == [
            "AWSCURRENT"
        ]
        assert of.server.end(signal.SIGTERM) == (0, "", "")


def test_a_function_is_tried_beside_requests_too(stored: World, tmp_path: Path) -> None:
    """RotateImmediately=false: testSecret on a copy, which goes again."""
    with serving(stored, tmp_path) as of:
        before = of.labels()
        of.begin(RotateImmediately=False, RotationRules={"AutomaticallyAfterDays": 30})
        until(lambda: of.metric("succeeded_total") == 1)
        assert of.labels() == before
        assert of.server.end(signal.SIGTERM) == (0, "", "")


def test_a_failure_is_told_to_the_operator_and_kept(stored: World, tmp_path: Path) -> None:
    """On standard error, without a name; the next try goes on with the version."""
    with serving(stored, tmp_path) as of:
        (tmp_path / "slow.py").write_text("def lambda_handler(event, context): raise ValueError")
        version = of.begin()
        until(lambda: of.metric("failed_total") == 1)
        status, _, err = of.server.end(signal.SIGTERM)
    assert status == 0
    assert "the rotation failed in createSecret: the function slow raised ValueError" in err
    assert labels(stored, "a")[version] == ["AWSPENDING"]


def test_others_are_answered_while_a_function_runs(stored: World, tmp_path: Path) -> None:
    """Reads and changes of the same secret, and of others; the vault is not waited for."""
    with serving(stored, tmp_path) as of:
        version = of.begin()
        of.wait_in_the_step()
        assert of.client.get_secret_value(SecretId="a")["SecretString"] == CANARY
        assert of.client.create_secret(Name="b", SecretString="v")["Name"] == "b"
        assert of.labels()[version] == ["AWSPENDING"]
        assert of.metric("running") == 1
        with pytest.raises(of.client.exceptions.InvalidRequestException, match="isn't complete"):
            of.begin()
        of.let_go()
        until(lambda: of.labels()[version] == ["AWSCURRENT"])


def test_a_rotation_that_runs_is_done_before_the_end(stored: World, tmp_path: Path) -> None:
    """What is served ends at once; the rotation has the time that requests would have."""
    with serving(stored, tmp_path) as of:
        version = of.begin()
        of.wait_in_the_step()
        of.server.running.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert of.server.running.poll() is None
        of.let_go()
        assert of.server.running.wait(WAIT_S) == 0
    assert labels(stored, "a")[version] == ["AWSCURRENT"]


def test_what_is_not_done_in_time_is_left_to_the_next(stored: World, tmp_path: Path) -> None:
    """The function is ended, nothing has failed, and whoever comes next goes on at once."""
    with serving(stored, tmp_path) as of:
        version = of.begin()
        of.wait_in_the_step()
        of.server.running.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert of.server.end(signal.SIGTERM) == (0, "", "")
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(tmp_path / "slow.py") not in listed.stdout
    assert labels(stored, "a")[version] == ["AWSPENDING"]
    (row,) = json.loads(ended(stored, "rotation", "status").stdout)["Rotations"]
    assert (row["State"], row.get("FailedTries")) == ("due", None)
    (tmp_path / "go").touch()
    done = json.loads(separately(stored, ["rotation", "run-due"]).stdout)
    assert (done["Result"], done["VersionId"]) == ("rotated", version)


def test_the_next_server_goes_on_where_one_was_killed(stored: World, tmp_path: Path) -> None:
    """At once, with the same version: the lease went with the process."""
    with serving(stored, tmp_path) as of:
        version = of.begin()
        of.wait_in_the_step()
        of.server.end(signal.SIGKILL)
    assert labels(stored, "a")[version] == ["AWSPENDING"]
    (tmp_path / "go").touch()
    with process(stored, "--metrics"):
        until(lambda: labels(stored, "a")[version] == ["AWSCURRENT"])
    assert ended(stored, "fsck").status == 0


def test_what_is_due_is_rotated_by_a_server(stored: World, tmp_path: Path) -> None:
    """In all regions, without a request; what another knows how to rotate is left, and counted."""
    rotate = ["rotate-secret", "--no-wait", "--rotation-lambda-arn", "builtin/password"]
    for region in ("us-east-1", "eu-north-1"):
        there = ["--region", region]
        ended(stored, "create-secret", "--name", "b", "--secret-string", CANARY, *there)
        assert ended(stored, *rotate, "--secret-id", "b", *there).status == 0
    registered = ["--path", str(tmp_path / "f.py")]
    (tmp_path / "f.py").write_text(PLAIN)
    ended(stored, "rotation", "functions", "add", "gone", *registered)
    words = ["--secret-id", "a", "--rotation-lambda-arn", "gone"]
    assert ended(stored, "rotate-secret", "--no-wait", *words).status == 0
    assert ended(stored, "rotation", "functions", "remove", "gone").status == 0
    before = labels(stored, "a")
    with serving(stored, tmp_path) as of:
        until(lambda: of.metric("succeeded_total") == 2)
        assert (of.metric("unknown_function"), of.metric("failed_total")) == (1, 0)
        status, _, err = of.server.end(signal.SIGTERM)
    assert status == 0
    assert err.count("1 secret is due by a rotation function that is not registered here") == 1
    assert labels(stored, "a") == before
    for region in ("us-east-1", "eu-north-1"):
        assert sorted(labels(stored, "b", region).values()) == [["AWSCURRENT"], ["AWSPREVIOUS"]]


def test_a_server_can_leave_the_schedule_to_others(stored: World, tmp_path: Path) -> None:
    """With --no-rotation it does what requests ask for, and nothing by the clock."""
    rotate = ["rotate-secret", "--no-wait", "--rotation-lambda-arn", "builtin/password"]
    ended(stored, "create-secret", "--name", "b", "--secret-string", CANARY)
    assert ended(stored, *rotate, "--secret-id", "b").status == 0
    before = labels(stored, "b")
    with serving(stored, tmp_path, "--no-rotation") as of:
        version = of.begin("builtin/password")
        until(lambda: of.labels()[version] == ["AWSCURRENT"])
        assert of.server.end(signal.SIGTERM)[0] == 0
    assert labels(stored, "b") == before
