"""The one door into the service: validate, run, answer.

Every face comes in here; nothing else reaches an operation.
"""

from collections.abc import Callable
from importlib import import_module

from secretctl.model.shapes import Operation, snake
from secretctl.model.validate import check_service
from secretctl.service.access import record_access
from secretctl.service.session import Session

Result = dict[str, object]


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


def call_unrecorded(
    session: Session, operation: Operation, parameters: dict[str, object]
) -> Result:
    """Do what `call` does, one of several times: `record` is to follow the last."""
    return _run(session, operation, parameters)


def record(session: Session) -> None:
    """Put on record what was read, in one commit for all."""
    record_access(session)


def _run(session: Session, operation: Operation, parameters: dict[str, object]) -> Result:
    check_service(operation, parameters)
    module, _, function = operation.handler.partition(":")
    handler: Callable[..., Result] = getattr(import_module(module), function)
    return handler(session, **{snake(name): value for name, value in parameters.items()})
