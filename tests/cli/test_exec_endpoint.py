"""``exec --aws-endpoint``: unmodified programs of AWS's SDK read the vault while they run."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.access.conftest import ACCOUNT, Account, allow
from tests.conftest import World
from tests.faults.commands import ended
from tests.test_startup import environment

CANARY = "canary-77d1"
MISLEADING = {
    "AWS_PROFILE": "none-such",
    "AWS_SECURITY_TOKEN": "of-others",
    "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_CONFIG_FILE": "/dev/zero",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
APP = """
import json, os, sys, boto3
from botocore.exceptions import BotoCoreError, ClientError
client = boto3.client("secretsmanager")
print(json.dumps({name: os.environ[name] for name in os.environ if name.startswith("AWS_")}))
sys.stdout.flush()
for line in sys.stdin:
    try:
        print(client.get_secret_value(SecretId=line.strip())["SecretString"], flush=True)
    except ClientError as error:
        print(error.response["Error"]["Code"], flush=True)
    except BotoCoreError as error:
        print(type(error).__name__, flush=True)
sys.exit(7)
"""
CROWD = """
import boto3
from concurrent.futures import ThreadPoolExecutor
from botocore.config import Config
config = Config(max_pool_connections=100, retries={"total_max_attempts": 1})
client = boto3.client("secretsmanager", config=config)
with ThreadPoolExecutor(100) as pool:
    found = pool.map(lambda _: client.get_secret_value(SecretId="a")["SecretString"], range(300))
    print(set(found))
"""


class Running:
    """A command line of exec, and the program under it."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self.child = child

    def line(self) -> str:
        """Return the next line of what it writes."""
        assert self.child.stdout
        return self.child.stdout.readline().strip()

    def ask(self, secret_id: str) -> str:
        """Have the program read a secret; return the value, or what it ran into."""
        assert self.child.stdin
        self.child.stdin.write(f"{secret_id}\n")
        self.child.stdin.flush()
        return self.line()

    def end(self) -> tuple[int, str]:
        """Let the program end; return the exit status, and what stood on standard error."""
        _, told = self.child.communicate(timeout=30)
        return self.child.returncode, told


Start = Callable[..., Running]


@pytest.fixture
def root(world: World) -> Account:
    """The account root, with two secrets."""
    account = Account(world.context)
    for name in "ab":
        account.must("create-secret", "--name", name, "--secret-string", f"{CANARY}-{name}")
    return account


@pytest.fixture
def start(world: World) -> Iterator[Start]:
    """Start command lines of ``exec --aws-endpoint``, that are killed at the end."""
    begun = []

    def run(*words: str, **environ: str) -> Running:
        command = [sys.executable, "-m", "secretctl", "exec", "--aws-endpoint", *words]
        pipe = subprocess.PIPE
        env = environment(world) | environ
        child = subprocess.Popen(
            command, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=world.home
        )
        begun.append(child)
        return Running(child)

    yield run
    for child in begun:
        child.kill()
        child.communicate()


def app(*words: str) -> list[str]:
    """Return words that run the program."""
    return [*words, "--", sys.executable, "-c", APP]


def answers(url: str) -> bool:
    """Tell whether somebody answers there."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=20)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().read() == b"healthy"
    except ConnectionError:
        return False
    finally:
        connection.close()


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something to become so."""
    ends = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


def events(root: Account, name: str) -> list[dict[str, object]]:
    """Return records of the journal, the oldest first."""
    lines = root("audit", "tail", "--lines", "1000").out.splitlines()
    return [each for each in map(json.loads, lines) if each["eventName"] == name]


def test_boto3_reads_what_is_named_and_nothing_else(root: Account, start: Start) -> None:
    """Whatever the environment says of other places; its credential is in no record but by id."""
    running = start(*app("a", "not-yet"), **MISLEADING)
    given = json.loads(running.line())
    assert running.ask("a") == f"{CANARY}-a"
    assert running.ask("b") == "AccessDeniedException"
    assert given["AWS_REGION"] == given["AWS_DEFAULT_REGION"] == "us-east-1"
    root.must("create-secret", "--name", "not-yet", "--secret-string", "now")
    assert running.ask("not-yet") == "now"
    status, told = running.end()
    assert (status, told) == (7, "")
    assert not answers(given["AWS_ENDPOINT_URL_SECRETS_MANAGER"])
    (gave,), (ran,) = events(root, "GiveCredential"), events(root, "Exec")
    assert gave["requestParameters"]["accessKeyId"] == given["AWS_ACCESS_KEY_ID"]  # type: ignore[index]  # JSON
    assert "AWS_SECRET_ACCESS_KEY" in ran["requestParameters"]["variables"]  # type: ignore[index]  # JSON
    reads = events(root, "GetSecretValue")
    assert {each["userIdentity"]["accessKeyId"] for each in reads} == {given["AWS_ACCESS_KEY_ID"]}  # type: ignore[index]  # JSON
    journal = root("audit", "tail", "--lines", "1000").out
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert given[name] not in journal
    assert "intact" in root("audit", "verify").out


def test_nobody_else_is_served(root: Account, start: Start) -> None:
    """Not even a user who may do everything: the endpoint knows one credential."""
    user = root.user("alice")
    root.allow("alice", allow("*"))
    running = start(*app("a"))
    given = json.loads(running.line())
    keys = {"AWS_ACCESS_KEY_ID": user.environ["SECRETCTL_ACCESS_KEY_ID"]}
    keys["AWS_SECRET_ACCESS_KEY"] = user.environ["SECRETCTL_SECRET_ACCESS_KEY"]
    other = subprocess.run(
        [sys.executable, "-c", APP],
        env={**os.environ, **given, **keys, "AWS_SESSION_TOKEN": ""},
        input="a\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert other.stdout.splitlines()[1:] == ["UnrecognizedClientException"]
    assert running.ask("a") == f"{CANARY}-a"


def test_a_user_hands_on_no_more_than_the_user_may(root: Account, start: Start) -> None:
    """Scope and policies have to allow a read, and the key that opened the vault to be active."""
    user = root.user("alice")
    root.allow(
        "alice",
        allow(
            "secretsmanager:GetSecretValue",
            Resource=f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:a-*",
        ),
    )
    running = start(*app("a", "b"), **user.environ)
    assert running.line()
    assert [running.ask("a"), running.ask("b")] == [f"{CANARY}-a", "AccessDeniedException"]
    key = ("--access-key-id", user.environ["SECRETCTL_ACCESS_KEY_ID"], "--user-name", "alice")
    root.must("iam", "update-access-key", *key, "--status", "Inactive")
    assert running.ask("a") == "UnrecognizedClientException"


@pytest.mark.usefixtures("root")
def test_a_hundred_at_once_are_answered(start: Start) -> None:
    """None is refused, and none has to ask twice."""
    running = start("a", "--", sys.executable, "-c", CROWD)
    assert running.line() == str({f"{CANARY}-a"})
    assert running.end() == (0, "")


def test_a_rekey_changes_nothing_for_the_command(root: Account, start: Start, world: World) -> None:
    """The vault is opened anew by its key file, and the credential stays good."""
    running = start(*app("a"))
    assert running.line()
    assert running.ask("a") == f"{CANARY}-a"
    assert ended(world, "rekey").status == 0
    root.must("put-secret-value", "--secret-id", "a", "--secret-string", "new")
    assert [running.ask("a"), running.ask("b")] == ["new", "AccessDeniedException"]
    assert running.end() == (7, "")
    assert len({str(each["requestParameters"]) for each in events(root, "GiveCredential")}) == 1


@pytest.mark.usefixtures("root")
def test_a_vault_that_opens_no_more_leaves_the_command_alone(start: Start, world: World) -> None:
    """It is told, its requests are refused from then on, and its exit status is its own."""
    running = start(*app("a"))
    assert running.line()
    assert running.ask("a") == f"{CANARY}-a"
    assert ended(world, "rekey").status == 0
    keys = world.home / ".config/secretctl/keys"
    for each in keys.iterdir():
        each.unlink()
    refused = {"EndpointConnectionError", "ConnectionClosedError", "InternalServiceError"}
    assert running.ask("a") in refused
    status, told = running.end()
    assert status == 7
    assert "its requests for secrets are not answered any more" in told
    assert "Traceback" not in told


@pytest.mark.usefixtures("root")
def test_what_outlives_the_command_finds_nothing(start: Start, tmp_path: Path) -> None:
    """The endpoint is there as long as the command, not as long as what that has started."""
    found, go = tmp_path / "found", tmp_path / "go"
    waiting = f'(while [ ! -e {go} ]; do sleep 0.05; done; echo a) | "$0" -c "$1" >{found} 2>&1'
    script = f"({waiting}) & until [ -s {found} ]; do sleep 0.05; done; exit 4"
    running = start(
        "a",
        "--",
        "sh",
        "-c",
        script,
        sys.executable,
        APP.replace("client = ", 'print("begun", flush=True)\nclient = ', 1),
    )
    assert running.child.wait(30) == 4
    go.touch()
    until(lambda: len(found.read_text().splitlines()) == 3)
    assert found.read_text().splitlines()[2] == "EndpointConnectionError"


@pytest.mark.usefixtures("root")
def test_killed_it_takes_endpoint_and_command_along(start: Start) -> None:
    """After SIGKILL nothing answers, and the program is dead."""
    running = start(
        "a", "--", "sh", "-c", "echo $AWS_ENDPOINT_URL_SECRETS_MANAGER $$; exec sleep 60"
    )
    url, _, pid = running.line().partition(" ")
    assert answers(url)
    running.child.kill()
    running.child.wait()
    until(lambda: is_dead(pid))
    assert not answers(url)


def is_dead(pid: str) -> bool:
    """Tell whether a process has ended, waited for or not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


@pytest.mark.usefixtures("root")
def test_signals_and_stops_are_those_of_the_command(start: Start) -> None:
    """It is told of a signal, stops us when it stops, and we die by what kills it."""
    script = "n=; trap 'n=x$n; echo told' USR1; echo $AWS_ENDPOINT_URL_SECRETS_MANAGER; "
    script += "until [ x$n = xxx ]; do sleep 0.05; done; kill -STOP $$; echo on; kill -9 $$"
    running = start("a", "--", "sh", "-c", script)
    url = running.line()
    for _ in "12":
        running.child.send_signal(signal.SIGUSR1)
        assert running.line() == "told"
        assert running.child.poll() is None
    state = Path(f"/proc/{running.child.pid}/stat")
    until(lambda: state.read_text().rpartition(")")[2].split()[0] == "T")
    running.child.send_signal(signal.SIGCONT)
    assert running.line() == "on"
    assert running.child.wait(20) == -signal.SIGKILL
    assert not answers(url)


@pytest.mark.usefixtures("root")
def test_the_manifest_gives_the_scope(start: Start, world: World) -> None:
    """Without a source, the secrets that it names; no variable is set."""
    (world.home / "secretctl.toml").write_text(
        '[variables]\nPASS = "a#x"\nB = {secret="c?stage=X"}\n'
    )
    running = start("--", "sh", "-c", "echo ${PASS-unset}")
    assert running.line() == "unset"
    assert running.end() == (0, "")


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["--"], 252, "no source is given"),
        (["a#key", "--"], 252, "a source is the id of a secret"),
        (["X=a", "--"], 252, "a source is the id of a secret"),
        (["a?stage=AWSPREVIOUS", "--"], 252, "a source is the id of a secret"),
        (["a", "--watch", "--"], 252, "argument --watch: not allowed"),
        (["a", "--watch-signal", "HUP", "--"], 252, "finds the newest value each time"),
        (["a", "--file", "X=b", "--"], 252, "argument --file: not allowed"),
        (["a", "--from-env", "--"], 252, "handed no values"),
        (["a", "--optional", "b", "--"], 252, "argument --optional: not allowed"),
        (["a", "--on-conflict", "keep", "--"], 252, "argument --on-conflict: not allowed"),
        (["a", "--endpoint-url", "http://127.0.0.1:9", "--"], 252, "a vault of this machine"),
        (["a", "a b", "--"], 254, "(ValidationException): Invalid name."),
        (["arn:aws:secretsmanager:us-east-1:123456789012:secret:a", "--"], 254, "(Resource"),
    ],
)
def test_what_it_cannot_do_is_refused(
    root: Account, words: list[str], status: int, told: str
) -> None:
    """Before anything is run, with the reason; the journal has no credential given."""
    said = root("exec", "--aws-endpoint", *words, "sh", "-c", "echo ran")
    assert said.status == status
    assert told in said.err
    assert "ran" not in said.out
    assert events(root, "GiveCredential") == []
