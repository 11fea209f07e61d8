"""Counts and latencies as Prometheus reads them; no names, no identities.

See: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
SUCCESS = "Success"
_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_REQUESTS = "secretctl_requests_total"
_DURATION = "secretctl_request_duration_seconds"


class Metrics:
    """What one server has answered since it started."""

    def __init__(self) -> None:
        self._spent: dict[tuple[str, str], tuple[list[int], list[float]]] = {}

    def observe(self, operation: str, outcome: str, seconds: float) -> None:
        """Count an answer.

        Args:
            operation: Its name, or another word of ours for what was asked.
            outcome: `SUCCESS`, or the code of an error.
            seconds: From the whole request to the answer.
        """
        key = operation, outcome
        if key not in self._spent:
            self._spent[key] = [0] * (len(_BOUNDS_S) + 1), [0.0]
        counts, total = self._spent[key]
        counts[bisect_left(_BOUNDS_S, seconds)] += 1
        total[0] += seconds

    def text(self, gauges: Mapping[str, tuple[int, str]]) -> bytes:
        """Return everything in Prometheus's text format.

        Args:
            gauges: What stands at a number now: that and what it is, by name. One that ends in
                ``_total`` counts up.
        """
        lines = [
            f"# HELP {_REQUESTS} Requests answered, by operation and outcome.",
            f"# TYPE {_REQUESTS} counter",
        ]
        keyed = [(_labels(*key), *each) for key, each in sorted(self._spent.items())]
        lines += [f"{_REQUESTS}{{{labels}}} {sum(counts)}" for labels, counts, _ in keyed]
        lines += [
            f"# HELP {_DURATION} Time from a whole request to its answer.",
            f"# TYPE {_DURATION} histogram",
        ]
        for labels, counts, total in keyed:
            lines += _histogram(labels, counts, total[0])
        for name, (value, what) in gauges.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP {name} {what}", f"# TYPE {name} {kind}", f"{name} {value}"]
        return "\n".join([*lines, ""]).encode()


def _histogram(labels: str, counts: list[int], total: float) -> list[str]:
    lines, so_far = [], 0
    for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), counts, strict=True):
        so_far += count
        lines.append(f'{_DURATION}_bucket{{{labels},le="{bound}"}} {so_far}')
    return [
        *lines,
        f"{_DURATION}_sum{{{labels}}} {total:.6f}",
        f"{_DURATION}_count{{{labels}}} {so_far}",
    ]


def _labels(operation: str, outcome: str) -> str:
    return f'operation="{operation}",outcome="{outcome}"'
