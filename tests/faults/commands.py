"""Command lines run in this process or in one of their own, and what they said."""

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from secretctl.__main__ import main
from secretctl.context import Context
from tests.conftest import World

ROOT = Path(__file__).parents[2]
SEEN = """
import secretctl.__main__ as program
program._hide_memory = lambda: None
program.run()
"""
"""The program, but for what keeps strace from looking into it."""


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


def ended(world: World, *words: str, context: Context | None = None) -> Ended:
    """Run a command in the test's home, as if it had a process of its own."""
    out, err = io.StringIO(), io.StringIO()
    given = (context or world.context)._replace(stdout=out, stderr=err)
    return Ended(main(list(words), given), out.getvalue(), err.getvalue())


def strace(*options: str) -> list[str]:
    """Return what runs a command under strace with *options*.

    Stopping it at the calls asked for only takes half the time, and drops a signal that is sent.
    """
    only = [] if any(":signal=" in option for option in options) else ["--seccomp-bpf"]
    return ["strace", "-f", "-qq", *only, *options]


def separately(
    world: World, words: Sequence[str], *, before: Sequence[str] = (), stdin: str = "", **more: str
) -> Ended:
    """Run a command in a process of its own.

    Args:
        world: Whose home it runs in.
        words: The command line.
        before: What runs it, strace with its options.
        stdin: What it reads.
        more: Variables of its environment.
    """
    environ = {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*before, sys.executable, "-c", SEEN, *words],
        env={**environ, **more},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
