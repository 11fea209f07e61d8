"""The engine: runs the four steps of one rotation, and says how it ended.

The vault is free between the steps and while a function runs: what touches it is done in turns, see
`Session.turn`, so that a server's engine has a thread of its own. Whatever kills the engine leaves
the pending version behind, from which the next try goes on with the same token.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_how.html
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial

from secretctl.audit.event import ROTATION
from secretctl.context import uuid4
from secretctl.domain import retries, staging
from secretctl.domain.secret import Secret
from secretctl.errors import SecretctlError, ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.rotation.lease import LeaseHeldError, lease
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
from secretctl.service.dispatch import call, read
from secretctl.service.rotating import Standing
from secretctl.service.secrets import arn
from secretctl.service.session import Session

Tell = Callable[[str], None]
"""Is told the name of each step before it runs."""

_TOKEN_BYTES = 16
_READ = "GetSecretValue"
_GONE = "the rotation was given up meanwhile: its version is pending no more"
_NOT_READ = (
    "the value names another secret, which the configuration file does not let it read for this one"
)
_DELETED = "the secret was deleted meanwhile"
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
        LeaseHeldError: Somebody else rotates the secret.
        SecretctlError: The vault or the journal cannot be used.
    """
    with closing(function), _held(session, secret_id):
        _whole(session, secret_id, token, function, tell)


def rotate_if_due(session: Session, secret_id: str, function: Function, tell: Tell) -> str:
    """Rotate a secret that was found due, unless somebody has seen to it since.

    Takes what `rotate` does; raises so, and as RotateSecret does.

    Returns:
        Id of the version that is current now; empty where somebody else has rotated the secret, or
        does so just now.
    """
    with closing(function), suppress(LeaseHeldError), _held(session, secret_id):
        secret = _standing(session, secret_id, "").secret
        if not retries.is_due(secret, session.context.now_ms()):
            return ""
        pending = retries.unfinished(secret)
        token = pending.id if pending else uuid4(session.context.random(_TOKEN_BYTES))
        request: Fields = {"SecretId": secret_id, "ClientRequestToken": token}
        session.turn(partial(call, session, BY_NAME["RotateSecret"], request))
        _whole(session, secret_id, token, function, tell)
        return token
    return ""


def try_out(session: Session, secret_id: str, token: str, function: Function, tell: Tell) -> None:
    """Run testSecret alone, on a copy of the current version that goes again.

    It is what RotateSecret does that is not to rotate at once; takes and raises what `rotate` does.
    """

    def drop_copy(why: str = "") -> None:
        session.turn(partial(rotating.drop_copy, session, secret_id, token, why))

    with closing(function), _held(session, secret_id):
        session.turn(partial(rotating.hold_copy, session, secret_id, token))
        tell(TEST)
        try:
            _run(session, function, TEST, token, _standing(session, secret_id, token))
        except (ServiceError, StepError) as error:
            drop_copy(error.code if isinstance(error, ServiceError) else error.message)
            raise RotationError(
                f"the function failed in {TEST}: {error.message}", *error.hints
            ) from None
        except BaseException:
            drop_copy(_BROKEN_OFF)
            raise
        drop_copy()


def check(session: Session, secret_id: str, function: Function) -> None:
    """Find out whether *function* can rotate a secret, as far as that shows without changing it.

    Raises:
        RotationError: What is missing.
        ServiceError: The secret cannot be read.
    """
    with closing(function):
        try:
            standing = _standing(session, secret_id, "")
            with _failing():
                function.check(_step(session, function, TEST, "", standing))
        except StepError as error:
            raise RotationError(f"it would fail: {error.message}", *error.hints) from None


@contextmanager
def _failing() -> Iterator[None]:
    """Let whatever a function and its driver do not expect be a step that failed."""
    try:
        yield
    except SecretctlError:
        raise
    except Exception as error:  # noqa: BLE001 a driver raises what it likes, on any value
        kind = type(error).__name__
        raise StepError(f"something in the value or the server was not expected: {kind}") from None


@contextmanager
def _held(session: Session, secret_id: str) -> Iterator[None]:
    number = _standing(session, secret_id, "").secret.number
    with lease(session.vault.directory, number):
        yield


def _standing(session: Session, secret_id: str, token: str) -> Standing:
    return session.turn(partial(rotating.standing, session, secret_id, token))


def _whole(session: Session, secret_id: str, token: str, function: Function, tell: Tell) -> None:
    """Run all steps, as whoever has the lease; takes and raises what `rotate` does."""
    standing = _standing(session, secret_id, token)
    if standing.is_over:
        return
    if standing.is_copy:
        session.turn(partial(rotating.drop_copy, session, secret_id, token, _BROKEN_OFF))
        raise RotationError(_COPY, "secretctl rotate-secret")
    said: Fields = {"versionId": token, "function": function.name}
    session.turn(partial(rotating.note, session, rotating.STARTED, standing.secret, said))
    for name in STEPS:
        _check_wanted(standing, name)
        tell(name)
        standing = _done(session, function, name, token, standing)
    session.turn(partial(rotating.succeed, session, secret_id, token))


def _done(
    session: Session, function: Function, name: str, token: str, standing: Standing
) -> Standing:
    """Run one step; return how far the rotation is then."""
    secret_id = arn(session, standing.secret)
    try:
        _run(session, function, name, token, standing)
        after = _standing(session, secret_id, token)
        if name == CREATE and not after.is_filled:
            raise StepError(_NO_VALUE)
        if name == FINISH and not after.is_current:
            raise StepError(_NOT_CURRENT)
    except ServiceError as error:
        raise _failed(session, standing.secret, token, name, error, error.code) from None
    except StepError as error:
        raise _failed(session, standing.secret, token, name, error, error.message) from None
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
    step = _step(session, function, name, token, standing)

    def note() -> None:
        said: Fields = {"versionId": token, "step": name}
        rotating.note(session, rotating.STEP, standing.secret, said)
        if function.acts_outside:
            session.recorder.flush()

    session.turn(note)
    with _failing():
        function.run(step)


def _step(session: Session, function: Function, name: str, token: str, standing: Standing) -> Step:
    current = staging.current(standing.secret.versions)

    def ask(operation: str, parameters: Fields) -> Fields:
        _check_reads(session, function, standing.secret, parameters["SecretId"])
        if operation == _READ and not function.hands_on:
            return session.turn(partial(read, session, BY_NAME[_READ], parameters, ROTATION))
        return session.turn(partial(call, session, BY_NAME[operation], parameters))

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


def _check_reads(session: Session, function: Function, secret: Secret, asked: object) -> None:
    """See that a value aims the function at no other secret than the configuration file does.

    Raises:
        ServiceError: There is no such secret, or the caller may not know of it.
        StepError: It is another one.
    """
    own, asked = arn(session, secret), str(asked)
    if asked == own:
        return
    if session.turn(partial(rotating.is_among, session, asked, (own, *function.reads))):
        return
    found = session.turn(partial(call, session, BY_NAME["DescribeSecret"], {"SecretId": asked}))
    pattern, other = shlex.quote(secret.name), shlex.quote(str(found["Name"]))
    raise StepError(_NOT_READ, f"secretctl rotation allow {pattern} --read {other}")


def _failed(  # noqa: PLR0913 whose step it was, and what went wrong
    session: Session, secret: Secret, token: str, name: str, error: SecretctlError, why: str
) -> RotationError:
    secret_id = arn(session, secret)
    try:
        _check_wanted(_standing(session, secret_id, token), f"the end of {name}")
        rotation = session.turn(partial(rotating.fail, session, secret_id, token, name, why))
    except ServiceError as gone:
        return _deleted(session, secret, token, name, gone)
    tries = "" if rotation.failed_tries == 1 else f" (try {rotation.failed_tries})"
    return RotationError(
        f"the rotation failed in {name}{tries}: {error.message}",
        *error.hints,
        "secretctl rotation retry tries again, secretctl rotation abandon gives it up",
    )


def _deleted(
    session: Session, secret: Secret, token: str, name: str, gone: ServiceError
) -> RotationError:
    """Record a failure that cannot be noted in the secret; return it."""
    said: Fields = {"versionId": token, "step": name, "reason": _DELETED}

    def note() -> None:
        rotating.note(session, rotating.FAILED, secret, said)
        session.recorder.flush()

    session.turn(note)
    return RotationError(f"the rotation failed in {name}: {_DELETED}: {gone.message}")
