"""AWS JSON 1.1, version 2017-10-17 of Secrets Manager: requests read, answers and errors written.

Timestamps are seconds since 1970, to the millisecond; blobs are base64. Errors that the model
declares have a ``Message``, all others a ``message``, as AWS has it.
See: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from datetime import datetime

from secretctl import json_text
from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Member, Operation, Shape
from secretctl.model.timestamps import milliseconds
from secretctl.policy import strict_json
from secretctl.record import NamedTuple
from secretctl.server.framing import RefusedError
from secretctl.sigv4.canonical import SIGNATURE, parameters

PREFIX = "secretsmanager."
CONTENT_TYPE = b"application/x-amz-json-1.1"
SERVER_ERROR = "InternalServiceError"
_SERVER_SENTENCE = "An error occurred on the server side."
_CAPITAL = {code for operation in BY_NAME.values() for code in operation.errors}
_CAPITAL.add("AccessDeniedException")  # not declared, and yet
_REFUSALS = {
    400: "BadRequest",
    403: "Forbidden",
    405: "MethodNotAllowed",
    408: "RequestTimeout",  # which the SDKs try again
    413: "RequestEntityTooLarge",
    431: "RequestHeaderFieldsTooLarge",
    503: "ServiceUnavailable",
}

Parameters = dict[str, object]
Result = dict[str, object]


class Answer(NamedTuple):
    """A response, but for the headers that every one has. Its ``repr`` shows no value."""

    status: int
    body: bytes
    content_type: bytes = CONTENT_TYPE
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def __repr__(self) -> str:
        """Name the status alone."""
        return f"<answer {self.status}>"


def operation_of(target: str) -> Operation:
    """Return the operation that an ``X-Amz-Target`` names: ``secretsmanager.GetSecretValue``.

    Raises:
        ServiceError: UnknownOperationException.
    """
    operation = BY_NAME.get(target.removeprefix(PREFIX)) if target.startswith(PREFIX) else None
    if operation is None:
        raise ServiceError("UnknownOperationException", "")
    return operation


def parameters_of(operation: Operation, body: bytes) -> Parameters:
    """Return what a body says in members that *operation* has, blobs as bytes.

    Others are left out, as AWS does: whoever asks may be newer. They must be strict JSON too, and
    nothing that comes after this, as policies and the journal, sees them.

    Raises:
        ServiceError: SerializationException, where it is not strict JSON, no object, or holds
            base64 that is none.
    """
    try:
        found = strict_json.read(body.decode("utf-8"))
    except ValueError:  # also UnicodeDecodeError, whose text would show the body
        found = None
    if not isinstance(found, dict):
        raise ServiceError("SerializationException", "The request is not a JSON object.")
    for member in operation.input:
        if member.shape.kind == "blob" and isinstance(found.get(member.name), str):
            found[member.name] = _bytes(str(found[member.name]))
    return _declared(operation.input, found)


def parameters_in(operation: Operation, body: bytes, query: str) -> Parameters:
    """Return the parameters of a signed request: those of its body.

    A presigned address may be used without one; botocore writes the parameters into the query then.
    They are read as the signature reads them, or what was signed could mean something else.

    Raises:
        ServiceError: SerializationException, as `parameters_of`.
    """
    pairs = parameters(query)
    if body or not any(name == SIGNATURE for name, _ in pairs):
        return parameters_of(operation, body)
    given = [pair for pair in pairs if not pair[0].startswith("X-Amz-")]
    if len(dict(given)) != len(given):
        raise ServiceError("SerializationException", "A parameter is given twice.")
    if not all(_is_text(name) and _is_text(value) for name, value in given):
        raise ServiceError("SerializationException", "A parameter is not UTF-8.")
    return _declared(operation.input, dict(given))


def answer(result: Result) -> Answer:
    """Return the response of an operation that succeeded."""
    return Answer(200, _written(result).encode())


def failure(error: ServiceError) -> Answer:
    """Return the response of an operation that refused."""
    said = {"__type": error.code}
    if error.message:
        said["Message" if error.code in _CAPITAL else "message"] = error.message
    return _failed(500 if error.code == SERVER_ERROR else 400, said)


def refusal(refused: RefusedError) -> Answer:
    """Return the response of a request that is refused before its operation is looked at.

    It is one of the protocol, or an SDK would tell of JSON it cannot read, and not of the reason.
    """
    said = {"__type": _REFUSALS[refused.status], "message": refused.sentence}
    return _failed(refused.status, said)


def server_error() -> ServiceError:
    """Return the error of a server that could not do what was asked, whatever the reason."""
    return ServiceError(SERVER_ERROR, _SERVER_SENTENCE)


def _failed(status: int, said: dict[str, str]) -> Answer:
    body = json_text.compact(said).encode()
    return Answer(status, body, headers=((b"x-amzn-errortype", said["__type"].encode()),))


def _wire(value: object) -> object:
    """Return a time or a blob as the wire has it."""
    if isinstance(value, datetime):
        return milliseconds(value) / 1000
    if isinstance(value, bytes | bytearray):
        return binascii.b2a_base64(value, newline=False).decode("ascii")
    return json_text.refuse_type(value)


_written = json_text.writer(_wire)


def _declared(members: tuple[Member, ...], given: Mapping[str, object]) -> Parameters:
    """Return those of *given* that are members; of what is in them, likewise."""
    return {
        member.name: _declared_in(member.shape, given[member.name])
        for member in members
        if member.name in given
    }


def _declared_in(shape: Shape, value: object) -> object:
    if isinstance(value, dict) and shape.kind == "structure":
        return _declared(shape.members, value)
    if isinstance(value, list) and shape.item is not None:
        return [_declared_in(shape.item, each) for each in value]
    return value


def _is_text(text: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in text)


def _bytes(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:  # also UnicodeEncodeError
        raise ServiceError("SerializationException", "A blob is not base64.") from None
