"""Measures of rotation: what one costs beside a put, and looking for what is due."""

import os
import sys
from functools import partial

from bench import vaults
from bench.measure import Row, clean_environment, commands, functions, ratio_row, run
from secretctl.domain import retries
from secretctl.domain.secret import Rotation
from secretctl.model.operations import BY_NAME
from secretctl.rotation import engine
from secretctl.rotation import functions as known
from secretctl.rotation.python_function import prepared
from secretctl.rotation.registry import Registered
from secretctl.rotation.steps import Function
from secretctl.service.dispatch import call
from secretctl.service.opening import begin
from secretctl.service.rotating import standing
from secretctl.service.session import Session

_BUILTIN = "builtin/password"
_MANY = 10_000
_VALUE = '{"password":"p"}'
_MOST_MS = 150
_FUNCTION = """
import os

import boto3

client = boto3.client("secretsmanager")

def lambda_handler(event, context):
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    stages = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    if step == "createSecret":
        client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")
        password = client.get_random_password()["RandomPassword"]
        client.put_secret_value(
            SecretId=arn, ClientRequestToken=token, SecretString=password,
            VersionStages=["AWSPENDING"],
        )
    elif step == "finishSecret":
        (current,) = [each for each, held in stages.items() if "AWSCURRENT" in held]
        client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT",
            MoveToVersionId=token, RemoveFromVersionId=current,
        )
    else:
        client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
"""
"""Calls what AWS's functions call, and makes its client as it is imported."""


def rows(base: str, program: str, runs: int) -> list[Row]:
    """Return the rows; *runs* of each are made in turns, each on a secret of its own."""
    home = os.path.join(base, "rotating")
    vault = vaults.filled(home, 4)
    session = begin(vaults.context(home), vault, vaults.REGION, lambda *_: "")
    for number in range(4):
        _put(session, f"bench/{number}")
    inside = functions(
        {"put": partial(_put, session, "bench/0"), "rotate": partial(_rotate, session, "bench/1")},
        runs,
    )
    overhead_ms = 1000 * _overhead(session, base, "bench/1", runs)
    session.close()
    environ = clean_environment(home)
    put = [program, "put-secret-value", "--secret-id", "bench/2", "--secret-string", _VALUE]
    rotate = [program, "rotate-secret", "--secret-id", "bench/3", "--rotation-lambda-arn", _BUILTIN]
    outside = functions(
        {"put": partial(run, put, environ), "rotate": partial(run, rotate, environ)}, runs
    )
    found = _looking(base, program, max(3, runs // 4))
    return [
        ratio_row("a rotation by builtin/password / a put", outside["rotate"] / outside["put"], 3),
        ratio_row("the same in one process", inside["rotate"] / inside["put"], 6),
        ratio_row(f"run-due over {_MANY:,}, none due / a list", found["due"] / found["list"], 5),
        Row(
            "a rotation by a function in Python / its own import",
            f"+{overhead_ms:.0f} ms",
            f"<= +{_MOST_MS} ms",
            overhead_ms <= _MOST_MS,
        ),
    ]


def _looking(base: str, program: str, runs: int) -> dict[str, float]:
    """Return the seconds of a look for what is due, and of a list of all secrets."""
    home = os.path.join(base, "waiting")
    now_ms = vaults.context(home).now_ms()
    waiting = Rotation(enabled=True, function=_BUILTIN, automatically_after_days=30)
    waiting = retries.after_change(waiting, now_ms)
    vaults.filled(home, _MANY, waiting).close()
    asked = {"list": [program, "list-secrets"], "due": [program, "rotation", "run-due"]}
    return commands(asked, runs, clean_environment(home))


def _overhead(session: Session, base: str, secret_id: str, runs: int) -> float:
    """Return by how many seconds a rotation takes longer than to import its function once."""
    path = os.path.join(base, "lambda_function.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(_FUNCTION)
    registered = Registered("bench", path, python=sys.executable)
    secret = standing(session, secret_id, "").secret
    given = {"AWS_REGION": vaults.REGION, "AWS_DEFAULT_REGION": vaults.REGION}
    environ = {**clean_environment(base), **given}
    found = functions(
        {
            "import": partial(run, [sys.executable, "-B", path], environ),
            "rotate": lambda: _rotate(session, secret_id, prepared(session, registered, secret)),
        },
        runs,
    )
    return found["rotate"] - found["import"]


def _put(session: Session, secret_id: str) -> None:
    token = os.urandom(16).hex()
    put: dict[str, object] = {"SecretId": secret_id, "SecretString": _VALUE}
    call(session, BY_NAME["PutSecretValue"], {**put, "ClientRequestToken": token})


def _rotate(session: Session, secret_id: str, function: Function | None = None) -> None:
    token = os.urandom(16).hex()
    asked: dict[str, object] = {"SecretId": secret_id, "RotationLambdaARN": _BUILTIN}
    answer = call(session, BY_NAME["RotateSecret"], {**asked, "ClientRequestToken": token})
    function = function or known.named(_BUILTIN)
    assert function is not None
    engine.rotate(session, str(answer["ARN"]), token, function, lambda _: None)
