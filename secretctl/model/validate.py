"""Check wire parameters against their declaration.

Twice, as with AWS: the client checks what botocore checks before it sends (missing, unknown, of
the wrong type, too short), the service checks every limit and says so in its own sentences. All
problems are reported at once.

A rejected value may be the secret: only numbers are repeated, and what is spelled like a member.
See: https://github.com/boto/botocore/blob/develop/botocore/validate.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from secretctl.errors import ParameterError, ServiceError
from secretctl.model.shapes import Member, Operation, Shape, camel
from secretctl.model.timestamps import HINT
from secretctl.model.types import SECRET_STRING

_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (bytes, bytearray),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "list": (list, tuple),
    "structure": (dict,),
    "map": (dict,),
}
_NUMBERS: Mapping[str, int] = {"integer": 2**31, "long": 2**63}
_QUERY_SERVICES = ("iam", "sts")
"""Those that speak AWS's older protocol, in which the error has another name."""

_LETTERS_SPACES_DIGITS = r"\p{L}\p{Z}\p{N}_"
_SPACES = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_MAP_KEY = Shape("string")
_MEMBER_NAME = r"[A-Za-z]{1,64}"
_FAILED = "failed to satisfy constraint:"
_TIME_TYPES = "valid types: <class 'datetime.datetime'>, timestamp-string"


def check_client(operation: Operation, parameters: dict[str, object]) -> None:
    """Check as botocore does before it sends a request.

    Raises:
        ParameterError: With a line for each problem.
    """
    if found := client_problems(operation, parameters):
        hints = [HINT] if any(each.endswith(_TIME_TYPES) for each in found) else []
        raise ParameterError("Parameter validation failed:\n" + "\n".join(found), *hints)


def check_service(operation: Operation, parameters: dict[str, object]) -> None:
    """Check as the service does when a request arrives.

    Raises:
        ServiceError: ValidationException, of IAM and STS ValidationError; or
            SerializationException for an unknown member or a wrong type.
    """
    if found := service_problems(operation, parameters):
        errors = "error" if len(found) == 1 else "errors"
        code = "ValidationError" if operation.service in _QUERY_SERVICES else "ValidationException"
        sentence = ""
        if operation.service == "iam":
            from secretctl.model.iam_sentences import own_sentence

            sentence = own_sentence(found)
        whole = f"{len(found)} validation {errors} detected: {'; '.join(found)}"
        raise ServiceError(code, sentence or whole)


def client_problems(operation: Operation, parameters: dict[str, object]) -> list[str]:
    """Return botocore's sentence for each problem it would find, in its order.

    Of limits, botocore knows the lower ones only. A value of the wrong type is left out of its
    sentence, and text is no blob: what is read from words or files is made bytes before.
    """
    return list(_client_value("", Shape("structure", members=operation.input), parameters))


def service_problems(operation: Operation, parameters: dict[str, object]) -> list[str]:
    """Return the service's sentence for each constraint that does not hold.

    A parameter that is None counts as not given, as JSON's null does on the wire.

    Raises:
        ServiceError: SerializationException for an unknown member or a wrong type.
    """
    if not isinstance(parameters, dict):
        raise ServiceError("SerializationException", "The request is of the wrong type.")
    return list(_service_members("", operation.input, parameters))


def _client_value(path: str, shape: Shape, value: object) -> Iterator[str]:
    types = _PYTHON_TYPES.get(shape.kind, (object,))
    if not isinstance(value, types):
        valid = ", ".join(str(each) for each in types)
        where = path or "input"
        yield f"Invalid type for parameter {where}, type: {type(value)}, valid types: {valid}"
        return
    if shape.kind == "timestamp" and not _is_timestamp(value):
        yield f"Invalid type for parameter {path}, type: {type(value)}, {_TIME_TYPES}"
    yield from _client_minimum(path, shape, value)
    if isinstance(value, (list, tuple)) and shape.item is not None:
        for index, item in enumerate(value):
            yield from _client_value(f"{path}[{index}]", shape.item, item)
    elif isinstance(value, dict) and shape.kind == "structure":
        yield from _client_members(path, shape.members, value)
    elif isinstance(value, dict) and shape.item is not None:
        for key, item in value.items():
            yield from _client_value(f"{path}.key", _MAP_KEY, key)
            yield from _client_value(f"{path}.value", shape.item, item)


def _client_minimum(path: str, shape: Shape, value: object) -> Iterator[str]:
    if shape.min is None:
        return
    if isinstance(value, int):
        if value < shape.min:
            amount = str(value) if value >= -_NUMBERS["long"] else "too small to be shown"
            yield (
                f"Invalid value for parameter {path}, value: {amount}, valid min value: {shape.min}"
            )
    elif isinstance(value, (str, list, tuple)) and len(value) < shape.min:
        yield (
            f"Invalid length for parameter {path}, value: {len(value)}, "
            f"valid min length: {shape.min}"
        )


def _client_members(
    path: str, members: tuple[Member, ...], given: dict[str, object]
) -> Iterator[str]:
    where = path or "input"
    known = {member.name: member.shape for member in members}
    for member in members:
        if member.required and member.name not in given:
            yield f'Missing required parameter in {where}: "{member.name}"'
    for name in given:
        if name not in known:
            yield f"Unknown parameter in {where}{_named(name)}, must be one of: {', '.join(known)}"
    for name, value in given.items():
        if name in known:
            yield from _client_value(f"{path}.{name}" if path else name, known[name], value)


def _service_value(path: str, shape: Shape, value: object) -> Iterator[str]:
    if not _is_of_type(shape, value):
        raise ServiceError("SerializationException", f"The member {path} is of the wrong type.")
    yield from _service_limits(path, shape, value)
    if isinstance(value, str):
        yield from _service_text(path, shape, value)
    elif isinstance(value, list) and shape.item is not None:
        for index, item in enumerate(value, 1):
            yield from _service_item(f"{path}.{index}.member", shape.item, item)
    elif isinstance(value, dict) and shape.kind == "structure":
        yield from _service_members(path, shape.members, value)
    elif isinstance(value, dict) and shape.item is not None:
        for key, item in value.items():
            yield from _service_value(f"{path}.key", _MAP_KEY, key)
            yield from _service_item(f"{path}.value", shape.item, item)


def _service_item(path: str, shape: Shape, value: object) -> Iterator[str]:
    if value is None:
        yield f"Value null at '{path}' {_FAILED} Member must not be null"
    else:
        yield from _service_value(path, shape, value)


def _service_members(
    path: str, members: tuple[Member, ...], given: dict[str, object]
) -> Iterator[str]:
    """Yield what is wrong with members; the *path* of those of the request itself is empty."""
    names = {member.name for member in members}
    if not names.issuperset(given):
        where = f"member {path}" if path else "request"
        raise ServiceError("SerializationException", f"The {where} holds an unknown member.")
    for member in members:
        value = given.get(member.name)
        if value is not None or member.required:
            inner = camel(member.name)
            yield from _service_item(f"{path}.{inner}" if path else inner, member.shape, value)


def _service_limits(path: str, shape: Shape, value: object) -> Iterator[str]:
    if shape.min is None and shape.max is None:
        return
    what, size = ("value", value) if isinstance(value, int) else ("length", _length(shape, value))
    if shape.min is not None and size < shape.min:
        yield _must(path, shape, value, f"have {what} greater than or equal to {shape.min}")
    if shape.max is not None and size > shape.max:
        yield _must(path, shape, value, f"have {what} less than or equal to {shape.max}")


def _service_text(path: str, shape: Shape, value: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        choices = ", ".join(shape.enum)
        yield _must(path, shape, value, f"satisfy enum value set: [{choices}]")
    # NOTE: in AWS's patterns \d is a digit of ASCII, and ^ and $ are the ends of the text.
    if shape.pattern and not _matches(shape.pattern, value):
        yield _must(path, shape, value, f"satisfy regular expression pattern: {shape.pattern}")
    if not _is_unicode(value):
        yield _must(path, shape, value, "be valid Unicode text")


def _must(path: str, shape: Shape, value: object, what: str) -> str:
    return f"Value{_echo(shape, value)} at '{path}' {_FAILED} Member must {what}"


def _is_of_type(shape: Shape, value: object) -> bool:
    if isinstance(value, bool):
        return shape.kind == "boolean"
    if isinstance(value, int) and shape.kind in _NUMBERS:
        return -_NUMBERS[shape.kind] <= value < _NUMBERS[shape.kind]
    if isinstance(value, tuple):  # what decides on a list knows no other kind
        return False
    return isinstance(value, _PYTHON_TYPES.get(shape.kind, (object,)))


def _length(shape: Shape, value: object) -> int:
    """Return what a limit counts: characters, bytes or items; of a secret's text the bytes."""
    if isinstance(value, str) and shape is SECRET_STRING and not value.isascii():
        return len(value.encode("utf-8", "surrogatepass"))
    return len(value) if isinstance(value, (str, bytes, bytearray, list, tuple, dict)) else 0


def _echo(shape: Shape, value: object) -> str:
    """Return the value as a sentence may repeat it: a number, and nothing that may be a secret."""
    return f" '{value}'" if shape.kind in _NUMBERS and not shape.sensitive else ""


def _named(name: object) -> str:
    """Return the name of an unknown member, if it looks like one and not like a value."""
    return f': "{name}"' if isinstance(name, str) and _matches(_MEMBER_NAME, name) else ""


def _matches(pattern: str, text: str) -> bool:
    import re

    if _LETTERS_SPACES_DIGITS in pattern:
        # Java's classes, which Python does not know: its \w is the letters, the digits and _.
        pattern = pattern.replace(_LETTERS_SPACES_DIGITS, r"\w" + _SPACES)
        return re.fullmatch(pattern, text) is not None
    return re.fullmatch(pattern, text, re.ASCII) is not None


def _is_timestamp(value: object) -> bool:
    from secretctl.model.timestamps import milliseconds

    try:
        milliseconds(value)
    except (ValueError, TypeError):
        return False
    return True


def _is_unicode(text: str) -> bool:
    """Say whether UTF-8 can hold *text*: a lone surrogate cannot be stored."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
