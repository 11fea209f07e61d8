"""Requests and answers in the words of AWS JSON 1.1: from the declaration, and nothing else.

See: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from secretctl import json_text
from secretctl.model import timestamps
from secretctl.model.shapes import Member, Operation, Shape
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, TypeVar

    Wanted = TypeVar("Wanted")

CONTENT_TYPE = "application/x-amz-json-1.1"
_TYPES: dict[str, type[Any]] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "list": list,
    "structure": dict,
    "map": dict,
}


def target(operation: Operation) -> str:
    """Return what the header ``X-Amz-Target`` says."""
    return f"{operation.service}.{operation.name}"


def body_of(operation: Operation, parameters: dict[str, object]) -> bytes:
    """Return the body of a request, for *parameters* that keep their types."""
    sent = _sent_members(operation.input, parameters)
    # A half of a surrogate pair, which no encoding has, becomes what JSON escapes it by.
    return json_text.compact(sent).encode("utf-8", "backslashreplace")


def result_of(operation: Operation, body: bytes) -> dict[str, object]:
    """Return what a body answers: timestamps as aware ``datetime``, blobs as ``bytes``.

    Members that are not declared are left out, as botocore does: whoever answers may be newer. What
    every answer has must be there, since a page of another server may be an object as well.

    Raises:
        ValueError: It is not an answer of *operation*. The message holds nothing of it.
    """
    try:
        found = json_text.read(body.decode()) if body else {}
        result = _read_members(operation.output, _of_type(dict, found))
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise ValueError("not an answer") from None
    if not _is_whole(operation, result):
        raise ValueError("not an answer")
    return result


def _is_whole(operation: Operation, result: dict[str, object]) -> bool:
    """Tell whether *result* has what AWS answers in any case: what is declared first, or a value.

    A value is text or bytes: with both, nobody could tell which it is.
    """
    if operation.name == "GetSecretValue":
        return ("SecretString" in result) != ("SecretBinary" in result)
    return not operation.output or operation.output[0].name in result


def _sent(shape: Shape, value: object) -> object:
    if isinstance(value, bytes | bytearray):
        return b2a_base64(value, newline=False).decode("ascii")
    if isinstance(value, dict) and shape.members:
        return _sent_members(shape.members, value)
    if isinstance(value, list | tuple) and shape.item is not None:
        return [_sent(shape.item, each) for each in value]
    if shape.kind == "timestamp":
        return timestamps.milliseconds(value) / 1000
    return value


def _sent_members(members: tuple[Member, ...], values: dict[str, object]) -> dict[str, object]:
    return {
        member.name: _sent(member.shape, values[member.name])
        for member in members
        if values.get(member.name) is not None
    }


def _read_members(members: tuple[Member, ...], found: dict[str, object]) -> dict[str, object]:
    return {
        member.name: _read(member.shape, found[member.name])
        for member in members
        if found.get(member.name) is not None
    }


def _read(shape: Shape, value: object) -> object:
    if shape.kind == "timestamp":
        return timestamps.moment(timestamps.milliseconds(value))
    if shape.kind == "blob":
        return a2b_base64(_of_type(str, value), strict_mode=True)
    found = _of_type(_TYPES[shape.kind], value)
    if shape.kind == "structure":
        return _read_members(shape.members, found)
    if shape.item is not None and shape.kind == "map":
        return {name: _read(shape.item, each) for name, each in found.items()}
    if shape.item is not None:
        return [_read(shape.item, each) for each in found]
    return found


def _of_type(wanted: type[Wanted], value: object) -> Wanted:
    if type(value) is not wanted:  # True is no number
        raise TypeError("another type")
    return value
