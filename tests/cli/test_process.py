"""What a running command does to its own process: no core dumps, files for its user only."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Service, World

ROOT = Path(__file__).parents[2]
LOOK = """
import os, re
seen = open(f"/proc/{os.getppid()}/status").read() + open(f"/proc/{os.getppid()}/limits").read()
open(os.environ["SEEN"], "w").write(seen)
print("a passphrase of seven words or so")
"""
IS_TRACEABLE = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
SHOW_IN_RUN = f"""
import secretctl.__main__ as program
def shown(argv, context):
    {IS_TRACEABLE}
    return 0
program.main = shown
program.run()
"""
needs_proc = pytest.mark.skipif(
    not os.path.exists("/proc/self/limits"), reason="only Linux shows it"
)


def as_started() -> None:
    """Begin with the loosest umask and with core dumps allowed."""
    os.umask(0)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


@needs_proc
def test_a_running_command_leaves_no_core_and_no_open_files(world: World) -> None:
    """While a passphrase is found: umask 077, and a core of at most one byte, which is none."""
    seen, look = world.home / "seen", world.home / "look.py"
    look.write_text(LOOK)
    environ = {
        "HOME": str(world.home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SEEN": str(seen),
        "SECRETCTL_PASSPHRASE_COMMAND": f"{sys.executable} {look}",
    }
    subprocess.run(
        [sys.executable, "-m", "secretctl", "init", "--passphrase"],
        env=environ,
        preexec_fn=as_started,
        capture_output=True,
        check=True,
    )
    lines = seen.read_text().splitlines()
    (umask,) = [line.split()[-1] for line in lines if line.startswith("Umask:")]
    (core,) = [line.split()[4] for line in lines if line.startswith("Max core file size")]
    assert umask == "0077"
    assert core in ("0", "1")
    assert not [
        path for path in world.home.rglob("*") if path.stat().st_mode & 0o077 and path != look
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_memory_is_closed_to_the_users_other_programs(world: World, service: Service) -> None:
    """A running command cannot be traced; what exec runs can, as it could without us."""
    service("CreateSecret", Name="a", SecretString="v")
    environ = {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "secretctl", "exec", "a", "--", sys.executable, "-c"]
    for argv, expected in (
        ([sys.executable, "-c", SHOW_IN_RUN], "0"),
        ([*command, IS_TRACEABLE], "1"),
    ):
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected
