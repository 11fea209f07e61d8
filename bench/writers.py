"""Processes that create secrets at the same time, each telling how it fared."""

import json
import multiprocessing
import os
import sys
import time
from typing import NamedTuple

from bench import vaults
from secretctl.cli import opening


class Outcome(NamedTuple):
    """What all writers together did."""

    per_second: float
    longest_wait_s: float
    errors: int


def run(home: str, processes: int, seconds: float) -> Outcome:
    """Let *processes* create secrets for *seconds*."""
    spawn = multiprocessing.get_context("spawn")
    queue = spawn.Queue()
    begin_at = time.time() + 1.5
    writers = [
        spawn.Process(target=_write, args=(home, begin_at, seconds, queue))
        for _ in range(processes)
    ]
    for writer in writers:
        writer.start()
    reports = [json.loads(queue.get()) for _ in writers]
    for writer in writers:
        writer.join()
    return Outcome(
        per_second=sum(report["done"] for report in reports) / seconds,
        longest_wait_s=max(report["longest"] for report in reports),
        errors=sum(report["errors"] for report in reports),
    )


def _write(home: str, begin_at: float, seconds: float, queue: "multiprocessing.Queue[str]") -> None:
    directory = os.path.join(home, ".local/share/secretctl/default")
    create = vaults.creator(opening.open_vault(directory, vaults.context(home)), home)
    done, errors, longest = 0, 0, 0.0
    time.sleep(max(0.0, begin_at - time.time()))
    end = time.monotonic() + seconds
    while (start := time.monotonic()) < end:
        try:
            create()
        except Exception as error:  # noqa: BLE001 whatever it is, it is counted
            sys.stderr.write(f"{type(error).__name__}\n")
            errors += 1
        done += 1
        longest = max(longest, time.monotonic() - start)
    queue.put(json.dumps({"done": done, "errors": errors, "longest": longest}))
