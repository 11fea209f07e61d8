"""Many processes at once, some of them killed: what was acknowledged has its record.

SECRETCTL_TEST_FULL=1 runs 32 processes of 50 operations instead of 12 of 20.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import World
from tests.faults.commands import ROOT, ended

IS_FULL = os.environ.get("SECRETCTL_TEST_FULL") == "1"
PROCESSES, OPERATIONS = (32, 50) if IS_FULL else (12, 20)
SECRETS = 3
WORKER = """
import json, os, random, sys
from secretctl.cli import opening
from secretctl.context import of_process
from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.service.dispatch import call
from secretctl.service.opening import Recording, begin

directory, trust, writer, count, secrets = *sys.argv[1:3], *map(int, sys.argv[3:])
context, chance = of_process(), random.Random(writer)
recording = Recording("", trust)
session = begin(context, opening.open_vault(directory, context), "us-east-1", recording=recording)

def parameters(name, mark):
    return {
        "GetSecretValue": {},
        "DescribeSecret": {},
        "PutSecretValue": {"SecretString": mark, "ClientRequestToken": mark},
        "UpdateSecret": {"Description": mark, "ClientRequestToken": mark},
        "TagResource": {"Tags": [{"Key": mark, "Value": "v"}]},
        "UntagResource": {"TagKeys": [mark]},
    }[name]

for number in range(count):
    mark = f"{writer:04d}{number:04d}" + os.urandom(12).hex()
    name = chance.choice((*["GetSecretValue", "PutSecretValue"] * 3, "DescribeSecret",
                          "UpdateSecret", "TagResource", "UntagResource"))
    secret = f"s{chance.randrange(secrets)}"
    try:
        call(session, BY_NAME[name], {"SecretId": secret, **parameters(name, mark)})
    except ServiceError:
        continue  # too many tags
    os.write(1, (json.dumps([name, secret, mark]) + chr(10)).encode())
session.close()
"""
MARKED = ("PutSecretValue", "UpdateSecret")


def run(world: World, folder: Path) -> list[tuple[str, str, str]]:
    """Let all work, one in ten of them be killed; return what was acknowledged."""
    environ = {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    trust = next((world.home / ".local/state/secretctl/trust").iterdir())
    workers, logs = [], [folder / f"log-{number}" for number in range(PROCESSES)]
    for number, log in enumerate(logs):
        words = [world.directory, str(trust), str(number), str(OPERATIONS), str(SECRETS)]
        with log.open("w") as out:
            command = [sys.executable, "-c", WORKER, *words]
            workers.append(subprocess.Popen(command, env=environ, stdout=out))
    chance = random.Random(5)
    doomed = chance.sample(range(PROCESSES), max(1, PROCESSES // 10))
    for number in doomed:
        while not logs[number].stat().st_size:
            time.sleep(0.01)
        time.sleep(chance.random() / 4)
        workers[number].send_signal(signal.SIGKILL)
    left = [worker.wait(120) for worker in workers]
    assert [status for number, status in enumerate(left) if number not in doomed] == [0] * (
        PROCESSES - len(doomed)
    )
    whole = [log.read_text().rpartition("\n")[0].splitlines() for log in logs]
    return [tuple(json.loads(line)) for lines in whole for line in lines]


def test_what_was_acknowledged_has_its_record(world: World, tmp_path: Path) -> None:
    """Reads, changes, kills: intact, sound, a record for each acknowledged act, none left open."""
    for number in range(SECRETS):
        words = ("--name", f"s{number}", "--secret-string", "v")
        assert ended(world, "create-secret", *words).status == 0
    acknowledged = run(world, tmp_path)
    assert len(acknowledged) > PROCESSES * OPERATIONS / 2
    assert ended(world, "describe-secret", "--secret-id", "s0").status == 0  # sees to the killed
    for command in (("audit", "verify", "--deep"), ("fsck",)):
        done = ended(world, *command)
        assert done.status == 0, done.stdout + done.stderr
    paths = sorted(Path(world.directory, "audit").glob("*.jsonl"))
    events = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    phases = [each["additionalEventData"].get("phase") for each in events]
    assert phases.count("intent") == phases.count("outcome")
    told = [each for each in events if each["additionalEventData"].get("phase") != "intent"]
    for name in {name for name, _, _ in acknowledged}:
        done_times = sum(each == name for each, _, _ in acknowledged)
        told_times = sum(each["eventName"] == name and "errorCode" not in each for each in told)
        assert told_times >= done_times
    tokens = {
        (each["eventName"], (each["requestParameters"] or {}).get("clientRequestToken"))
        for each in told
        if "errorCode" not in each and not each["additionalEventData"].get("reconciled")
    }
    assert {(name, mark) for name, _, mark in acknowledged if name in MARKED} <= tokens
