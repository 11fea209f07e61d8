"""``set`` in processes of its own: several at the same time, and one on a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.machine import Machine
from tests.conftest import World
from tests.terminal import on_terminal

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "secretctl"]
MANY = 4


def environ(world: World) -> dict[str, str]:
    """Return the environment of a process in the test's home."""
    return {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


def test_processes_that_set_different_keys_keep_all_of_them(machine: Machine) -> None:
    """Nobody comes between reading and writing, so no value that was read is an old one."""
    assert machine("create-secret", "--name", "db", "--secret-string", "{}").status == 0
    running = [
        subprocess.Popen(
            [*PROGRAM, "set", f"db#k{number}"],
            env=environ(machine.world),
            stdin=subprocess.PIPE,
        )
        for number in range(MANY)
    ]
    for number, process in enumerate(running):
        assert process.stdin is not None
        process.stdin.write(b"v%d" % number)
    for process in running:  # all are at work by now
        process.stdin.close()  # type: ignore[union-attr] # as above
    assert [process.wait() for process in running] == [0] * MANY
    found = json.loads(machine("get", "db").stdout)
    assert found == {f"k{number}": f"v{number}" for number in range(MANY)}
    assert machine("audit", "verify").status == 0


@pytest.mark.parametrize("again", ["hunter2", "hunter3"])
def test_a_value_is_typed_twice_and_not_shown(machine: Machine, again: str) -> None:
    """Then it is said which version is current; where the two differ, nothing is written."""
    screen, typed = b"", [b"hunter2\n", again.encode() + b"\n"]
    words = [*PROGRAM, "set", "a"]
    with on_terminal(words, environ(machine.world), machine.world.home) as terminal:
        while part := terminal.read():
            screen += part
            if screen.endswith(b": "):
                terminal.write(typed.pop(0))
        status = terminal.status
    assert b"hunter" not in screen
    version = machine("get-secret-value", "--secret-id", "a", "--query", "VersionId").stdout[1:-2]
    if again == "hunter2":
        assert (status, machine("get", "a").stdout) == (0, "hunter2")
        assert f"the current version of 'a' is {version} now".encode() in screen
    else:
        assert (status, machine("get", "a").stdout) == (252, "v")
        assert b"the two values differ" in screen
