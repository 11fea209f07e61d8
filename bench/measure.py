"""Interleaved measurements: only ratios of medians from one run mean anything.

On a shared machine absolute times drift by half within minutes; commands that are compared are
therefore run in turns.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table."""

    what: str
    measured: str
    goal: str
    holds: bool | None
    """None where nothing was promised."""


def clean_environment(home: str) -> dict[str, str]:
    """Return an environment without what would distort the start of Python."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    return {**kept, "HOME": home, "AWS_PAGER": ""}


def commands(cases: dict[str, list[str]], runs: int, environ: dict[str, str]) -> dict[str, float]:
    """Return the median seconds of each command, run in turns."""
    return functions({name: partial(run, argv, environ) for name, argv in cases.items()}, runs)


def functions(cases: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the median seconds of each function, run in turns."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, function in cases.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def run(argv: list[str], environ: dict[str, str]) -> None:
    """Run a command, its output thrown away."""
    subprocess.run(argv, env=environ, stdout=subprocess.DEVNULL, check=True)


def wait_for(port: int) -> None:
    """Wait until something listens there."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the moto server does not answer")


_PEAK = """
import os, sys
nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[nowhere])
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""
"""Tells the exit status of a command and its greatest resident size, in kibibytes."""


def peak_memory_mib(argv: list[str], environ: dict[str, str]) -> float:
    """Return the greatest resident size of a command, in mebibytes.

    NOTE: what a process was before exec counts for Linux, so a small one starts the command.
    """
    words = [sys.executable, "-I", "-S", "-c", _PEAK, *argv]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    status, peak_kib = map(int, done.stdout.split())
    assert status == 0, done.stderr
    return peak_kib / 1024


def ratio_row(what: str, ratio: float, goal: float) -> Row:
    """Return a row that holds when *ratio* is at most *goal*."""
    return Row(what, f"{ratio:.2f} x", f"<= {goal} x", ratio <= goal)


def floor_row(what: str, value: float, goal: float, unit: str) -> Row:
    """Return a row that holds when *value* is at least *goal*."""
    return Row(what, f"{value:,.2f} {unit}", f">= {goal:,} {unit}", value >= goal)


def table(rows: list[Row]) -> str:
    """Return the rows as text."""
    words = {True: "yes", False: "NO", None: "-"}
    lines = [(row.what, row.measured, row.goal, words[row.holds]) for row in rows]
    lines.insert(0, ("", "measured", "goal", "holds"))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
