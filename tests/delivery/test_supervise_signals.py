"""Signals to a whole job, streams that nobody reads, and the death of what masks."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.delivery.test_supervise import (
    ENVIRONMENT,
    PYTHON,
    VALUE,
    WAYS,
    is_readable,
    started,
)

COUNTING = """
import signal, sys, time
got = []
for number in (1, 2, 10, 15, 18):
    signal.signal(number, lambda number, _: (got.append(number), print(number, flush=True)))
print("ready", flush=True)
end = time.monotonic() + 30
while 10 not in got and time.monotonic() < end:
    time.sleep(0.01)
time.sleep(0.1)
"""
"""Tells of each signal; ends soon after SIGUSR1."""


@pytest.mark.parametrize("way", [*WAYS, "files"])
def test_signal_to_the_whole_job_arrives_once(way: str) -> None:
    """As bare, whatever the signal; then one to us alone is passed on as ever."""
    child = subprocess.Popen(
        [*PYTHON, "run", way, sys.executable, "-c", COUNTING],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    assert child.stdout
    assert child.stdout.readline() == b"ready\n"
    time.sleep(0.3)  # two that come while we begin may arrive as one
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGCONT):
        for send in (os.killpg, os.kill):  # two that come at once may arrive as one
            send(child.pid, number)
            assert int(child.stdout.readline()) == number
            await_taken(child.pid, number)
            time.sleep(0.02)
    os.killpg(child.pid, signal.SIGUSR1)
    assert child.communicate(timeout=20)[0] == b"10\n"


def await_taken(process: int, number: int) -> None:
    """Wait until *process* has taken what it was sent of a signal."""
    for _ in range(1000):
        status = Path(f"/proc/{process}/status").read_text()
        pending = [line.split()[1] for line in status.splitlines() if "Pnd:" in line]
        if not any(int(each, 16) >> number - 1 & 1 for each in pending):
            return
        time.sleep(0.01)
    raise AssertionError(number)


def test_signal_to_all_of_our_name_is_passed_on() -> None:
    """Who looks processes up by name or command line finds us, and not the relay beside us."""
    child = started("masked", "echo ready; exec sleep 9")
    assert child.stdout
    assert child.stdout.readline() == b"ready\n"
    mine = Path(f"/proc/{child.pid}/cmdline").read_bytes()
    beside = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
    for process in beside:
        assert Path(f"/proc/{process}/cmdline").read_bytes()[:20] != mine[:20]
    child.terminate()
    assert child.wait(10) == -signal.SIGTERM
    child.communicate()


@pytest.mark.parametrize("way", ["bare", "masked"])
def test_stream_that_nobody_reads_holds_up_no_other(way: str) -> None:
    """Standard error goes on while standard output is full."""
    child = started(way, "(head -c 3000000 /dev/zero; :) & sleep 0.3; echo READY >&2; wait")
    assert child.stdout
    assert child.stderr
    assert is_readable(child.stderr.fileno(), 20)
    assert child.stderr.readline() == b"READY\n"
    assert len(child.stdout.read()) == 3_000_000
    child.communicate()
    assert child.returncode == 0


@pytest.mark.parametrize(("script", "code"), [("exit 0", 255), ("exit 3", 3)])
def test_killed_relay_is_an_error(script: str, code: int) -> None:
    """What was written is lost, and that is said."""
    child = started(
        "masked",
        f"trap '' PIPE; echo ready; read a; echo {VALUE} 2>&-; {script}",
        stdin=subprocess.PIPE,
    )
    assert child.stdout
    assert child.stdout.readline() == b"ready\n"
    relay, _ = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
    os.kill(int(relay), signal.SIGKILL)
    out, error = child.communicate(b"\n", timeout=10)
    assert (out, child.returncode) == (b"", code)
    assert b"the output could not be written: what masks it was killed" in error
