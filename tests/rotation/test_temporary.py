"""Folders of what a rotation runs: gone with it, or with the next one."""

import subprocess
import sys
from pathlib import Path

import pytest

from secretctl.rotation import temporary
from secretctl.rotation.executable import prepared
from secretctl.rotation.registry import EXECUTABLE, Registered
from secretctl.rotation.steps import RotationError, StepError
from tests.rotation.conftest import Own, Rotator

KILLED = """
import os, signal, sys, tempfile
tempfile.tempdir = sys.argv[1]
from secretctl.rotation import temporary
folder = temporary.made()
os.makedirs(folder.path + "/deep/er")
open(folder.path + "/deep/what", "w").write("left")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where folders for a time are made."""
    found = tmp_path / "place"
    found.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(found))
    return found


@pytest.fixture
def program(rotator: Rotator, tmp_path: Path) -> Own:
    """Rotates by a program."""
    return Own(rotator, Registered("mine", str(tmp_path / "rotate"), EXECUTABLE), prepared)


def test_what_a_killed_rotation_left_goes_with_the_next(place: Path, program: Own) -> None:
    """What somebody holds stays, and so does what others have made."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(place)], check=False)
    assert done.returncode == -9
    (left,) = place.iterdir()
    assert (left / "deep/what").exists()
    others = place / "secretctl-rotation-mine"
    others.mkdir()
    held = temporary.made()
    assert not left.exists()
    left.mkdir(0o700)
    with pytest.raises(RotationError, match="left the version without a value"):
        program.by("#!/bin/sh\nexit 0\n")
    assert sorted(place.iterdir()) == sorted([others, Path(held.path)])
    temporary.removed(held)
    assert list(place.iterdir()) == [others]


def test_a_place_that_cannot_be_used_is_told(
    place: Path, program: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what is wrong, and the variable that names another; not as a program that is missing."""
    for path, why in ((place / "none", "no such file"), (Path("/proc/self"), "")):
        monkeypatch.setattr("tempfile.tempdir", str(path))
        with pytest.raises(StepError, match=f"temporary files can be used: {why}") as caught:
            temporary.made()
        assert caught.value.hints == ("TMPDIR names one",)
    with pytest.raises(RotationError, match="no folder for temporary files can be used"):
        program.by("#!/bin/sh\nexit 0\n")


def test_a_place_that_knows_no_locks_is_left_as_it_was(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As some file systems of a network: nothing is left there with each try."""

    def refusing(*_: object) -> None:
        raise OSError(9, "")

    monkeypatch.setattr("secretctl.delivery.run_folder.fcntl.flock", refusing)
    with pytest.raises(StepError, match="busy"):
        temporary.made()
    assert list(place.iterdir()) == []
