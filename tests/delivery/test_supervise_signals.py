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
    signal.signal(number, lambda number, _: got.append(number))
print("ready", flush=True)
end = time.monotonic() + 5
while 10 not in got and time.monotonic() < end:
    time.sleep(0.01)
time.sleep(0.1)
print(*got, flush=True)
"""
"""Ends soon after SIGUSR1."""


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
        os.killpg(child.pid, number)
        time.sleep(0.05)
        child.send_signal(number)
        time.sleep(0.05)
    os.killpg(child.pid, signal.SIGUSR1)
    assert child.communicate(timeout=10)[0] == b"15 15 1 1 2 2 18 18 10\n"


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
    assert is_readable(child.stderr.fileno(), 5)
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
