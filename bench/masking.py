"""How fast a stream goes through masking."""

import random
import string
import time
from collections.abc import Iterable

from bench.measure import Row, floor_row
from secretctl.delivery.masking import Masker, searched
from secretctl.delivery.masking_forms import patterns

_MIB = 64
_CHUNK = 1 << 16


def rows() -> list[Row]:
    """Mask a log in which no value occurs, for 50 values of 16 to 65 characters, and short ones."""
    name = "masking for 50 values, no match"
    return [
        floor_row(name, _rate(range(16, 66)), 150, "MB/s"),
        *(floor_row(f"{name}, {n} characters", _rate([n] * 50), 150, "MB/s") for n in (8, 6)),
    ]


def _rate(lengths: Iterable[int]) -> float:
    """Return the speed for a value of each length, MB/s."""
    source = random.Random(1)
    letters = string.ascii_letters + string.digits + "+/"
    values = ["".join(source.choices(letters, k=length)) for length in lengths]
    lines = (
        f"2026-01-{n % 28:02} INFO request {n * 7919} took {n % 100} ms GET /things?page={n}\n"
        for n in range(1 << 14)
    )
    log = "".join(lines).encode()
    chunks = [log[at : at + _CHUNK] for at in range(0, len(log), _CHUNK)]
    rounds = (_MIB << 20) // len(log)
    masker = Masker(searched(patterns(values)))
    start = time.perf_counter()
    for _ in range(rounds):
        for chunk in chunks:
            masker.feed(chunk)
    return rounds * len(log) / (time.perf_counter() - start) / 1e6
