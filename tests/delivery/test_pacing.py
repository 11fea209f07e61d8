"""When a change is looked at."""

import subprocess
import sys
import time
from bisect import bisect_right
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import secretctl
from secretctl.delivery import noticing
from secretctl.delivery.pacing import Pace

ROOT = Path(secretctl.__file__).parents[1]
STEP_S = 0.05


def about(number: float) -> object:
    """Return what equals *number*, a step more or less."""
    return pytest.approx(number, abs=2 * STEP_S + 0.01)


def looks(changes_s: list[float], until_s: float, *, acts: bool = True) -> list[float]:
    """Return when a watcher looks that wakes up often, in seconds from its start."""
    pace, found, now_s = Pace(0, 0.0), [], 0.0
    while now_s < until_s:
        number = bisect_right(changes_s, now_s)
        pace.sees(number, now_s)
        if pace.left_s(now_s) == 0:
            found.append(now_s)
            pace.looked(now_s)
            if acts:
                pace.acted(now_s)
        now_s += STEP_S
    return found


def test_one_change_is_looked_at_once_it_has_settled() -> None:
    """Not in the first second of a program."""
    assert looks([5.0], 20) == [about(5.3)]
    assert looks([0.1], 20) == [about(1.0)]
    assert looks([], 20) == []


def test_changes_close_together_are_one() -> None:
    """However many there are within a moment."""
    assert len(looks([5 + n / 100 for n in range(20)], 20)) == 1


def test_changes_without_end_make_the_waits_longer() -> None:
    """1, 2, 4 … 60 seconds from one to the next; and two quiet minutes forget that."""
    storm = [n / 5 for n in range(25, 5000)]
    found = looks(storm, 1000)
    gaps = [round(after - before) for before, after in pairwise(found)]
    assert gaps[:6] == [2, 2, 4, 8, 16, 32]
    assert set(gaps[6:-1]) == {60}
    later = looks([*storm, 1500.0, 1502.0], 1600)[-2:]
    assert later == [about(1500.3), about(1502.3)]


def test_failed_look_is_made_again_less_and_less_often() -> None:
    """Without another change."""
    pace, found, now_s = Pace(0, 0.0), [], 0.0
    pace.sees(1, 5.0)
    while now_s < 300:
        left_s = pace.left_s(now_s)
        assert left_s is not None
        now_s += left_s
        found.append(now_s)
        pace.looked(now_s)
        pace.failed(now_s)
        now_s += 0.001
    gaps = [round(after - before) for before, after in pairwise(found)]
    assert gaps[:7] == [1, 2, 4, 8, 16, 32, 60]


@given(st.lists(st.floats(0, 30), max_size=40), st.booleans())
def test_every_change_is_followed_by_a_look(changes_s: list[float], acts: bool) -> None:  # noqa: FBT001 drawn
    """None is lost, whenever it comes, and no two restarts are closer than a second."""
    found = looks(sorted(changes_s), 200, acts=acts)
    assert (not changes_s) == (not found)
    if changes_s:
        assert found[-1] >= max(changes_s)
    if acts:
        assert all(b - a >= 1 - STEP_S for a, b in pairwise(found))


ALONE = """
import signal, sys
from secretctl.delivery import noticing
path, io = sys.argv[1], {signal.SIGIO}
signal.pthread_sigmask(signal.SIG_BLOCK, io)
def write(text):
    with open(path, "w") as file:
        file.write(text)
write("1")
with noticing.told(path) as wait_s:
    assert wait_s > 1
    assert signal.sigtimedwait(io, 0) is None
    stamp = noticing.stamp(path)
    write("22")
    assert noticing.is_told(signal.sigtimedwait(io, 5))
    assert noticing.stamp(path) != stamp
    while signal.sigtimedwait(io, 0):
        pass
    signal.raise_signal(signal.SIGIO)
    assert not noticing.is_told(signal.sigtimedwait(io, 5))
write("333")
assert signal.sigtimedwait(io, 0.05) is None
"""


def test_kernel_tells_of_a_change_and_not_of_others(tmp_path: Path) -> None:
    """The wait for the next look ends at once; a SIGIO that somebody sent is told apart."""
    words = [sys.executable, "-c", ALONE, str(tmp_path / "vault.db")]
    subprocess.run(words, check=True, cwd=ROOT, timeout=30)


def test_file_that_goes_and_comes_is_another(tmp_path: Path) -> None:
    """By its state alone, where nobody tells; a missing directory is looked for more often."""
    path = tmp_path / "vault" / "vault.db"
    gone = noticing.stamp(str(path))
    with noticing.told(str(path)) as wait_s:
        assert wait_s == 1
    path.parent.mkdir()
    path.write_text("1")
    first = noticing.stamp(str(path))
    time.sleep(0.01)
    path.rename(tmp_path / "aside")
    path.write_text("1")
    assert len({gone, first, noticing.stamp(str(path))}) == 3
