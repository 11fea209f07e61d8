"""What ``check`` finds of a variable: judged by what GetSecretValue answered, or would."""

from __future__ import annotations

from secretctl.delivery import environment
from secretctl.delivery.manifest import Need
from secretctl.errors import DeliveryError, ServiceError
from secretctl.record import NamedTuple

NOT_FOUND = "ResourceNotFoundException"
NO_KEY, NO_VARIABLE = "KeyNotFound", "NotDeliverable"
"""Codes of problems, beside those of AWS and of `Need.fault`."""


class Finding(NamedTuple):
    """How it stands with a variable."""

    need: Need
    problem: str = ""
    """Code of what is wrong; empty if nothing is."""

    message: str = ""
    """The same in words: names, never a value."""

    is_there: bool = True
    """False for what may be missing and is."""

    is_read: bool = False
    """Whether its value was read."""


def judged(need: Need, answer: dict[str, object] | ServiceError) -> Finding:
    """Return how it stands with *need*.

    Args:
        need: What is asked for.
        answer: Of GetSecretValue; empty for a value that is there and was not read.
    """
    if isinstance(answer, ServiceError):
        if answer.code == NOT_FOUND and not need.is_required:
            return Finding(need, is_there=False)
        return Finding(need, answer.code, answer.message)
    return _of_value(need, answer) if answer else Finding(need)


def _of_value(need: Need, answer: dict[str, object]) -> Finding:
    found = Finding(need, is_read=True)
    try:
        variables = environment.named([(need.source, answer)], optional=frozenset({need.source}))
        environment.refuse_reserved(variables)
    except DeliveryError as error:
        return found._replace(problem=NO_VARIABLE, message=error.message)
    if not variables:
        if need.is_required:
            return found._replace(problem=NO_KEY, message="the secret has no such key")
        return found._replace(is_there=False)
    for variable in variables:
        fault = need.fault(variable.value)
        if fault is not None:
            return found._replace(problem=fault[0], message=fault[1])
    return found
