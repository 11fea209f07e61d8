"""``exec --aws-endpoint``: what a command reads by itself is masked before it has it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.cli.exec_endpoint_masking import values_in
from secretctl.delivery.masking import searched
from secretctl.delivery.supervise_learning import Teacher
from secretctl.delivery.supervise_relay import Stream
from secretctl.errors import DeliveryError
from tests.access.conftest import Account
from tests.conftest import World
from tests.terminal import on_terminal
from tests.test_startup import environment

VALUE = json.dumps({"password": "canary-5e1a", "more": [{"pin": 774411}]})
APP = """
import base64, boto3, json, os, sys
client = boto3.client("secretsmanager")
print("nobody knows canary-5e1a yet", flush=True)
text = client.get_secret_value(SecretId="db")["SecretString"]
found = json.loads(text)
print(text, found["password"], found["more"][0]["pin"], flush=True)
print(base64.b64encode(f"user:{found['password']}".encode()).decode(), file=sys.stderr, flush=True)
print(os.environ["AWS_SECRET_ACCESS_KEY"], os.environ["AWS_SESSION_TOKEN"], flush=True)
found = client.batch_get_secret_value(SecretIdList=["short", "binary"])
for each in found["SecretValues"]:
    print(each.get("SecretString", "bytes"), flush=True)
os.write(1, client.get_secret_value(SecretId="binary")["SecretBinary"])
print(client.get_secret_value(SecretId="short")["SecretString"], flush=True)
sys.exit(7)
"""
SHOWN = ["nobody knows canary-5e1a yet", "*** *** ***", "*** ***", "x", "bytes", "***x"]
WARNING = "secretctl: warning: too short to be masked: the value of 'short'"


@pytest.fixture(autouse=True)
def _secrets(world: World) -> None:
    root = Account(world.context)
    root.must("create-secret", "--name", "db", "--secret-string", VALUE)
    root.must("create-secret", "--name", "short", "--secret-string", "x")
    secret = Path(world.home, "binary")
    secret.write_bytes(b"\xff\x00\xfecanary")
    root.must("create-secret", "--name", "binary", "--secret-binary", f"fileb://{secret}")


def words(*options: str) -> list[str]:
    """Return a command line that runs the program."""
    scope = ("--aws-endpoint", "db", "short", "binary")
    return [sys.executable, "-m", "secretctl", "exec", *scope, *options, "--"]


@pytest.mark.parametrize(("option", "environ"), [("--mask", {}), ("--no-hint", {"CI": "true"})])
def test_what_is_read_is_masked(world: World, option: str, environ: dict[str, str]) -> None:
    """Whole, in parts and encoded, and the credential too; asked for or in CI."""
    done = subprocess.run(
        [*words(option), sys.executable, "-c", APP],
        env=environment(world) | environ,
        cwd=world.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == SHOWN
    encoded, told = sorted(done.stderr.splitlines())
    assert encoded.endswith("***")
    assert told == WARNING
    assert done.returncode == 7


def test_what_is_read_is_masked_on_a_terminal(world: World) -> None:
    """The program's own, which stays one."""
    shown = b""
    command = [*words("--mask"), sys.executable, "-c", APP]
    with on_terminal(command, environment(world), world.home) as terminal:
        while part := terminal.read():
            shown += part
        assert terminal.status == 7
    lines = shown.decode().splitlines()
    assert [line for line in lines if line in SHOWN] == SHOWN
    assert WARNING in lines
    assert shown.count(b"canary") == 1


def test_where_it_is_left_out_nothing_is_masked(world: World) -> None:
    """--no-mask holds in CI as well."""
    done = subprocess.run(
        [*words("--no-mask"), sys.executable, "-c", APP],
        env=environment(world) | {"CI": "true"},
        cwd=world.home,
        capture_output=True,
        check=False,
    )
    assert done.stdout.count(b"canary-5e1a") == 3


def test_nothing_is_given_out_once_nobody_masks(world: World) -> None:
    """The program is told of an error, and the operator why; no value is shown."""
    app = """
import boto3, sys
from botocore.config import Config
client = boto3.client("secretsmanager", config=Config(retries={"total_max_attempts": 1}))
sys.stdin.readline()
try:
    client.get_secret_value(SecretId="db")
except Exception as error:
    open("came", "w").write(error.response["Error"]["Code"])
"""
    with subprocess.Popen(
        [*words("--mask"), sys.executable, "-c", app],
        env=environment(world),
        cwd=world.home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        os.kill(relay_of(running.pid), signal.SIGKILL)
        shown, told = running.communicate("\n", timeout=60)
    assert (world.home / "came").read_text() == "InternalServiceError"
    assert "the output is not masked any more: nothing is given out" in told
    assert "canary" not in shown + told
    assert running.returncode == 255


def relay_of(supervisor: int) -> int:
    """Wait for the process that masks what is under *supervisor*; return its number."""
    while True:
        for each in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split():
            if Path(f"/proc/{each}/comm").read_text() == "mask-relay\n":
                return int(each)


class Carried:
    """A stream that learns in a thread of its own."""

    def __init__(self, first: bytes) -> None:
        self._reads, self._target = os.pipe()
        self.teacher = Teacher([first])
        self._stream = Stream(-1, self._target, searched(self.teacher.patterns))
        self._learner = self.teacher.learner([self._stream])
        self._thread = threading.Thread(target=self._learn)
        self._thread.start()

    def _learn(self) -> None:
        while self._learner.learn():
            pass
        os.close(self._learner.number)

    def shown(self, text: bytes) -> bytes:
        """Return what comes out of *text*, and all that was held back."""
        self._stream.write(text)
        self._stream.finish()
        os.write(self._target, b"\0")
        found = b""
        while not found.endswith(b"\0"):
            found += os.read(self._reads, 1 << 16)
        return found[:-1]

    def close_learner(self) -> None:
        """Let nobody learn any more."""
        self.teacher._ours.shutdown(socket.SHUT_WR)
        self._thread.join()

    def close(self) -> None:
        """End it."""
        self.close_learner()
        self.teacher._ours.close()
        os.close(self._reads)
        os.close(self._target)


@pytest.fixture
def carried() -> Iterator[Carried]:
    """A stream of which one value is masked from the beginning."""
    found = Carried(b"of-the-first-hour")
    yield found
    found.close()


@given(st.lists(st.lists(st.text("abc01", min_size=2, max_size=40), max_size=4), max_size=4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_taught_is_masked_from_then_on(carried: Carried, taught: list[list[str]]) -> None:
    """However many values at a time, beside what was masked before."""
    known: list[bytes] = []
    for texts in taught:
        new = [text.encode() for text in texts]
        carried.teacher.teach(new)
        known += new
        for value in known:
            assert carried.shown(b"<" + value + b">of-the-first-hour") == b"<***>***"


def test_values_of_any_size_are_taught(carried: Carried) -> None:
    """Also more than a socket holds at once, and an empty one among them."""
    large = os.urandom(1 << 20).hex().encode()
    carried.teacher.teach([b"", large, b"last-one"])
    assert carried.shown(b"<last-one>") == b"<***>"
    assert carried.shown(large[:4096]).strip(b"*") == b""


def test_nobody_is_taught_in_vain(carried: Carried) -> None:
    """Where nobody learns any more, whoever teaches is told; what is known is not taught again."""
    carried.teacher.teach([b"known-one"])
    carried.close_learner()
    carried.teacher.teach([b"known-one"])
    with pytest.raises(DeliveryError, match="nothing is given out"):
        carried.teacher.teach([b"another-one"])


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ({"ARN": "arn", "Name": "name", "SecretString": "text"}, [b"text"]),
        ({"SecretBinary": b"\xff"}, [b"\xff"]),
        ({"SecretString": '{"a": 1.10}'}, [b'{"a": 1.10}', b"1.10"]),
        ({"SecretString": '["x", {"y": ["z"]}, null]'}, [b'["x", {"y": ["z"]}, null]', b"x", b"z"]),
        ({"SecretString": '{"a": "b", "a": "c"}'}, [b'{"a": "b", "a": "c"}']),
        ({"SecretString": "[" * 100_000}, [b"[" * 100_000]),
        ({"SecretString": '"\\ud800"'}, [b'"\\ud800"', b"\xed\xa0\x80"]),
        ({"SecretValues": [{"SecretString": "x1"}, {"SecretBinary": b"x2"}]}, [b"x1", b"x2"]),
        ({"VersionId": "of no secret", "NextToken": "token"}, []),
    ],
)
def test_these_are_the_values_of_an_answer(answer: dict[str, object], values: list[bytes]) -> None:
    """Whole, and what stands in JSON; of JSON that is none, the whole."""
    assert sorted(values_in(answer)) == sorted(values)
