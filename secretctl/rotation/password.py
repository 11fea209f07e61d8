r"""``builtin/password``: a new random password, kept nowhere but in the secret.

It replaces the member ``password`` of a JSON object, or the whole of any other text. It has what
AWS's own functions have: 32 characters, none of ``/@"'\``.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.password import random_password
from secretctl.rotation.steps import CREATE, FINISH, Fields, Function, Step, StepError

_KEY = "password"
_EXCLUDED = "/@\"'\\"
_LENGTH = 32


def _run(step: Step) -> None:
    """Do one step; there is nothing to set and to test."""
    if step.name == CREATE:
        _create(step)
    elif step.name == FINISH:
        finish(step)


def _create(step: Step) -> None:
    if step.is_filled:
        return
    answer = step.call("GetSecretValue", {"SecretId": step.secret_id})
    text = answer.get("SecretString")
    if not isinstance(text, str):
        raise StepError("the value is binary: a password is text")
    password = random_password(step.random, length=_LENGTH, exclude_characters=_EXCLUDED)
    put: Fields = {
        "SecretId": step.secret_id,
        "ClientRequestToken": step.token,
        "SecretString": _with_password(text, password),
        "VersionStages": ["AWSPENDING"],
    }
    step.call("PutSecretValue", put)


def finish(step: Step) -> None:
    """Make the pending version the current one, as every function does in the end."""
    if step.current == step.token:
        return
    moved: Fields = {
        "SecretId": step.secret_id,
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": step.token,
    }
    if step.current:
        moved["RemoveFromVersionId"] = step.current
    step.call("UpdateSecretVersionStage", moved)


def _with_password(text: str, password: str) -> str:
    """Return *text* with the password in it.

    Raises:
        StepError: It is an object without that member: what is to be replaced is not known.
    """
    try:
        found = json_text.read(text)
    except (ValueError, RecursionError):
        return password
    if not isinstance(found, dict):
        return password
    if _KEY not in found:
        raise StepError(
            f"the value is a JSON object without the key {_KEY}",
            "secretctl put-secret-value puts one there, under any value",
        )
    return json_text.compact({**found, _KEY: password})


FUNCTION = Function("builtin/password", _run, acts_outside=False)
