"""The one door into the service: validate, run, answer.

Every face comes in here; nothing else reaches an operation.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Operation, snake
from secretctl.model.validate import check_service
from secretctl.service.access import record_access
from secretctl.service.session import Session

Parameters = dict[str, object]
Result = dict[str, object]
Handler = Callable[..., Result]


def call(session: Session, operation: Operation, parameters: dict[str, object]) -> Result:
    """Run *operation* with wire *parameters* and return its wire result.

    Timestamps are aware ``datetime`` in UTC, blobs ``bytes``.

    Raises:
        ServiceError: The operation refused.
        SecretctlError: The vault could not be read or changed.
    """
    result = _run(session, operation, parameters)
    record_access(session)
    return result


def read_all(session: Session, requests: list[Parameters]) -> list[Result | ServiceError]:
    """Answer several GetSecretValue requests from one moment of the vault.

    Returns:
        For each request its answer, or the error that refused it. What was read is recorded in
        one commit.
    """
    operation = BY_NAME["GetSecretValue"]
    answers: list[Result | ServiceError] = []
    with session.vault.read():
        for parameters in requests:
            try:
                answers.append(_run(session, operation, parameters))
            except ServiceError as error:
                answers.append(error)
    record_access(session)
    return answers


def _run(session: Session, operation: Operation, parameters: dict[str, object]) -> Result:
    check_service(operation, parameters)
    module, _, function = operation.handler.partition(":")
    handler: Handler = getattr(import_module(module), function)
    given = {snake(name): value for name, value in parameters.items() if value is not None}
    return handler(session, **given)
