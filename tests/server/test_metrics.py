"""Metrics as Prometheus reads them."""

import re

from secretctl.server.metrics import SUCCESS, Metrics

LINE = re.compile(r'[a-z_]+(\{([a-z]+="[A-Za-z0-9+.-]*",?)+\})? [0-9.]+')


def test_counts_and_latencies_add_up() -> None:
    """Each line is one of the format; buckets are cumulative, and the last holds all."""
    metrics = Metrics()
    for seconds in (0.0005, 0.001, 0.003, 99.0):
        metrics.observe("GetSecretValue", SUCCESS, seconds)
    metrics.observe("GetSecretValue", "AccessDeniedException", 0.2)
    text = metrics.text({"secretctl_connections": (7, "Open connections.")}).decode()
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    assert all(LINE.fullmatch(line) for line in lines)
    labels = 'operation="GetSecretValue",outcome="Success"'
    bucket = "secretctl_request_duration_seconds_bucket{" + labels + ',le="%s"} %d'
    assert f"secretctl_requests_total{{{labels}}} 4" in lines
    assert bucket % ("0.001", 2) in lines
    assert bucket % ("0.005", 3) in lines
    assert bucket % ("10.0", 3) in lines
    assert bucket % ("+Inf", 4) in lines
    assert f"secretctl_request_duration_seconds_sum{{{labels}}} 99.004500" in lines
    assert "secretctl_connections 7" in lines
