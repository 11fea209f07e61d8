"""``check`` of a manifest, beside the reading of one secret: whole processes."""

import os
from functools import partial

from bench import vaults
from bench.measure import Row, clean_environment, functions, ratio_row, run

_VARIABLES = 50


def rows(base: str, program: str, runs: int) -> list[Row]:
    """Return the rows; *runs* processes of each are started in turns."""
    home = os.path.join(base, "check")
    vaults.filled(home, 2 * _VARIABLES).close()
    environ = clean_environment(home)
    check = [program, "check", "--manifest"]
    cases = {
        "get": [program, "get-secret-value", "--secret-id", "bench/7"],
        "seen": [*check, _manifest(home, "seen", 'N{0} = "bench/{0}"')],
        "read": [*check, _manifest(home, "read", 'N{0} = {{secret="bench/{0}#DB_USER", {1}}}')],
    }
    run(cases["get"], environ)
    took = functions({name: partial(run, argv, environ) for name, argv in cases.items()}, runs)
    return [
        ratio_row(f"check of {_VARIABLES} variables / get", took["seen"] / took["get"], 1.5),
        ratio_row("the same with keys and patterns / get", took["read"] / took["get"], 1.5),
    ]


def _manifest(home: str, name: str, line: str) -> str:
    path = os.path.join(home, f"{name}.toml")
    pattern = 'pattern="[a-z]+"'
    lines = [line.format(number, pattern) for number in range(_VARIABLES)]
    with open(path, "w") as file:
        file.write("\n".join(["[variables]", *lines]))
    return path
