r"""``builtin/password``: a new random password, kept nowhere but in the secret.

It replaces the member ``password`` of a JSON object, or the whole of any other text. It has what
AWS's own functions have: 32 characters, none of ``/@"'\``.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.password import random_password
from secretctl.rotation import versions
from secretctl.rotation.steps import Function, Step, StepError

KEY = "password"
_EXCLUDED = "/@\"'\\"
_LENGTH = 32


def new(step: Step, excluded: str = "") -> str:
    """Return a random password without some characters besides."""
    unwanted = _EXCLUDED + excluded
    return random_password(step.random, length=_LENGTH, exclude_characters=unwanted)


def replaced(text: str, password: str) -> str:
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
    if KEY not in found:
        raise StepError(
            f"the value is a JSON object without the key {KEY}",
            "secretctl put-secret-value puts one there, under any value",
        )
    return json_text.compact({**found, KEY: password})


def _create(step: Step) -> None:
    versions.fill(step, replaced(versions.current(step), new(step)))


def _check(step: Step) -> None:
    replaced(versions.current(step), "")


FUNCTION = Function(
    "builtin/password", versions.in_steps(_create), acts_outside=False, check=_check
)
