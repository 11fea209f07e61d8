"""How fast a stream goes through masking."""

import random
import string
import time

from bench.measure import Row, floor_row
from secretctl.delivery.masking import Masker, searched
from secretctl.delivery.masking_forms import patterns

_MIB = 64
_CHUNK = 1 << 16


def rows() -> list[Row]:
    """Mask a log in which no value occurs, for 50 values of 16 to 65 characters."""
    source = random.Random(1)
    letters = string.ascii_letters + string.digits + "+/"
    values = ["".join(source.choices(letters, k=16 + number)) for number in range(50)]
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
    rate = rounds * len(log) / (time.perf_counter() - start) / 1e6
    return [floor_row("masking for 50 values, no match", rate, 150, "MB/s")]
