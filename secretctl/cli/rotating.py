"""Running the rotation of a secret, and showing its steps as they pass."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.context import Context, tell
from secretctl.rotation.engine import rotate, try_out
from secretctl.rotation.functions import named
from secretctl.rotation.steps import STEPS, Function, RotationError
from secretctl.service import rotating
from secretctl.service.session import Session

Fields = dict[str, object]


def finish(session: Session, parameters: Fields, answers: list[Fields], context: Context) -> None:
    """Do what RotateSecret, which answered, has begun.

    Raises:
        RotationError: A step failed.
    """
    secret_id, token = str(answers[0]["ARN"]), str(answers[0]["VersionId"])
    function, shows = _function(session, secret_id, token), _teller(context)
    if parameters.get("RotateImmediately") is False:
        try_out(session, secret_id, token, function, shows)
    else:
        rotate(session, secret_id, token, function, shows)


def run(session: Session, secret_id: str, token: str, context: Context) -> None:
    """Rotate a secret whose version *token* is pending; raises as `engine.rotate`."""
    rotate(session, secret_id, token, _function(session, secret_id, token), _teller(context))


def _function(session: Session, secret_id: str, token: str) -> Function:
    rotation = rotating.standing(session, secret_id, token).secret.rotation
    function = None if rotation is None else named(rotation.function)
    if function is None:
        raise RotationError("the function of this secret cannot be run here")
    return function


def _teller(context: Context) -> Callable[[str], None]:
    """Return what shows a step: to a person and in a CI run; others get no line, as of ``aws``."""
    is_shown = context.stderr.isatty() or bool(context.environ.get("CI"))

    def show(step: str) -> None:
        if is_shown:
            tell(context, f"secretctl: rotation: {step} ({STEPS.index(step) + 1}/{len(STEPS)})\n")

    return show
