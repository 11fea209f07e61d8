"""Measure what the project promises about speed, and print it as a table.

Everything is installed anew, not editable and with bytecode compiled, into ``.bench-venv``.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from functools import partial
from typing import cast

from bench import (
    access,
    check,
    importing,
    journal,
    masking,
    policies,
    rotating,
    serving,
    vaults,
    writers,
)
from bench.measure import (
    Row,
    clean_environment,
    commands,
    floor_row,
    functions,
    peak_memory_mib,
    ratio_row,
    run,
    table,
    wait_for,
)
from secretctl.model.operations import BY_NAME
from secretctl.model.services import operations_of
from secretctl.service.dispatch import call
from secretctl.service.session import Session

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".bench-venv")
QUICK = "--quick" in sys.argv
RUNS = 15 if QUICK else 40
MANY = 10_000 if QUICK else 100_000


def main() -> None:
    """Print the table."""
    _install()
    with tempfile.TemporaryDirectory() as base:
        rows = [*_starts(base), *_sizes(base), *_commits(base)]
        rows += policies.rows()
        rows += masking.rows()
        rows += importing.rows(base, f"{VENV}/bin/secretctl")
        rows += access.rows(base, f"{VENV}/bin/secretctl", RUNS)
        rows += check.rows(base, f"{VENV}/bin/secretctl", RUNS)
        rows += rotating.rows(base, f"{VENV}/bin/secretctl", RUNS)
        rows += serving.rows(base, VENV, MANY, 1 if QUICK else 4)
        rows += serving.starts(base, VENV, RUNS)
        rows += journal.rows(base, f"{VENV}/bin/secretctl", 10 * MANY, RUNS)
    print(table(rows))


def _install() -> None:
    if not os.path.exists(f"{VENV}/bin/python"):
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        _pip("install", "--upgrade", "pip")
    _pip("install", "--force-reinstall", "--no-deps", ROOT)
    _pip("install", f"{ROOT}[bench,serve]")
    subprocess.run([f"{VENV}/bin/python", "-m", "compileall", "-q", f"{VENV}/lib"], check=False)


def _pip(*words: str) -> None:
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([f"{VENV}/bin/python", "-m", "pip", *words, "--quiet"], env=environ, check=True)


def _starts(base: str) -> list[Row]:
    """Whole processes, against the floor: the same interpreter doing nothing."""
    home = os.path.join(base, "starts")
    vaults.filled(home, 2000).close()
    environ = clean_environment(home)
    program = f"{VENV}/bin/secretctl"
    get = [program, "get-secret-value", "--secret-id", "bench/7"]
    names = [f"N{number}=bench/{number}#DB_USER" for number in range(100)]
    cases = {
        "floor": [f"{VENV}/bin/python", "-c", "pass"],
        "get": get,
        "exec 1": [program, "exec", *names[:1], "--", "true"],
        "exec 10": [program, "exec", *names[:10], "--", "true"],
        "exec 100": [program, "exec", *names, "--", "true"],
    }
    complete = [program, "__complete", "--", "get-secret-value", "--secret-id", "bench/19"]
    hundred = os.path.join(base, "hundred")
    vaults.filled(hundred, 100).close()
    subprocess.run(get, env=environ, stdout=subprocess.DEVNULL, check=True)
    took = functions(
        {
            **{name: partial(run, argv, environ) for name, argv in cases.items()},
            "complete 2000": partial(run, complete, environ),
            "complete 100": partial(run, complete, clean_environment(hundred)),
        },
        RUNS,
    )
    floor, sync, among_2000 = took["floor"], _sync_time(base), took["complete 2000"]
    create = _create_times(program, environ, floor)
    return [
        Row("floor: python -c pass", f"{floor * 1e3:.1f} ms", "", None),
        ratio_row("get-secret-value / floor", took["get"] / floor, 4.0),
        ratio_row("get-secret-value and one sync / floor", (took["get"] + sync) / floor, 4.0),
        ratio_row("exec of 10 secrets / floor", took["exec 10"] / floor, 4.2),
        ratio_row("exec of 100 / exec of 1", took["exec 100"] / took["exec 1"], 1.2),
        ratio_row("completion among 100 / floor", took["complete 100"] / floor, 4.0),
        Row("completion among 2,000 / floor", f"{among_2000 / floor:.2f} x", "", None),
        Row("completion among 2,000", f"{among_2000 * 1e3:.1f} ms", "<= 100 ms", among_2000 <= 0.1),
        ratio_row("create-secret less seven syncs / floor", create - 7 * sync / floor, 4.5),
        *_peers(base, took["get"]),
        Row(
            "memory of get-secret-value",
            f"{(used := peak_memory_mib(get, environ)):.1f} MiB",
            "< 40 MiB",
            used < 40,
        ),
    ]


def _create_times(program: str, environ: dict[str, str], floor: float) -> float:
    counter = iter(range(10_000))

    def create() -> None:
        subprocess.run(
            [program, "create-secret", "--name", f"c/{next(counter)}", "--secret-string", "x"],
            env=environ,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    return functions({"create": create}, RUNS)["create"] / floor


def _sync_time(base: str) -> float:
    """Return the median seconds of appending 300 bytes and syncing them."""
    handle = os.open(os.path.join(base, "sync"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append() -> None:
        os.write(handle, bytes(300))
        os.fdatasync(handle)

    try:
        return functions({"sync": append}, 4 * RUNS)["sync"]
    finally:
        os.close(handle)


def _peers(base: str, ours: float) -> list[Row]:
    rows = []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [f"{VENV}/bin/moto_server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        environ = {
            **clean_environment(base),
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_DEFAULT_REGION": vaults.REGION,
        }
        aws = [f"{VENV}/bin/aws", "secretsmanager"]
        wait_for(port)
        subprocess.run(
            [*aws, "create-secret", "--name", "bench", "--secret-string", vaults.VALUE],
            env=environ,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        get = [*aws, "get-secret-value", "--secret-id", "bench"]
        theirs = commands({"aws": get}, max(5, RUNS // 4), environ)["aws"]
        rows.append(ratio_row("get-secret-value / aws against moto", ours / theirs, 0.125))
    finally:
        server.terminate()
        server.wait()
    return [*rows, *_pass_row(base, ours)]


def _pass_row(base: str, ours: float) -> list[Row]:
    if not (shutil.which("pass") and shutil.which("gpg")):
        return [Row("get-secret-value / pass show", "pass is not installed", "", None)]
    home = os.path.join(base, "p")
    os.makedirs(os.path.join(home, ".gnupg"), mode=0o700)
    environ = {**clean_environment(home), "GNUPGHOME": os.path.join(home, ".gnupg")}
    quiet = {"env": environ, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    key = ["gpg", "--batch", "--passphrase", "", "--quick-gen-key", "bench", "default", "default"]
    subprocess.run(key, check=True, **quiet)  # type: ignore[call-overload]  # one set of options for three calls
    subprocess.run(["pass", "init", "bench"], check=True, **quiet)  # type: ignore[call-overload]  # likewise
    subprocess.run(
        ["pass", "insert", "-m", "bench"],
        input=vaults.VALUE.encode(),
        check=True,
        **quiet,  # type: ignore[call-overload]  # likewise
    )
    theirs = commands({"pass": ["pass", "show", "bench"]}, RUNS, environ)["pass"]
    return [Row("get-secret-value / pass show", f"{ours / theirs:.2f} x", "", None)]


def _sizes(base: str) -> list[Row]:
    """A large vault against a small one."""
    homes = {name: os.path.join(base, name) for name in ("small", "middle", "large")}
    vaults.filled(homes["small"], 100).close()
    middle, large = vaults.filled(homes["middle"], 1000), vaults.filled(homes["large"], MANY)
    argv = [f"{VENV}/bin/secretctl", "get-secret-value", "--secret-id", "bench/50"]
    times = functions(
        {name: partial(run, argv, clean_environment(homes[name])) for name in ("small", "large")},
        RUNS,
    )
    listed = BY_NAME["ListSecrets"]
    first = {
        name: partial(call, vaults.session(vault, homes[name]), listed, {})
        for name, vault in (("middle", middle), ("large", large))
    }
    pages = functions(first, 5 * RUNS)
    started = time.perf_counter()
    dealings = vaults.session(large, homes["large"])
    token: dict[str, object] = {}
    count = 0
    while True:
        page = call(dealings, listed, {"MaxResults": 100, **token})
        count += len(cast("list[object]", page["SecretList"]))
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    rate = count / (time.perf_counter() - started)
    rewrapped = _rewrapped(dealings)
    middle.close()
    large.close()
    return [
        ratio_row(f"get-secret-value at {MANY:,} / at 100", times["large"] / times["small"], 1.1),
        ratio_row(f"first page at {MANY:,} / at 1,000", pages["large"] / pages["middle"], 1.5),
        floor_row(f"all {MANY:,} listed", rate, 25_000, "a second"),
        floor_row(f"data keys of {MANY:,} rewrapped", rewrapped, 15_000, "a second"),
    ]


def _rewrapped(dealings: Session) -> float:
    """Return how many data keys a rotation of the default key wraps anew in a second."""
    operation = operations_of("kms")["rotate-key-on-demand"]
    started = time.perf_counter()
    call(dealings, operation, {"KeyId": "alias/aws/secretsmanager", "Rewrap": True})
    return MANY / (time.perf_counter() - started)


def _commits(base: str) -> list[Row]:
    """Durable changes, one writer and eight, against bare SQLite."""
    home = os.path.join(base, "commits")
    vault = vaults.filled(home, 100)
    raw = vaults.raw_committer(os.path.join(base, "raw.db"))
    took = functions({"raw": raw, "ours": vaults.creator(vault, home)}, 10 * RUNS)
    vault.close()
    seconds = 3.0 if QUICK else 6.0
    one, eight = writers.run(home, 1, seconds), writers.run(home, 8, seconds)
    return [
        floor_row("create-secret / bare commit, rate", took["raw"] / took["ours"], 0.45, "x"),
        floor_row("8 writers / 1 writer, rate", eight.per_second / one.per_second, 0.6, "x"),
        Row(
            "8 writers, longest wait",
            f"{eight.longest_wait_s:.2f} s",
            "<= 2 s",
            eight.longest_wait_s <= 2,
        ),
        Row("8 writers, errors", str(eight.errors), "0", eight.errors == 0),
    ]


if __name__ == "__main__":
    main()
