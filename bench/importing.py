"""How fast many secrets are imported by one command, durable and on record."""

import os
import time

from bench import vaults
from bench.measure import Row, clean_environment, floor_row, run

_MANY = 10_000


def rows(base: str, program: str) -> list[Row]:
    """Import a file of ten thousand secrets, the start of the program included; the best of three.

    Other programs of a shared machine take their part of what is measured.
    """
    home = os.path.join(base, "importing")
    vaults.filled(home, 1).close()
    path = os.path.join(base, "many.env")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"KEY_{number}='{vaults.VALUE}'\n" for number in range(_MANY))
    took = min(
        _timed([program, "import", path, "--format", "dotenv", "--prefix", f"{turn}/"], home)
        for turn in range(3)
    )
    return [floor_row(f"{_MANY:,} secrets imported", _MANY / took, 2_000, "a second")]


def _timed(argv: list[str], home: str) -> float:
    start = time.perf_counter()
    run(argv, clean_environment(home))
    return time.perf_counter() - start
