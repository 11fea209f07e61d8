"""Many processes on one vault lose nothing of what was acknowledged."""

import json
import os
import subprocess
import sys
from pathlib import Path

from secretctl.cli import opening
from secretctl.vault.fsck import check
from tests.conftest import Service, World

ROOT = Path(__file__).parents[2]
WRITERS, CHANGES, SECRETS = 16, 50, 3

WORKER = """
import json, os, sys
from secretctl.cli import opening
from secretctl.context import of_process
from secretctl.model.operations import BY_NAME
from secretctl.service.dispatch import call
from secretctl.service.opening import begin

directory, writer, changes, secrets = sys.argv[1], *map(int, sys.argv[2:])
context = of_process()
session = begin(context, opening.open_vault(directory, context), "us-east-1")
put, tag = BY_NAME["PutSecretValue"], BY_NAME["TagResource"]
done = []
for number in range(changes):
    name, token = f"s{number % secrets}", os.urandom(16).hex()
    if number < 6:
        call(session, put, {"SecretId": name, "SecretString": token, "ClientRequestToken": token})
        done.append((name, token))
    else:
        tags = [{"Key": f"w{writer}", "Value": str(number)}]
        call(session, tag, {"SecretId": name, "Tags": tags})
print(json.dumps(done))
"""


def environment(world: World) -> dict[str, str]:
    """Return the environment of a process in the test's home."""
    return {"HOME": str(world.home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


def test_sixteen_writers_lose_nothing(world: World, service: Service) -> None:
    """16 writers make 50 changes each on 3 secrets: all acknowledged ones are there."""
    for number in range(SECRETS):
        service("CreateSecret", Name=f"s{number}", SecretString="v")
    generation = check(service.session.vault).generation
    service.session.vault.close()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, world.directory, str(n), str(CHANGES), str(SECRETS)],
            env=environment(world),
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(WRITERS)
    ]
    outputs = [worker.communicate()[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * WRITERS
    vault = opening.open_vault(world.directory, world.context)
    again = Service(service.session._replace(vault=vault))
    for name, token in (pair for output in outputs for pair in json.loads(output)):
        answer = again("GetSecretValue", SecretId=name, VersionId=token)
        assert answer["SecretString"] == token
    report = check(vault)
    for number in range(SECRETS):
        staged = again("DescribeSecret", SecretId=f"s{number}")["VersionIdsToStages"]
        assert isinstance(staged, dict)
        tags = again("DescribeSecret", SecretId=f"s{number}")["Tags"]
        last = max(n for n in range(CHANGES) if n % SECRETS == number)
        assert isinstance(tags, list)
        assert sorted((tag["Key"], tag["Value"]) for tag in tags) == sorted(
            (f"w{writer}", str(last)) for writer in range(WRITERS)
        )
        labels = [label for stages in staged.values() for label in stages]
        assert sorted(labels) == ["AWSCURRENT", "AWSPREVIOUS"]
    vault.close()
    assert report.problems == ()
    assert report.generation >= generation + WRITERS * CHANGES
