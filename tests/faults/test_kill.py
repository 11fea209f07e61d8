"""A process killed at any moment leaves the old state or the new, and a sound vault."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from secretctl.cli import opening
from secretctl.vault.fsck import check
from tests.conftest import Service, World, operating
from tests.faults.commands import strace

ROOT = Path(__file__).parents[2]
HAS_STRACE = shutil.which("strace") is not None
if not HAS_STRACE:
    sys.stderr.write("WARNING: no strace: kills at single system calls are LEFT OUT\n")

LOOP = """
import os, sys
from secretctl.cli import opening
from secretctl.context import of_process
from secretctl.model.operations import BY_NAME
from secretctl.service.dispatch import call
from secretctl.service.opening import begin

context = of_process()
session = begin(context, opening.open_vault(sys.argv[1], context), "us-east-1")
update = BY_NAME["UpdateSecret"]
for number in range(10**9):
    token = os.urandom(16).hex()
    call(session, update, {"SecretId": "a", "ClientRequestToken": token,
                           "Description": str(number)})
    os.write(1, f"{number}\\n".encode())
"""
CALLS = "pwrite64,fdatasync,fsync,unlink,ftruncate"


def environment(world: World) -> dict[str, str]:
    """Return the environment of a process in the test's home."""
    return {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


def state(world: World) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return the secret's description as another process finds it, and fsck's problems."""
    vault = opening.open_vault(world.directory, world.context)
    try:
        with operating(world.context, vault) as service:
            return service("DescribeSecret", SecretId="a"), check(vault).problems
    finally:
        vault.close()


def test_killed_writers_keep_what_they_acknowledged(world: World, service: Service) -> None:
    """Kill -9 at random moments: nothing acknowledged is lost, nothing half done is seen."""
    service("CreateSecret", Name="a", SecretString="v")
    service.session.vault.close()
    chance = random.Random(3)
    for _ in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", LOOP, world.directory],
            env=environment(world),
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline())]
        time.sleep(chance.random() / 20)
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        acknowledged += [int(line) for line in rest.split()]
        described, problems = state(world)
        assert problems == ()
        assert int(str(described["Description"])) - acknowledged[-1] in (0, 1)


def put_secret_value(world: World, value: str, inject: str = "") -> int:
    """Run put-secret-value under strace; return its exit status."""
    words = strace("-o", "/dev/null", "-e", f"trace={CALLS}", *(["-e", inject] if inject else []))
    program = [sys.executable, "-m", "secretctl", "put-secret-value", "--secret-id", "a"]
    done = subprocess.run(
        [*words, *program, "--secret-string", value],
        env=environment(world),
        capture_output=True,
        check=False,
    )
    return done.returncode


def kill_at_each_call(world: World, service: Service) -> None:
    """Kill put-secret-value at each call that changes the disk: old value or new."""
    service("CreateSecret", Name="a", SecretString=json.dumps(0))
    service.session.vault.close()
    number = 0
    for call in CALLS.split(","):
        for when in range(1, 12):
            number += 1
            before = current(world)
            status = put_secret_value(world, str(number), f"inject={call}:signal=KILL:when={when}")
            after = current(world)
            assert after in ((str(number),) if status == 0 else (before, str(number)))
            if status == 0:
                break
    assert number > len(CALLS.split(","))


def current(world: World) -> str:
    """Return the value as another process reads it, after a check of the vault."""
    vault = opening.open_vault(world.directory, world.context)
    try:
        assert check(vault).problems == ()
        with operating(world.context, vault) as service:
            return str(service("GetSecretValue", SecretId="a")["SecretString"])
    finally:
        vault.close()


if HAS_STRACE:
    test_a_kill_at_each_call_leaves_old_or_new = kill_at_each_call
