"""``serve`` as a process: its address, its end, what it refuses, and what a kill leaves."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from secretctl.audit.journal import LOCK_FILE
from secretctl.cli.troubles import Troubles
from secretctl.errors import StoreBusyError, StoreError
from secretctl.server.listening import bound, parse
from secretctl.store.lock import AGAIN, FileLock
from tests.conftest import World
from tests.faults.commands import ROOT, ended
from tests.server.certificates import certificate
from tests.server.served import received

TOKEN = "token-of-the-agent"
CANARY = "canary-5be0"
WAIT_S = 30
READ = f"GET /v1/a HTTP/1.1\r\nHost: localhost\r\nX-Vault-Token: {TOKEN}\r\n\r\n".encode()


class Process:
    """A server in a process of its own."""

    def __init__(self, running: subprocess.Popen[str], first_line: str) -> None:
        self.running = running
        self.first_line = first_line
        self.url = first_line.removeprefix("listening on ").strip()
        self.port = int(self.url.rpartition(":")[2])

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Return status and body of the answer to a GET."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        try:
            connection.request("GET", path, headers={"X-Vault-Token": TOKEN, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        """Send a signal; return exit status, and what it wrote."""
        self.running.send_signal(number)
        out, err = self.running.communicate(timeout=WAIT_S)
        return self.running.returncode, out, err


@contextmanager
def process(world: World, *words: str, **environ: str) -> Iterator[Process]:
    """Run ``serve`` on a free port."""
    given = {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        [sys.executable, "-m", "secretctl", "serve", "--listen", "127.0.0.1:0", *words],
        env={**given, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        yield Process(running, running.stdout.readline())
    finally:
        if running.poll() is None:
            running.kill()
        running.communicate()


@pytest.fixture
def stored(world: World) -> World:
    """A home with a vault and a secret."""
    assert ended(world, "create-secret", "--name", "a", "--secret-string", CANARY).status == 0
    return world._replace(context=world.context)


def test_it_serves_until_it_is_told_to_end(stored: World) -> None:
    """One line tells where; SIGTERM ends it with status 0, and its log holds no name or value."""
    with process(stored, "--agent", "--metrics", "--verbose", AWS_TOKEN=TOKEN) as server:
        assert server.first_line == f"listening on http://127.0.0.1:{server.port}\n"
        assert server.get("/ping") == (200, b"healthy")
        assert json.loads(server.get("/v1/a")[1])["SecretString"] == CANARY
        assert server.get("/v1/other")[0] == 400
        assert b'operation="agent",outcome="Success"} 1\n' in server.get("/metrics")[1]
        status, out, err = server.end(signal.SIGTERM)
    assert (status, out) == (0, "")
    lines = [line.split(maxsplit=1)[1].rpartition(" ")[0] for line in err.splitlines()]
    assert [line.rsplit(maxsplit=1)[0] for line in lines] == [
        "ping Success 200",
        "agent Success 200",
        "agent ResourceNotFoundException 400",
        "metrics Success 200",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_signals_that_end_programs_end_it_as_well(
    stored: World, number: signal.Signals
) -> None:
    """Ctrl-C and a terminal that closes, without a word."""
    with (
        process(stored) as server,
        socket.create_connection(("127.0.0.1", server.port)) as idle,
    ):
        idle.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert received(idle).endswith(b"healthy")
        assert server.end(number) == (0, "", "")
        assert idle.recv(1) == b""


def test_what_was_asked_is_answered_before_it_ends(stored: World) -> None:
    """Requests that wait for the vault when SIGTERM comes; no new connection is taken."""
    lock = FileLock(os.path.join(stored.directory, "audit", LOCK_FILE), WAIT_S)
    with process(stored, "--agent", AWS_TOKEN=TOKEN) as server, ExitStack() as open_ones:
        address = "127.0.0.1", server.port
        connections = [socket.create_connection(address) for _ in range(40)]
        for each in connections:
            open_ones.enter_context(each)
        with lock:
            for each in connections:
                each.sendall(READ)
            time.sleep(1)
            server.running.send_signal(signal.SIGTERM)
            await_refused(address)
        for each in connections:
            assert CANARY.encode() in received(each)
            assert each.recv(1) == b""
        assert server.running.wait(WAIT_S) == 0
    lock.close()


def await_refused(address: tuple[str, int]) -> None:
    """Wait until nobody listens there any more."""
    ends = time.monotonic() + WAIT_S
    while time.monotonic() < ends:
        try:
            socket.create_connection(address).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)
    raise AssertionError("connections are still taken")


def test_what_was_sent_when_it_is_told_to_end_is_answered(stored: World) -> None:
    """Also by connections that it has not accepted yet."""
    for _ in range(4):
        with process(stored, "--agent", AWS_TOKEN=TOKEN) as server, ExitStack() as open_ones:
            address = "127.0.0.1", server.port
            connections = [socket.create_connection(address) for _ in range(20)]
            for each in connections:
                open_ones.enter_context(each)
                each.sendall(READ)
            server.running.send_signal(signal.SIGTERM)
            assert all(CANARY.encode() in received(each) for each in connections)
            assert server.running.wait(WAIT_S) == 0


def test_a_kill_loses_nothing_that_was_answered(stored: World) -> None:
    """Kill -9 under load: the journal verifies and tells of each read; each write holds."""
    answered: list[str] = []
    written: list[str] = []

    def read(port: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        try:
            while True:
                connection.request("GET", "/v1/a", headers={"X-Vault-Token": TOKEN})
                answer = connection.getresponse()
                if CANARY.encode() in answer.read():
                    answered.append(answer.headers["x-amzn-requestid"])
        except (OSError, HTTPException):
            connection.close()

    def write(client: Any) -> None:
        with suppress(BotoCoreError):
            while True:
                said = client.put_secret_value(SecretId="a", SecretString=f"{CANARY}-2")
                written.append(said["VersionId"])

    client = client_of(stored)
    with process(stored, "--agent", AWS_TOKEN=TOKEN) as server:
        threads = [Thread(target=read, args=(server.port,)) for _ in range(6)]
        threads += [Thread(target=write, args=(client(server.url),)) for _ in range(2)]
        for each in threads:
            each.start()
        while len(answered) < 100 or len(written) < 10:
            time.sleep(0.01)
        server.end(signal.SIGKILL)
        for each in threads:
            each.join(WAIT_S)
    done = ended(stored, "audit", "verify", "--deep")
    assert done.status == 0, done.stdout + done.stderr
    (folder,) = Path(stored.home).rglob("audit")
    journal = b"".join(path.read_bytes() for path in sorted(folder.glob("*.jsonl")))
    recorded = {json.loads(line)["requestID"] for line in journal.splitlines() if b"Get" in line}
    assert set(answered) <= recorded
    assert CANARY.encode() not in journal
    assert ended(stored, "fsck").status == 0
    words = ("--secret-id", "a", "--include-deprecated", "--query", "Versions[].VersionId")
    assert set(written) <= set(json.loads(ended(stored, "list-secret-version-ids", *words).stdout))


def client_of(world: World) -> Callable[[str], Any]:
    """Make a user who may do everything; return what makes its client for an endpoint."""
    ended(world, "iam", "create-user", "--user-name", "app")
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    words = ("--user-name", "app", "--policy-name", "p", "--policy-document", policy)
    assert ended(world, "iam", "put-user-policy", *words).status == 0
    done = ended(world, "iam", "create-access-key", "--user-name", "app", "--output", "json")
    key = json.loads(done.stdout)["AccessKey"]
    return lambda url: boto3.client(
        "secretsmanager",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_another_vault_in_its_place_is_opened(stored: World) -> None:
    """After a rekey the same key file opens it; of what was asked meanwhile nothing is lost."""
    with process(stored, "--agent", AWS_TOKEN=TOKEN) as server:
        assert server.get("/v1/a")[0] == 200
        assert ended(stored, "rekey").status == 0
        assert CANARY.encode() in server.get("/v1/a")[1]
        assert server.get("/ready") == (200, b"ready")
        words = ("--secret-id", "a", "--secret-string", f"{CANARY}-2")
        assert ended(stored, "put-secret-value", *words).status == 0
        assert f"{CANARY}-2".encode() in server.get("/v1/a")[1]
        assert server.end(signal.SIGTERM) == (0, "", "")


def test_a_vault_that_is_gone_for_good_ends_it(stored: World) -> None:
    """Rekeyed for a key file that is elsewhere: who waits is told so, in the words of AWS."""
    key_file = next(Path(stored.home).rglob("*.key"))
    with process(stored, "--agent", AWS_TOKEN=TOKEN) as server:
        assert server.get("/v1/a")[0] == 200
        server.running.send_signal(signal.SIGSTOP)
        assert ended(stored, "rekey").status == 0
        key_file.rename(key_file.with_suffix(".away"))
        with socket.create_connection(("127.0.0.1", server.port), WAIT_S) as waiting:
            waiting.sendall(READ)
            began = time.monotonic()
            server.running.send_signal(signal.SIGCONT)
            answer = received(waiting)
        assert time.monotonic() - began < 5
        out, err = server.running.communicate(timeout=WAIT_S)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"\r\nx-amzn-requestid: " in answer
    assert b'{"__type":"InternalServiceError",' in answer
    assert (server.running.returncode, out) == (253, "")
    assert "the key file of this vault is not at" in err


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["--listen", "0.0.0.0:0"], 252, "needs --allow-remote and TLS"),
        (["--listen", "[::]:0"], 252, "needs --allow-remote and TLS"),
        (["--listen", "192.0.2.1:0", "--allow-remote"], 252, "needs --allow-remote and TLS"),
        (["--listen", "localhost:0"], 252, "names are not looked up"),
        (["--listen", "8080"], 252, "not IP:PORT"),
        (["--listen", "::1:0"], 252, "an IPv6 address stands in brackets"),
        (["--listen", "[127.0.0.1]:0"], 252, "an IPv6 address stands in brackets"),
        (["--listen", "127.0.0.1:65536"], 252, "not a number up to 65535"),
        (["--listen", "127.0.0.1:-1"], 252, "not a number up to 65535"),
        (["--listen", "127.0.0.1:"], 252, "not a number up to 65535"),
        (["--allow-host", "vault.test:80"], 252, "without a port"),
        (["--allow-host", "*"], 252, "without a port"),
        (["--tls-cert", "cert"], 252, "--tls-cert and --tls-key go together"),
        (["--tls-cert", "none", "--tls-key", "none"], 253, "No such file or directory"),
        (["--agent"], 253, "--agent needs a token"),
        (["--agent-token-file", "none"], 253, "No such file or directory"),
        (["--agent-token-file", "/"], 253, "is not a regular file"),
        (["--agent-token-file", "/dev/null"], 253, "is not a regular file"),
    ],
)
def test_what_cannot_be_served_is_refused_at_the_start(
    stored: World, words: list[str], status: int, sentence: str
) -> None:
    """Before the vault is opened, with what would be right."""
    done = ended(stored, "serve", *words)
    assert done.status == status
    assert sentence in done.stderr
    assert "hint" in done.stderr or status == 252
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        (b"a" * 32, 0o644, "can be reached by somebody else"),
        (b"a" * 32, 0o640, "can be reached by somebody else"),
        (b"ab\n", 0o600, "not one line of at least 16 characters"),
        (b"a" * 32 + b"\n" + b"b" * 32, 0o600, "not one line of at least 16 characters"),
        (b"\xff" * 32, 0o600, "not one line of at least 16 characters"),
        (b" \n", 0o600, "--agent needs a token"),
    ],
)
def test_a_token_that_others_know_or_may_guess_is_none(
    stored: World, tmp_path: Path, content: bytes, mode: int, sentence: str
) -> None:
    """It opens all that the server may read; what is in the file is not repeated."""
    file = tmp_path / "token"
    file.write_bytes(content)
    file.chmod(mode)
    done = ended(stored, "serve", "--listen", "127.0.0.1:0", "--agent-token-file", str(file))
    assert (done.status, sentence in done.stderr) == (253, True)
    assert "aaaa" not in done.stderr


def test_a_port_that_is_taken_is_told(stored: World) -> None:
    """With what takes a free one."""
    with bound(parse("127.0.0.1:0")) as taken:
        port = taken.getsockname()[1]
        done = ended(stored, "serve", "--listen", f"127.0.0.1:{port}")
    assert done.status == 253
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr
    assert "port 0 takes a free one" in done.stderr


def test_troubles_are_told_once_in_a_while_and_hold_nothing(world: World) -> None:
    """Errors of ours with their hint, unless it is for who types commands; of others the class."""
    troubles = Troubles(world.context)
    for _ in range(3):
        troubles.tell(StoreBusyError("the vault is busy", "try again"))
        troubles.tell(ValueError(CANARY))
        troubles.tell(StoreError("another vault was put in the place of this one", AGAIN))
    world.context.stderr.seek(0)
    assert world.context.stderr.read() == (
        "secretctl: warning: the vault is busy\nsecretctl: hint: try again\n"
        "secretctl: warning: unexpected ValueError; nothing more is shown\n"
        "secretctl: warning: another vault was put in the place of this one\n"
    )


def test_tls_is_served_where_it_is_asked_for(stored: World, tmp_path: Path) -> None:
    """To other machines too, with their certificate and the flag; plain HTTP is not answered."""
    cert, key = certificate(tmp_path)
    words = ("--listen", "0.0.0.0:0", "--allow-remote", "--tls-cert", cert, "--tls-key", key)
    with process(stored, *words, "--allow-host", "Vault.test") as server:
        assert server.url.startswith("https://0.0.0.0:")
        trusted = ssl.create_default_context(cafile=cert)
        for host, status in (("127.0.0.1", 200), ("vault.test:443", 200), ("evil.test", 403)):
            plain = socket.create_connection(("127.0.0.1", server.port), WAIT_S)
            with trusted.wrap_socket(plain, server_hostname="localhost") as secured:
                secured.sendall(f"GET /ping HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                assert secured.recv(12) == f"HTTP/1.1 {status}".encode()
        with socket.create_connection(("127.0.0.1", server.port), WAIT_S) as plain:
            plain.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"HTTP" not in plain.recv(4096)
        assert server.end(signal.SIGTERM) == (0, "", "")


def test_a_key_that_does_not_fit_is_told(stored: World, tmp_path: Path) -> None:
    """Before anything is opened; an encrypted one is not asked a password for."""
    cert, _ = certificate(tmp_path)
    (tmp_path / "other").mkdir()
    other = certificate(tmp_path / "other")[1]
    done = ended(stored, "serve", "--tls-cert", cert, "--tls-key", other)
    assert done.status == 253
    assert "the key is not the certificate's" in done.stderr
    done = ended(stored, "serve", "--tls-cert", other, "--tls-key", cert)
    assert done.status == 253
