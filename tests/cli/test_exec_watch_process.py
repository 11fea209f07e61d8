"""``exec --watch`` as processes: changed while it runs, by many, killed, and left in peace."""

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.access.conftest import Account
from tests.conftest import World
from tests.delivery.test_watching import await_descriptors, gone, settled
from tests.test_startup import environment

VALUES = ["canary-1", "canary-2", "canary-3"]
LASTING = "while :; do sleep 0.05; done"

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def root(world: World) -> Account:
    """The account root, with a secret."""
    account = Account(world.context)
    account.must("create-secret", "--name", "a", "--secret-string", VALUES[0])
    return account


@pytest.fixture
def start(world: World) -> Iterator[Start]:
    """Start command lines of exec, whose secret is V, that are killed at the end."""
    begun = []

    def run(*words: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "secretctl", "exec", "V=a", *words]
        pipe = subprocess.PIPE
        env = environment(world)
        child = subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, cwd=world.home)
        begun.append(child)
        return child

    yield run
    for child in begun:
        child.kill()
        child.communicate()


def line(child: "subprocess.Popen[bytes]") -> str:
    """Return the next line of what it writes."""
    assert child.stdout
    return child.stdout.readline().decode().strip()


def put(account: Account, value: str) -> None:
    """Change the secret."""
    account.must("put-secret-value", "--secret-id", "a", "--secret-string", value)


def test_two_watchers_follow_changes_by_others(root: Account, start: Start) -> None:
    """Both with the value that was last put, however many came before; values stay masked."""
    script = f"echo $V {VALUES[0]}; [ $V = {VALUES[2]} ] && exit 4; {LASTING}"
    plain = start("--watch", "--no-mask", "--", "sh", "-c", script)
    masked = start("--watch", "--mask", "--", "sh", "-c", script)
    assert line(plain) == f"{VALUES[0]} {VALUES[0]}"
    assert line(masked) == "*** ***"
    for number in range(5):
        put(root, f"between-{number}")
    put(root, VALUES[2])
    assert line(plain) == f"{VALUES[2]} {VALUES[0]}"
    assert line(masked) == "*** ***"
    for child in (plain, masked):
        assert child.wait(20) == 4
        assert child.stderr
        told = child.stderr.read().decode()
        assert "secretctl: note: changed: V; the command is run again\n" in told
        assert "after it was started again with changed secrets\n" in told
        assert "canary" not in told
    verified = root("audit", "verify", "--deep")
    assert verified.status == 0
    events = json.loads(root("audit", "lookup-events", "--query", "Events[].EventName").out)
    assert events.count("Exec") == 4


def test_signalled_command_finds_its_files_renewed(root: Account, start: Start) -> None:
    """At the path it knows, whole; what it had open stays as it was; gone with it."""
    script = (
        'trap \'cat "$F"; cat <&9; echo\' USR1; exec 9< "$F"; echo "$F"; '
        "while :; do sleep 0.05; done"
    )
    child = start("--file", "F=a", "--watch-signal", "USR1", "--", "sh", "-c", script)
    path = Path(line(child))
    assert path.read_text() == VALUES[0]
    put(root, VALUES[1])
    assert line(child) == VALUES[1] + VALUES[0]
    assert [each.name for each in path.parent.iterdir()] == ["F"]
    assert path.stat().st_mode & 0o777 == 0o600
    child.terminate()
    assert child.wait(10) == -signal.SIGTERM
    assert not path.parent.exists()


@pytest.mark.parametrize("kind", ["file", "fifo", "descriptor"])
def test_next_command_has_files_of_its_own(root: Account, start: Start, kind: str) -> None:
    """Of whatever kind; those of the one before are gone."""
    script = 'cat "$F"; echo; echo "$F"; ls /proc/self/fd | wc -l; while :; do sleep 0.05; done'
    child = start("--file", "F=a", "--file-kind", kind, "--watch", "--", "sh", "-c", script)
    first = [line(child) for _ in range(3)]
    opened = settled(child.pid)
    put(root, VALUES[1])
    second = [line(child) for _ in range(3)]
    await_descriptors(child.pid, opened)
    assert (first[0], second[0]) == (VALUES[0], VALUES[1])
    assert first[2] == second[2]
    if kind != "descriptor":
        assert not Path(first[1]).exists()
        assert Path(second[1]).exists()
    child.terminate()
    assert child.wait(10) == -signal.SIGTERM
    assert kind == "descriptor" or not Path(second[1]).exists()


def test_killed_watcher_takes_its_command_along(root: Account, start: Start) -> None:
    """Of the first program and of the next."""
    child = start("--watch", "--", "sh", "-c", f"echo $V $$; {LASTING}")
    assert line(child).startswith(VALUES[0])
    begin = time.monotonic()
    put(root, VALUES[1])
    process = line(child).split()[1]
    assert time.monotonic() - begin < 8  # no grace for what ends at once with its children
    child.kill()
    child.wait()
    assert gone(process)


def test_idle_watcher_does_nothing(root: Account, start: Start, world: World) -> None:
    """No look at the vault, no record, next to no time, while nothing is changed; once it waits."""
    child = start("--watch", "--", "sh", "-c", "echo ready; exec sleep 60")
    assert line(child) == "ready"
    settled(child.pid)
    audit = Path(world.directory, "audit")
    before = {path.name: path.read_bytes() for path in audit.iterdir()}
    assert any(switches_in(2, child.pid) <= 1 for _ in range(4))
    assert {path.name: path.read_bytes() for path in audit.iterdir()} == before
    assert root("list-secrets").status == 0


def switches_in(seconds: float, process: int) -> int:
    """Return how often a process goes to sleep in that time."""
    begin = switches(process)
    time.sleep(seconds)
    return switches(process) - begin


def switches(process: int) -> int:
    """Return how often a process went to sleep."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])


def test_signal_reaches_the_command(root: Account, start: Start) -> None:
    """Which goes on, and may read the secret by itself."""
    child = start(
        "--watch-signal", "USR1", "--", "sh", "-c", f"trap 'echo usr' USR1; echo $V; {LASTING}"
    )
    assert line(child) == VALUES[0]
    put(root, VALUES[1])
    assert line(child) == "usr"
    child.send_signal(signal.SIGTERM)
    assert child.wait(10) == -signal.SIGTERM


def test_what_we_cannot_write_ends_no_command(root: Account, start: Start) -> None:
    """Nobody reads our messages any more, and the command has no part in that."""
    script = f"trap 'echo usr' USR1; echo $V; {LASTING}"
    child = start("--watch-signal", "USR1", "--no-mask", "--", "sh", "-c", script)
    assert line(child) == VALUES[0]
    assert child.stderr
    child.stderr.close()
    for value in VALUES[1:]:
        put(root, value)
        assert line(child) == "usr"
    child.stderr = None
    child.terminate()
    assert child.wait(10) == -signal.SIGTERM


def test_journal_that_may_not_grow_ends_no_command(root: Account, start: Start) -> None:
    """It is tried again until it may, and then the new value is handed over."""
    child = start("--watch", "--", "sh", "-c", f"trap 'echo term; exit' TERM; echo $V; {LASTING}")
    assert line(child) == VALUES[0]
    most = resource.RLIM_INFINITY
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (1000, most))
    put(root, VALUES[1])
    time.sleep(1.7)  # the first look is over
    assert child.poll() is None
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (most, most))
    assert [line(child), line(child)] == ["term", VALUES[1]]
    child.terminate()
    assert child.wait(10) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--watch-signal", "KILL"], "'--watch-signal' takes one of: HUP, INT"),
        (["--watch-grace", "5"], "'--watch-grace' is for '--watch'"),
        (["--watch", "--watch-grace", "soon"], "'--watch-grace' takes seconds, from 0 to 86400"),
        (["--watch", "--watch-grace", "1e3"], "'--watch-grace' takes seconds, from 0 to 86400"),
        (["--watch", "--watch-grace", "100000"], "'--watch-grace' takes seconds, from 0 to 86400"),
        (["--watch-signal", "HUP", "--watch-grace", "5"], "not allowed with argument"),
        (["--watch", "--watch-signal", "HUP"], "--watch: not allowed with argument --watch-signal"),
        (["--watch-signal", "HUP", "--watch-signal", "INT"], "is given twice"),
    ],
)
def test_words_that_mean_nothing_are_refused(root: Account, words: list[str], said: str) -> None:
    """Before anything is read."""
    found = root("exec", "V=a", *words, "--", "true")
    assert found.status == 252
    assert said in found.err
