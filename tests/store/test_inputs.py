"""Files that are named to be read: whatever lies there is answered at once, of all who read one."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.store.inputs import open_input
from tests.conftest import Service, World
from tests.faults.commands import Ended, ended
from tests.odd_files import KINDS

COMMANDS: dict[str, tuple[int, Callable[[str], tuple[str, ...]]]] = {
    "checkpoint": (3, lambda file: ("audit", "verify", "--checkpoint", file)),
    "restore": (255, lambda file: ("restore", file, "--replace")),
    "lint": (1, lambda file: ("policy", "lint", file)),
    "simulate": (252, lambda file: ("policy", "simulate", "--input", file)),
}


def said(done: Ended) -> str:
    """Return all that a command wrote."""
    return done.stdout + done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_file_is_not_waited_for(
    world: World, service: Service, command: str, tmp_path: Path
) -> None:
    """A pipe that nobody writes to, a device without an end, a folder: each is named."""
    service("CreateSecret", Name="a", SecretString="v")
    status, words = COMMANDS[command]
    KINDS["pipe"](tmp_path / "pipe", tmp_path)
    (tmp_path / "link").symlink_to("pipe")
    KINDS["socket"](tmp_path / "socket", tmp_path)
    for place, reason in (
        (tmp_path / "pipe", "it is a pipe, not a regular file"),
        (tmp_path / "link", "it is a pipe, not a regular file"),
        (tmp_path / "socket", "No such device or address"),
        (tmp_path, "Is a directory"),
        (Path("/dev/zero"), "it is a device, not a regular file"),
    ):
        done = ended(world, *words(str(place)))
        assert (done.status, reason in said(done)) == (status, True), done


def test_the_null_device_is_an_empty_file() -> None:
    """As everywhere else."""
    with open_input(os.devnull) as file:
        assert file.read() == b""


def test_a_pipe_of_this_process_is_read_to_its_end() -> None:
    """As a shell names what a command writes: it is waited for."""
    ours, theirs = os.pipe()
    os.write(theirs, b"one")

    def end() -> None:
        os.write(theirs, b"two")
        os.close(theirs)

    later = threading.Timer(0.1, end)
    later.start()
    with open_input(f"/dev/fd/{ours}") as file:
        assert file.read() == b"onetwo"
    later.join()
    os.close(ours)
