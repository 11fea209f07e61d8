"""Measures of rotation: what one costs beside a put, and looking for what is due."""

import os
from functools import partial

from bench import vaults
from bench.measure import Row, clean_environment, functions, ratio_row, run
from secretctl.model.operations import BY_NAME
from secretctl.rotation import engine
from secretctl.rotation import functions as known
from secretctl.service.dispatch import call
from secretctl.service.opening import begin
from secretctl.service.session import Session

_SECRET = "bench/0"
_BUILTIN = "builtin/password"


def rows(base: str, program: str, runs: int) -> list[Row]:
    """Return the rows; *runs* of each are made in turns."""
    home = os.path.join(base, "rotating")
    vault = vaults.filled(home, 1)
    session = begin(vaults.context(home), vault, vaults.REGION, known.is_known)
    put: dict[str, object] = {"SecretId": _SECRET, "SecretString": '{"password":"p"}'}
    call(session, BY_NAME["PutSecretValue"], {**put, "ClientRequestToken": os.urandom(16).hex()})
    inside = functions(
        {"put": partial(_put, session, put), "rotate": partial(_rotate, session)}, 2 * runs
    )
    session.close()
    environ = clean_environment(home)
    outside = functions(
        {
            "put": partial(
                run,
                [
                    program,
                    "put-secret-value",
                    "--secret-id",
                    _SECRET,
                    "--secret-string",
                    str(put["SecretString"]),
                ],
                environ,
            ),
            "rotate": partial(
                run,
                [
                    program,
                    "rotate-secret",
                    "--secret-id",
                    _SECRET,
                    "--rotation-lambda-arn",
                    _BUILTIN,
                ],
                environ,
            ),
        },
        runs,
    )
    return [
        ratio_row("a rotation by builtin/password / a put", outside["rotate"] / outside["put"], 3),
        ratio_row("the same in one process", inside["rotate"] / inside["put"], 6),
    ]


def _put(session: Session, put: dict[str, object]) -> None:
    call(session, BY_NAME["PutSecretValue"], {**put, "ClientRequestToken": os.urandom(16).hex()})


def _rotate(session: Session) -> None:
    token = os.urandom(16).hex()
    asked: dict[str, object] = {"SecretId": _SECRET, "RotationLambdaARN": _BUILTIN}
    answer = call(session, BY_NAME["RotateSecret"], {**asked, "ClientRequestToken": token})
    function = known.named(_BUILTIN)
    assert function is not None
    engine.rotate(session, str(answer["ARN"]), token, function, lambda _: None)
