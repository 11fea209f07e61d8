"""Ctrl-C ends a command without a traceback, however early it comes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Service, World

ROOT = Path(__file__).parents[1]
ENTRIES = {
    "console script": "import secretctl.start\nsecretctl.start.run()",
    "module": "import runpy\nrunpy.run_module('secretctl', run_name='__main__', alter_sys=True)",
}
INTERRUPTED = """
import os, sys
left = int(sys.argv.pop(1))

def interrupt(event, _):
    global left
    if event == "import" and "secretctl.start" in sys.modules:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 2)

sys.addaudithook(interrupt)
"""
SHOW = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
GET = ("get-secret-value", "--secret-id", "a", "--query", "SecretString")
EVERY = 6
"""Of so many imports, one is interrupted."""


def default() -> None:
    """Begin as a terminal's command does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ignored() -> None:
    """Begin as a job in the background of a shell does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run(
    world: World, words: list[str], begin: Callable[[], None]
) -> subprocess.CompletedProcess[str]:
    """Run Python with *words* in the test's home."""
    return subprocess.run(
        [sys.executable, *words],
        env={"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        preexec_fn=begin,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_interrupt_at_any_import_ends_quietly(
    world: World, service: Service, entry: str
) -> None:
    """By the signal itself, so that a script around ends as well; nothing is said."""
    service("CreateSecret", Name="a", SecretString="v")
    code = INTERRUPTED + ENTRIES[entry]
    endings = []
    for number in range(1, 1000, EVERY):
        done = run(world, ["-c", code, str(number), *GET], default)
        if done.returncode == 0:
            break
        assert (done.stdout, done.stderr) == ("", "")
        endings.append(done.returncode)
    assert set(endings) == {-signal.SIGINT}
    assert done.stdout == '"v"\n'


def test_what_was_ignored_stays_ignored(world: World, service: Service) -> None:
    """A background job is not ended by a Ctrl-C for another, nor is what it becomes by exec."""
    service("CreateSecret", Name="a", SecretString="v")
    code = INTERRUPTED + ENTRIES["console script"]
    for number in (1, 40):
        assert run(world, ["-c", code, str(number), *GET], ignored).stdout == '"v"\n'
    for begin, expected in ((ignored, "True\n"), (default, "False\n")):
        words = ["-m", "secretctl", "exec", "a", "--", sys.executable, "-c", SHOW]
        assert run(world, words, begin).stdout == expected
