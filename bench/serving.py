"""The rate of ``serve`` under many connections, beside moto's server, from the same client.

moto checks no signature and keeps nothing; here each read is signed, decided on and durable in the
journal before it is answered. Cases are loaded in turns, so that a busy machine is so for all. What
is served is ``secretctl[serve]``; one row is of a server that has to do without.
"""

import json
import os
import random
import selectors
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from bench import vaults
from bench.measure import Row, clean_environment, floor_row, ratio_row, wait_for
from secretctl.sigv4.keys import Scope
from secretctl.sigv4.request import Request
from secretctl.sigv4.signing import Credential, sign
from secretctl.sigv4.times import basic

_CONNECTIONS = 64
_TURNS = 5
_FEW = 1000
_MEMORY = "/dev/shm"
_WITHOUT_EXTRAS = """import sys
sys.modules["httptools"] = sys.modules["uvloop"] = None
from secretctl.start import run
run()
"""
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"},
    }
)


class Load(NamedTuple):
    """What came of one turn."""

    rate: float
    """Answers in a second."""

    latencies: list[float]
    """Seconds, sorted."""


class Target(NamedTuple):
    """A server, and what it is asked."""

    port: int
    pid: int
    requests: list[bytes]


def rows(base: str, venv: str, many: int, turn_s: float) -> list[Row]:
    """Return the rows; each case is loaded for *turn_s* seconds at a time.

    Args:
        base: A folder on a disk.
        venv: Where the program and moto are installed.
        many: How many secrets the large vault has.
        turn_s: Seconds.
    """
    with ExitStack() as running:
        targets = {
            "moto": running.enter_context(_moto(base, venv)),
            "few": running.enter_context(_serve(os.path.join(base, "serve-few"), venv, _FEW)),
            "bare": running.enter_context(
                _serve(os.path.join(base, "serve-bare"), venv, _FEW, is_bare=True)
            ),
            "many": running.enter_context(_serve(os.path.join(base, "serve-many"), venv, many)),
        }
        if os.path.isdir(_MEMORY):
            home = os.path.join(_MEMORY, f"secretctl-bench-{os.getpid()}")
            running.callback(subprocess.run, ["rm", "-rf", home], check=False)
            targets["in memory"] = running.enter_context(_serve(home, venv, _FEW))
        loads: dict[str, list[Load]] = {name: [] for name in targets}
        _load(targets["few"], turn_s)
        before = _resident(targets["few"].pid)
        for _ in range(_TURNS):
            for name, target in targets.items():
                loads[name].append(_load(target, turn_s))
        grown = _resident(targets["few"].pid) / before
    rates = {name: statistics.median(each.rate for each in of) for name, of in loads.items()}
    return [*_rates(rates, many), _latency(loads["few"]), ratio_row("serve: memory", grown, 1.1)]


def starts(base: str, venv: str, runs: int) -> list[Row]:
    """Return how much later a command starts that is given an endpoint of its own.

    Args:
        base: A folder on a disk.
        venv: Where the program is installed.
        runs: How often each case is run.
    """
    home, python = os.path.join(base, "endpoint"), f"{venv}/bin/python"
    vaults.filled(home, 1).close()
    environ, begins = clean_environment(home), "import secretctl.cli.exec_endpoint"
    command = [f"{venv}/bin/secretctl", "exec", "bench/0", "--", "echo"]
    cases = {
        "floor": [python, "-c", "pass"],
        "before": [python, "-c", begins],
        "server": [python, "-c", f"{begins}, secretctl.server.endpoint"],
        "exec": command,
        "endpoint": [*command[:2], "--aws-endpoint", *command[2:]],
    }
    spent: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, words in cases.items():
            spent[name].append(_until_first_word(words, environ))
    took = {name: statistics.median(several) for name, several in spent.items()}
    bound = 2 * took["floor"] + took["server"] - took["before"]
    what = "exec --aws-endpoint: later start / 2 floors and the server's import"
    return [ratio_row(what, (took["endpoint"] - took["exec"]) / bound, 1)]


def _until_first_word(words: list[str], environ: dict[str, str]) -> float:
    """Return the seconds until a command says something, or ends; the next one finds it ended."""
    begins = time.perf_counter()
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.read(1)
        return time.perf_counter() - begins


def _rates(rates: dict[str, float], many: int) -> Iterator[Row]:
    few = rates["few"]
    yield floor_row("serve / moto_server, 64 connections", few / rates["moto"], 5, "x")
    what = "without httptools and uvloop / moto_server"
    yield Row(what, f"{rates['bare'] / rates['moto']:,.2f} x", "", None)
    yield floor_row(f"serve with {many:,} secrets / with {_FEW:,}", rates["many"] / few, 0.6, "x")
    if "in memory" in rates:
        what = "serve, synced to the disk / a vault in memory"
        yield floor_row(what, few / rates["in memory"], 0.5, "x")


def _latency(loads: list[Load]) -> Row:
    ratios = [each.latencies[len(each.latencies) * 99 // 100] / _middle(each) for each in loads]
    return ratio_row("serve: 99th percentile / median", statistics.median(ratios), 4)


def _middle(load: Load) -> float:
    return load.latencies[len(load.latencies) // 2]


def _load(target: Target, seconds: float) -> Load:
    """Ask by many connections, each again as soon as it is answered.

    NOTE: by hand, since the client has the machine together with the server.
    """
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector, ExitStack() as connections:
        for _ in range(_CONNECTIONS):
            _ask(selector, target, connections)
        ends = time.perf_counter() + seconds
        while time.perf_counter() < ends:
            for key, _ in selector.select(1):
                begins, so_far = key.data
                part = key.fileobj.recv(65536)  # type: ignore[union-attr]  # a socket, by `_ask`
                answer = so_far + part
                if part and not _is_whole(answer):
                    selector.modify(key.fileobj, selectors.EVENT_READ, (begins, answer))
                    continue
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise SystemExit("a request was refused")
                now = time.perf_counter()
                latencies.append(now - begins)
                if b"onnection: close" in answer or not part:
                    selector.unregister(key.fileobj)
                    _ask(selector, target, connections)
                else:
                    key.fileobj.send(random.choice(target.requests))  # type: ignore[union-attr]  # likewise
                    selector.modify(key.fileobj, selectors.EVENT_READ, (now, b""))
    return Load(len(latencies) / seconds, sorted(latencies))


def _ask(selector: selectors.BaseSelector, target: Target, connections: ExitStack) -> None:
    """Open a connection, and ask the first time."""
    connection = socket.create_connection(("127.0.0.1", target.port))
    connections.enter_context(connection)
    connection.send(random.choice(target.requests))
    selector.register(connection, selectors.EVENT_READ, (time.perf_counter(), b""))


def _is_whole(answer: bytes) -> bool:
    end = answer.find(b"\r\n\r\n")
    place = answer.lower().find(b"content-length: ")
    if not 0 < place < end:
        return False
    length = answer[place + 16 : answer.index(b"\r\n", place)]
    return len(answer) - end - 4 >= int(length)


@contextmanager
def _serve(home: str, venv: str, count: int, *, is_bare: bool = False) -> Iterator[Target]:
    """Serve a vault of *count* secrets to a user of its own."""
    vaults.filled(home, count).close()
    environ, program = clean_environment(home), f"{venv}/bin/secretctl"

    def ask(*words: str) -> str:
        done = subprocess.run([program, *words], env=environ, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode()

    ask("iam", "create-user", "--user-name", "b")
    ask(
        *("iam", "put-user-policy", "--user-name", "b"),
        *("--policy-name", "p", "--policy-document", _POLICY),
    )
    key = json.loads(ask("iam", "create-access-key", "--user-name", "b"))["AccessKey"]
    given = Credential(key["AccessKeyId"], key["SecretAccessKey"])
    begins = [f"{venv}/bin/python", "-c", _WITHOUT_EXTRAS] if is_bare else [program]
    words = [*begins, "serve", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline().rpartition(b":")[2])
        names = [f"bench/{random.randrange(count)}" for _ in range(_FEW)]
        yield Target(port, server.pid, [_request(port, name, given) for name in names])
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _moto(base: str, venv: str) -> Iterator[Target]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [f"{venv}/bin/moto_server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(words, cwd=base, stdout=quiet, stderr=quiet)
    try:
        wait_for(port)
        given = Credential("x", "x")
        create = {"Name": "bench/0", "SecretString": vaults.VALUE, "ClientRequestToken": "0" * 32}
        made = _request(port, "", given, "CreateSecret", create)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(made)
            connection.recv(65536)
        yield Target(port, server.pid, [_request(port, "bench/0", given)])
    finally:
        server.terminate()
        server.wait()


def _request(
    port: int,
    name: str,
    given: Credential,
    operation: str = "GetSecretValue",
    asked: dict[str, str] | None = None,
) -> bytes:
    body = json.dumps(asked or {"SecretId": name}).encode()
    headers = (
        ("Host", f"127.0.0.1:{port}"),
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", f"secretsmanager.{operation}"),
    )
    scope = Scope(basic(time.time_ns() // 1_000_000), vaults.REGION, "secretsmanager")
    signed = sign(Request("POST", "/", "", headers, body), given, scope)
    lines = [f"{each}: {value}" for each, value in (*headers, *signed)]
    head = "\r\n".join(["POST / HTTP/1.1", *lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode() + body


def _resident(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        line = next(each for each in file if each.startswith("VmRSS"))
    return float(line.split()[1])
