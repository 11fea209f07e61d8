"""The engine: runs the four steps of one rotation, and says how it ended.

The vault is free between the steps and while a function runs. Whatever kills the engine leaves the
pending version behind, from which the next try goes on with the same token.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_how.html
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from secretctl.domain import staging
from secretctl.errors import SecretctlError, ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.rotation.lease import lease
from secretctl.rotation.steps import (
    CREATE,
    FINISH,
    STEPS,
    TEST,
    Fields,
    Function,
    RotationError,
    Step,
    StepError,
)
from secretctl.service import rotating
from secretctl.service.dispatch import call
from secretctl.service.rotating import Standing
from secretctl.service.secrets import arn
from secretctl.service.session import Session

Tell = Callable[[str], None]
"""Is told the name of each step before it runs."""

_GONE = "the rotation was given up meanwhile: its version is pending no more"
_CANCELLED = "the rotation was cancelled meanwhile"
_COPY = "a test of the function was broken off, and its copy is removed now"
_NO_VALUE = "it left the version without a value"
_BROKEN_OFF = "it was broken off"
_NOT_CURRENT = "it did not make the version the current one"


def rotate(session: Session, secret_id: str, token: str, function: Function, tell: Tell) -> None:
    """Run a rotation that RotateSecret began, from its first step on; nothing if it is over.

    Args:
        session: Of the caller.
        secret_id: The ARN.
        token: Id of the version to be made.
        function: What does the steps.
        tell: See `Tell`.

    Raises:
        RotationError: A step failed; when the next try is due is noted in the vault.
        StoreBusyError: Another process rotates the secret.
        SecretctlError: The vault or the journal cannot be used.
    """
    secret = rotating.standing(session, secret_id, token).secret
    with closing(function), lease(session.vault.directory, secret.number):
        standing = rotating.standing(session, secret_id, token)
        if standing.is_over:
            return
        if standing.is_copy:
            rotating.drop_copy(session, secret_id, token, _BROKEN_OFF)
            raise RotationError(_COPY, "secretctl rotate-secret")
        said: Fields = {"versionId": token, "function": function.name}
        rotating.note(session, rotating.STARTED, standing.secret, said)
        for name in STEPS:
            _check_wanted(standing, name)
            tell(name)
            standing = _done(session, function, name, token, standing)
        rotating.succeed(session, secret_id, token)


def try_out(session: Session, secret_id: str, token: str, function: Function, tell: Tell) -> None:
    """Run testSecret alone, on a copy of the current version that goes again.

    It is what RotateSecret does that is not to rotate at once; takes and raises what `rotate` does.
    """
    number = rotating.standing(session, secret_id, token).secret.number
    with closing(function), lease(session.vault.directory, number):
        rotating.hold_copy(session, secret_id, token)
        tell(TEST)
        try:
            _run(session, function, TEST, token, rotating.standing(session, secret_id, token))
        except (ServiceError, StepError) as error:
            why = error.code if isinstance(error, ServiceError) else error.message
            rotating.drop_copy(session, secret_id, token, why)
            raise RotationError(
                f"the function failed in {TEST}: {error.message}", *error.hints
            ) from None
        except BaseException:
            rotating.drop_copy(session, secret_id, token, _BROKEN_OFF)
            raise
        rotating.drop_copy(session, secret_id, token)


def check(session: Session, secret_id: str, function: Function) -> None:
    """Find out whether *function* can rotate a secret, as far as that shows without changing it.

    Raises:
        RotationError: What is missing.
        ServiceError: The secret cannot be read.
    """
    with closing(function):
        try:
            function.check(_step(session, TEST, "", rotating.standing(session, secret_id, "")))
        except StepError as error:
            raise RotationError(f"it would fail: {error.message}", *error.hints) from None


def _done(
    session: Session, function: Function, name: str, token: str, standing: Standing
) -> Standing:
    """Run one step; return how far the rotation is then."""
    secret_id = arn(session, standing.secret)
    try:
        _run(session, function, name, token, standing)
        after = rotating.standing(session, secret_id, token)
        if name == CREATE and not after.is_filled:
            raise StepError(_NO_VALUE)
        if name == FINISH and not after.is_current:
            raise StepError(_NOT_CURRENT)
    except ServiceError as error:
        raise _failed(session, secret_id, token, name, error, error.code) from None
    except StepError as error:
        raise _failed(session, secret_id, token, name, error, error.message) from None
    return after


def _check_wanted(standing: Standing, name: str) -> None:
    """See that nobody has given the rotation up before a step; raises RotationError."""
    if not (standing.is_pending or standing.is_current):
        raise RotationError(f"secretctl stopped before {name}: {_GONE}")
    if not standing.is_on:
        raise RotationError(
            f"secretctl stopped before {name}: {_CANCELLED}", "secretctl rotation retry"
        )


def _run(session: Session, function: Function, name: str, token: str, standing: Standing) -> None:
    step = _step(session, name, token, standing)
    rotating.note(session, rotating.STEP, standing.secret, {"versionId": token, "step": name})
    if function.acts_outside:
        session.recorder.flush()
    function.run(step)


def _step(session: Session, name: str, token: str, standing: Standing) -> Step:
    current = staging.current(standing.secret.versions)

    def ask(operation: str, parameters: Fields) -> Fields:
        return call(session, BY_NAME[operation], parameters)

    return Step(
        name,
        arn(session, standing.secret),
        token,
        standing.is_filled,
        "" if current is None else current.id,
        ask,
        session.context.random,
        session.context.now_ms,
    )


def _failed(  # noqa: PLR0913 whose step it was, and what went wrong
    session: Session, secret_id: str, token: str, name: str, error: SecretctlError, why: str
) -> RotationError:
    _check_wanted(rotating.standing(session, secret_id, token), f"the end of {name}")
    rotation = rotating.fail(session, secret_id, token, name, why)
    tries = "" if rotation.failed_tries == 1 else f" (try {rotation.failed_tries})"
    return RotationError(
        f"the rotation failed in {name}{tries}: {error.message}",
        *error.hints,
        "secretctl rotation retry tries again, secretctl rotation abandon gives it up",
    )
