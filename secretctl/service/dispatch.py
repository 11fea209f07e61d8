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
    result = _runner(operation)(session, parameters)
    record_access(session)
    return result


def read_all(session: Session, requests: list[Parameters]) -> list[Result | ServiceError]:
    """Answer several GetSecretValue requests from one moment of the vault.

    Returns:
        For each request its answer, or the error that refused it. What was read is recorded in
        one commit.
    """
    run = _runner(BY_NAME["GetSecretValue"])
    answers: list[Result | ServiceError] = []
    with session.vault.read():
        for parameters in requests:
            try:
                answers.append(run(session, parameters))
            except ServiceError as error:
                answers.append(error)
    record_access(session)
    return answers


def _runner(operation: Operation) -> Callable[[Session, Parameters], Result]:
    module, _, function = operation.handler.partition(":")
    handler: Handler = getattr(import_module(module), function)
    arguments = {member.name: snake(member.name) for member in operation.input}

    def run(session: Session, parameters: Parameters) -> Result:
        check_service(operation, parameters)
        given = {arguments[name]: each for name, each in parameters.items() if each is not None}
        return handler(session, **given)

    return run
