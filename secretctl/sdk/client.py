"""The client: boto3's methods, answers and exceptions, over whatever answers requests.

Its methods are made from the declarations, and so is the stub of `secretsmanager`, by a test, in
which type checkers find them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import NoReturn, Self

from secretctl.context import uuid4
from secretctl.errors import ParameterError, ServiceError
from secretctl.model.operations import BY_NAME, OPERATIONS
from secretctl.model.shapes import Operation, Parameters, snake
from secretctl.model.validate import check_client
from secretctl.record import NamedTuple
from secretctl.sdk import exceptions
from secretctl.sdk.held import Outcome
from secretctl.sdk.paginators import Paginator

Answer = dict[str, object]
_API = {snake(operation.name): operation.name for operation in OPERATIONS}
_OK, _REFUSED, _FAILED = 200, 400, 500


class Meta(NamedTuple):
    """What is known of a client."""

    region_name: str
    method_to_api_mapping: Mapping[str, str] = _API
    partition: str = "aws"


class Exceptions:
    """The exceptions of a client, by the names that the API gives its errors."""

    ClientError = exceptions.ClientError

    def from_code(self, error_code: str) -> type[exceptions.ClientError]:
        """Return the exception of an error code."""
        return exceptions.DECLARED.get(error_code, exceptions.ClientError)


for _name, _exception in exceptions.DECLARED.items():
    setattr(Exceptions, _name, _exception)


class SecretsManager:
    """A client for Secrets Manager in one region."""

    exceptions = Exceptions()

    def __init__(
        self,
        ask: Callable[[Operation, Parameters], Outcome],
        close: Callable[[], None],
        region_name: str,
    ) -> None:
        """Keep what is asked.

        Args:
            ask: Answers or refuses a request.
            close: Gives back what that needs.
            region_name: Whose secrets are meant.
        """
        self._ask = ask
        self._close = close
        self.meta = Meta(region_name)

    def __repr__(self) -> str:
        """Name the region."""
        return f"<secretctl client for secretsmanager in {self.meta.region_name}>"

    def __reduce__(self) -> NoReturn:
        """Refuse to become bytes: what opens the vault would be among them."""
        raise TypeError("a client is of one process: it can be neither pickled nor copied")

    def __enter__(self) -> Self:
        """Return the client, which is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the client."""
        self.close()

    def close(self) -> None:
        """Give back what is held open; the next call opens it again."""
        self._close()

    def can_paginate(self, operation_name: str) -> bool:
        """Tell whether there is a paginator for a method: ``list_secrets``."""
        operation = BY_NAME.get(_API.get(operation_name, ""))
        return operation is not None and operation.pages is not None

    def get_paginator(self, operation_name: str) -> Paginator:
        """Return the paginator for a method.

        Raises:
            OperationNotPageableError: It has none.
        """
        if not self.can_paginate(operation_name):
            raise exceptions.OperationNotPageableError(operation_name)
        operation = BY_NAME[_API[operation_name]]
        return Paginator(lambda parameters: self._call(operation, parameters), operation)

    @property
    def waiter_names(self) -> list[str]:
        """Return those that boto3 has for this service: none."""
        return []

    def get_waiter(self, waiter_name: str) -> NoReturn:
        """Refuse as boto3 does.

        Raises:
            ValueError: There is none, whatever it is called.
        """
        raise ValueError(f"Waiter does not exist: {waiter_name}")

    def _call(self, operation: Operation, given: Parameters) -> Answer:
        parameters = _prepared(operation, given)
        try:
            check_client(operation, parameters)
        except ParameterError as error:
            report = error.message.partition("\n")[2]
            raise exceptions.ParamValidationError(report) from None
        outcome = self._ask(operation, {name: _plain(each) for name, each in parameters.items()})
        if isinstance(outcome.result, ServiceError):
            raise _exception_of(outcome.result, operation, outcome.request_id)
        return {**outcome.result, "ResponseMetadata": _metadata(outcome.request_id, _OK)}


def _method(operation: Operation) -> Callable[..., Answer]:
    name = snake(operation.name)

    def method(self: SecretsManager, *args: object, **parameters: object) -> Answer:
        if args:
            raise TypeError(f"{name}() only accepts keyword arguments.")
        return self._call(operation, parameters)

    members = "".join(f"\n    {each.name}: {each.doc}" for each in operation.input)
    method.__name__, method.__qualname__ = name, f"SecretsManager.{name}"
    method.__doc__ = f"{operation.summary}\n" + (f"\nArgs:{members}\n" if members else "")
    return method


for _operation in OPERATIONS:
    setattr(SecretsManager, snake(_operation.name), _method(_operation))


def _prepared(operation: Operation, given: Parameters) -> Parameters:
    """Return parameters as boto3 sends them: text for a blob is UTF-8, a token is made up."""
    parameters = dict(given)
    for member in operation.input:
        value = parameters.get(member.name)
        if member.shape.kind == "blob" and isinstance(value, str):
            parameters[member.name] = value.encode()
        if member.idempotency_token and member.name not in parameters:
            parameters[member.name] = uuid4(os.urandom(16))
    return parameters


def _plain(value: object) -> object:
    """Return what JSON would bring of a value that may be of a kind of its own, as an enumeration.

    What decides on a request, and what records it, knows no other; and nobody can change it then.
    """
    if isinstance(value, dict):
        return {_plain(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytearray):
        return bytes(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _metadata(request_id: str, status: int) -> Answer:
    headers = {"x-amzn-requestid": request_id}
    return {
        "RequestId": request_id,
        "HTTPStatusCode": status,
        "HTTPHeaders": headers,
        "RetryAttempts": 0,
    }


def _exception_of(
    error: ServiceError, operation: Operation, request_id: str
) -> exceptions.ClientError:
    kind = exceptions.DECLARED.get(error.code, exceptions.ClientError)
    status = _FAILED if error.code == "InternalServiceError" else _REFUSED
    response: Answer = {
        "Error": {"Message": error.message, "Code": error.code},
        "ResponseMetadata": _metadata(request_id, status),
    }
    if error.code in exceptions.DECLARED:
        response["Message"] = error.message
    raised = kind(response, operation.name)
    for hint in error.hints:
        raised.add_note(f"hint: {hint}")
    return raised
