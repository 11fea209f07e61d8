"""A clock or a time zone that is far off: said before anything is changed, or of no account."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from secretctl.context import of_process
from secretctl.errors import ConfigError
from tests.conftest import Service, World

ROOT = Path(__file__).parents[2]
YEAR_2260_MS = 9_151_488_000_000
HAS_FAKETIME = shutil.which("faketime") is not None
if not HAS_FAKETIME:
    sys.stderr.write("WARNING: no faketime: programs under a wrong clock are NOT CHECKED\n")


def run(world: World, *argv: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run *argv*, in which ``secretctl`` is the program under test."""
    program = [sys.executable, "-m", "secretctl"]
    words = [part for word in argv for part in (program if word == "secretctl" else [word])]
    base = {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        words, env=base | variables, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("nanoseconds", [-1, YEAR_2260_MS * 10**6, None])
def test_clock_far_off_is_named(monkeypatch: pytest.MonkeyPatch, nanoseconds: int | None) -> None:
    """Before 1970, from 2260 on, and where Python's own clock ends."""

    def read() -> int:
        if nanoseconds is None:
            raise OverflowError
        return nanoseconds

    monkeypatch.setattr("time.time_ns", read)
    with pytest.raises(ConfigError, match=r"the clock says that the year (2259 is|1970 has not)"):
        of_process().now_ms()


@pytest.mark.parametrize("milliseconds", [0, YEAR_2260_MS - 1])
def test_clock_within_its_range_is_believed(
    monkeypatch: pytest.MonkeyPatch, milliseconds: int
) -> None:
    """All of 1970 to 2259 is a time like any other."""
    monkeypatch.setattr("time.time_ns", lambda: milliseconds * 10**6)
    assert of_process().now_ms() == milliseconds


def nothing_changes_under_a_wrong_clock(world: World, service: Service, now: str) -> None:
    """Every command that opens a vault or makes one says so and leaves things as they are."""
    service("CreateSecret", Name="a", SecretString="v")
    before = {path: path.read_bytes() for path in world.home.rglob("*") if path.is_file()}
    for words in (
        ("delete-secret", "--secret-id", "a"),
        ("create-secret", "--name", "b", "--secret-string", "v"),
        ("get-secret-value", "--secret-id", "a"),
        ("unlock-slot", "add", "--key-file", str(world.home / "k")),
        ("init", "--vault", str(world.home / "other"), "--key-file", str(world.home / "l")),
    ):
        done = run(world, "faketime", "-f", now, "secretctl", *words)
        assert done.returncode == 253, done.stderr
        assert done.stderr.startswith("secretctl: error: the clock says that the year ")
    after = {path: path.read_bytes() for path in world.home.rglob("*") if path.is_file()}
    assert after == before


if HAS_FAKETIME:
    test_nothing_changes_under_a_wrong_clock = pytest.mark.parametrize(
        "now", ["1960-01-01 00:00:00", "2261-01-01 00:00:00", "2300-01-01 00:00:00"]
    )(nothing_changes_under_a_wrong_clock)


@pytest.mark.parametrize("zone", ["UTC+24", "UTC-24", "XXX+167"])
def test_time_zone_a_day_away_is_utc(world: World, service: Service, zone: str) -> None:
    """Times are printed in UTC where Python knows no such zone, after a change too."""
    service("CreateSecret", Name="a", SecretString="v")
    words = ("delete-secret", "--secret-id", "a", "--query", "DeletionDate", "--output", "text")
    done = run(world, "secretctl", *words, TZ=zone)
    assert done.stderr == ""
    assert done.stdout.endswith("+00:00\n")
