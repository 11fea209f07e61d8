"""Measures of the journal: appending, many at once, verifying, asking."""

import hashlib
import multiprocessing
import os
import time
from functools import partial

from bench import vaults
from bench.measure import (
    Row,
    clean_environment,
    floor_row,
    functions,
    peak_memory_mib,
    ratio_row,
)
from secretctl.audit import segments
from secretctl.audit.event import SERVICE, Event
from secretctl.audit.lookup import lookup_events
from secretctl.audit.reader import Reader
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verify import verify
from secretctl.cli import opening
from secretctl.service.proof import keys_of
from secretctl.service.session import Session

_GROUP = 64
_PROCESSES = 16
_EVENT = Event(
    "GetSecretValue",
    SERVICE,
    vaults.REGION,
    read_only=True,
    request={"secretId": "bench/0"},
    arns=(f"arn:aws:secretsmanager:{vaults.REGION}:000000000000:secret:bench/0-AbCdEf",),
    additional={"decision": {"allowed": True, "reason": "account root"}, "versionId": "0" * 32},
)


def rows(base: str, program: str, long: int, runs: int) -> list[Row]:
    """Return the lines of the table; *long* is how many records the long journal has."""
    homes = {10_000: os.path.join(base, "short"), long: os.path.join(base, "long")}
    directories = {size: vaults.journal(home, size) for size, home in homes.items()}
    return [
        *_appending(os.path.join(base, "appending"), runs),
        *_verifying(homes[long], directories[long], long),
        _memory(homes, program, long),
        _asking(directories, long, runs),
    ]


def _session(home: str) -> Session:
    place = os.path.join(home, ".local/share/secretctl/default")
    context = vaults.context(home)
    return vaults.session(opening.open_vault(place, context), home)


def _appending(home: str, runs: int) -> list[Row]:
    vaults.filled(home, 1).close()
    dealings = _session(home)
    dealings.recorder.write([_EVENT])
    path = os.path.join(dealings.recorder.journal.directory, segments.name_of(1))
    with open(path, "rb") as file:
        size = len(file.readlines()[-1])
    handle = os.open(os.path.join(home, "bare"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def bare() -> None:
        os.write(handle, bytes(size))
        os.fdatasync(handle)

    one = partial(dealings.recorder.write, [_EVENT])
    took = functions({"bare": bare, "one": one}, 10 * runs)
    groups = functions(
        {
            "group": partial(dealings.recorder.write, [_EVENT] * _GROUP),
            "singly": lambda: [one() for _ in range(_GROUP)],
        },
        max(5, runs // 4),
    )
    dealings.close()
    alone, many = _rate(home, 1), _rate(home, _PROCESSES)
    return [
        floor_row("durable append / bare write and sync", took["bare"] / took["one"], 0.6, "x"),
        floor_row("a group of 64 / 64 appends", groups["singly"] / groups["group"], 8, "x"),
        floor_row("appends of 16 processes / of one", many / alone, 0.5, "x"),
    ]


def _rate(home: str, processes: int) -> float:
    """Return how many appends a second that many processes do in all."""
    spawn = multiprocessing.get_context("spawn")
    begin_at = time.time() + 2
    with spawn.Pool(processes) as pool:
        done = pool.starmap(_append, [(home, begin_at)] * processes, chunksize=1)
    return sum(done) / 3


def _append(home: str, begin_at: float) -> int:
    dealings = _session(home)
    time.sleep(max(0.0, begin_at - time.time()))
    done, end = 0, begin_at + 3
    while time.time() < end:
        dealings.recorder.write([_EVENT])
        done += 1
    dealings.close()
    return done


def _verifying(home: str, directory: str, count: int) -> list[Row]:
    dealings = _session(home)
    keys = keys_of(dealings.vault)

    def hashed() -> None:
        for number in segments.numbers(directory):
            with open(os.path.join(directory, segments.name_of(number)), "rb") as file:
                hashlib.file_digest(file, "sha256")

    def checked(*, deep: bool) -> None:
        assert not verify(Snapshot(directory), keys, [], deep=deep).findings

    took = functions({"hash": hashed, "quick": partial(checked, deep=False)}, 3)
    deep = functions({"deep": partial(checked, deep=True)}, 1)["deep"]
    dealings.close()
    return [
        floor_row("verify by digests / SHA-256 alone", took["hash"] / took["quick"], 0.5, "x"),
        floor_row("verify --deep", count / deep, 80_000, "a second"),
    ]


def _memory(homes: dict[int, str], program: str, long: int) -> Row:
    words = [program, "audit", "verify", "--deep"]
    used = {size: peak_memory_mib(words, clean_environment(home)) for size, home in homes.items()}
    what = f"memory of verify --deep at {long:,} / at 10,000"
    return ratio_row(what, used[long] / used[10_000], 1.2)


def _asking(directories: dict[int, str], long: int, runs: int) -> Row:
    asked: dict[str, object] = {"MaxResults": 50}
    took = functions(
        {
            str(size): partial(lookup_events, Reader(directory), asked, 0)
            for size, directory in directories.items()
        },
        5 * runs,
    )
    return ratio_row(f"last 50 events of {long:,} / of 10,000", took[str(long)] / took["10000"], 2)
