"""Running the rotation of a secret, and showing its steps as they pass."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.cli.functions import check_typed, named, of_secret
from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Fields
from secretctl.rotation import engine
from secretctl.rotation.engine import rotate, rotate_if_due, try_out
from secretctl.rotation.steps import STEPS, RotationError
from secretctl.service import rotating
from secretctl.service.dispatch import call
from secretctl.service.session import Session


def finish(session: Session, parameters: Fields, answers: list[Fields], context: Context) -> None:
    """Do what RotateSecret, which answered, has begun.

    Raises:
        RotationError: A step failed.
    """
    secret_id, token = str(answers[0]["ARN"]), str(answers[0]["VersionId"])
    function, shows = of_secret(session, secret_id, token, context), _teller(context)
    if parameters.get("RotateImmediately") is False:
        try_out(session, secret_id, token, function, shows)
    else:
        rotate(session, secret_id, token, function, shows)


def run(session: Session, secret_id: str, token: str, context: Context) -> None:
    """Rotate a secret whose version *token* is pending; raises as `engine.rotate`."""
    function = of_secret(session, secret_id, token, context)
    rotate(session, secret_id, token, function, _teller(context))


def run_if_due(session: Session, secret_id: str, context: Context) -> str:
    """Rotate a secret that was found due; returns and raises as `engine.rotate_if_due`."""
    function = of_secret(session, secret_id, "", context)
    return rotate_if_due(session, secret_id, function, _teller(context))


def check(session: Session, secret_id: str, name: str, context: Context) -> None:
    """See whether a function can rotate a secret, and write that it can.

    Args:
        session: Of the caller.
        secret_id: Name or ARN of the secret.
        name: Of the function; empty for the secret's own.
        context: Streams and environment.

    Raises:
        RotationError: What is missing.
        ServiceError: The secret cannot be read.
        UsageError: There is no such function.
        ConfigError: As `functions.registered`.
    """
    found = call(session, BY_NAME["DescribeSecret"], {"SecretId": secret_id})
    if name:
        check_typed(context, name)
    arn, name = str(found["ARN"]), name or str(found.get("RotationLambdaARN", ""))
    if not name:
        raise RotationError(
            "the secret has no rotation function", "secretctl rotation test SECRET --function NAME"
        )
    secret = rotating.standing(session, arn, "").secret
    engine.check(session, arn, named(session, secret, name, context))
    context.stdout.write(f"{safe(name)} can rotate this secret\n")


def _teller(context: Context) -> Callable[[str], None]:
    """Return what shows a step: to a person and in a CI run; others get no line, as of ``aws``."""
    is_shown = context.stderr.isatty() or bool(context.environ.get("CI"))

    def show(step: str) -> None:
        if is_shown:
            tell(context, f"secretctl: rotation: {step} ({STEPS.index(step) + 1}/{len(STEPS)})\n")

    return show
