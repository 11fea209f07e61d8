"""What functions do with the versions of a secret, by the operations that AWS's own call."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.domain.staging import CURRENT, PENDING, PREVIOUS
from secretctl.errors import ServiceError
from secretctl.rotation.steps import FINISH, SET, TEST, Fields, Step, StepError

_NOT_FOUND = "ResourceNotFoundException"


Do = Callable[[Step], None]


def nothing(_: Step) -> None:
    """Have nothing to do."""


def in_steps(create: Do, set_: Do = nothing, test: Do = nothing, end: Do = nothing) -> Do:
    """Return what does a step by the one that is for it; the last is the same for all.

    *create* is left out where the version has its value from a try before, and everything where it
    is the current one already, as AWS's functions do. *end* is done in the last step, before the
    labels move.
    """

    def run(step: Step) -> None:
        if step.current == step.token:
            return
        if step.name == FINISH:
            end(step)
            finish(step)
        elif step.name == SET:
            set_(step)
        elif step.name == TEST:
            test(step)
        elif not step.is_filled:
            create(step)

    return run


def current(step: Step) -> str:
    """Return the text of the current version.

    Raises:
        ServiceError: There is none, or the caller may not read it.
        StepError: It is binary.
    """
    return _text(step.call("GetSecretValue", {"SecretId": step.secret_id}))


def pending(step: Step) -> str:
    """Return the text of the version that is made; raises as `current`."""
    which: Fields = {"VersionId": step.token, "VersionStage": PENDING}
    return _text(step.call("GetSecretValue", {"SecretId": step.secret_id, **which}))


def previous(step: Step) -> str | None:
    """Return the text of the version before the current one; None if there is none."""
    which: Fields = {"SecretId": step.secret_id, "VersionStage": PREVIOUS}
    try:
        return _text(step.call("GetSecretValue", which))
    except ServiceError as error:
        if error.code == _NOT_FOUND:
            return None
        raise


def other(step: Step, secret_id: str, whose: str) -> str:
    """Return the current text of another secret; raises as `current`, with a hint at *whose*."""
    try:
        return _text(step.call("GetSecretValue", {"SecretId": secret_id}))
    except ServiceError as error:
        error.hints = (*error.hints, f"that is said of {whose}, which the value names")
        raise


def fill(step: Step, text: str) -> None:
    """Give the version that is made its value."""
    put: Fields = {
        "SecretId": step.secret_id,
        "ClientRequestToken": step.token,
        "SecretString": text,
        "VersionStages": [PENDING],
    }
    step.call("PutSecretValue", put)


def finish(step: Step) -> None:
    """Make the pending version the current one, as every function does in the end."""
    moved: Fields = {
        "SecretId": step.secret_id,
        "VersionStage": CURRENT,
        "MoveToVersionId": step.token,
    }
    if step.current:
        moved["RemoveFromVersionId"] = step.current
    step.call("UpdateSecretVersionStage", moved)


def _text(answer: Fields) -> str:
    text = answer.get("SecretString")
    if not isinstance(text, str):
        raise StepError("the value is binary, and must be text")
    return text
