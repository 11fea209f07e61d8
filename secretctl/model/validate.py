"""Check wire parameters against their declaration.

Twice, as with AWS: the client checks what botocore checks (missing, unknown, of the wrong type,
too short), the service checks the rest and says it in its own sentences. All problems are
reported at once and nothing is changed.

A rejected value may be the secret: only numbers and misspelled choices are repeated.
"""

import re
from collections.abc import Iterator

from secretctl.errors import ParameterError, ServiceError
from secretctl.model.shapes import Member, Operation, Shape

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (bytes, bytearray),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "list": (list, tuple),
    "structure": (dict,),
    "map": (dict,),
}
_NUMBERS = ("integer", "long")
_SHOWN = re.compile(r"[ -~]{1,64}")


def check_client(operation: Operation, parameters: dict[str, object]) -> None:
    """Check as botocore does before it sends a request.

    Raises:
        ParameterError: With a line for each problem.
    """
    if found := client_problems(operation, parameters):
        raise ParameterError("Parameter validation failed:\n" + "\n".join(found))


def check_service(operation: Operation, parameters: dict[str, object]) -> None:
    """Check as the service does when a request arrives.

    Raises:
        ServiceError: ValidationException, or SerializationException for a wrong type.
    """
    found = service_problems(operation, parameters)
    if found:
        plural = "s" if len(found) > 1 else ""
        raise ServiceError(
            "ValidationException",
            f"{len(found)} validation error{plural} detected: " + "; ".join(found),
        )


def client_problems(operation: Operation, parameters: dict[str, object]) -> list[str]:
    """Return botocore's sentence for each problem it would find."""
    return list(_client_members("", operation.input, parameters))


def service_problems(operation: Operation, parameters: dict[str, object]) -> list[str]:
    """Return the service's sentence for each constraint that does not hold.

    Raises:
        ServiceError: SerializationException for an unknown member or a wrong type.
    """
    return list(_service_members("", operation.input, parameters))


def _client_members(
    path: str, members: tuple[Member, ...], given: dict[str, object]
) -> Iterator[str]:
    where = path or "input"
    known = {member.name: member.shape for member in members}
    for member in members:
        if member.required and given.get(member.name) is None:
            yield f'Missing required parameter in {where}: "{member.name}"'
    for name, value in given.items():
        if name not in known:
            choices = ", ".join(known)
            yield f"Unknown parameter in {where}: {_quoted(name)}, must be one of: {choices}"
        elif value is not None:
            yield from _client_value(f"{path}.{name}" if path else name, known[name], value)


def _client_value(path: str, shape: Shape, value: object) -> Iterator[str]:
    if not _is_of_type(shape, value):
        expected = ", ".join(f"<class '{kind.__name__}'>" for kind in _PYTHON_TYPES[shape.kind])
        yield (f"Invalid type for parameter {path}, type: {type(value)}, valid types: {expected}")
        return
    if shape.kind in _NUMBERS and isinstance(value, int):
        if shape.min is not None and value < shape.min:
            yield (
                f"Invalid value for parameter {path}, value: {value}, valid min value: {shape.min}"
            )
    elif shape.kind != "blob" and shape.min is not None and (length := _length(value)) < shape.min:
        yield (
            f"Invalid length for parameter {path}, value: {length}, valid min length: {shape.min}"
        )
    if isinstance(value, (list, tuple)) and shape.item is not None:
        for index, item in enumerate(value):
            yield from _client_value(f"{path}[{index}]", shape.item, item)
    elif isinstance(value, dict) and shape.kind == "structure":
        yield from _client_members(path, shape.members, value)


def _service_members(
    path: str, members: tuple[Member, ...], given: dict[str, object]
) -> Iterator[str]:
    known = {member.name: member.shape for member in members}
    for name, value in given.items():
        if name not in known:
            raise ServiceError("SerializationException", "The request has an unknown member.")
        if value is not None and not _is_of_type(known[name], value):
            raise ServiceError(
                "SerializationException", f"The member {path}{_camel(name)} is of the wrong type."
            )
    for member in members:
        where = f"{path}{_camel(member.name)}"
        value = given.get(member.name)
        if value is None:
            if member.required:
                yield f"Value null at '{where}' {_FAILED} Member must not be null"
        else:
            yield from _service_value(where, member.shape, value)


_FAILED = "failed to satisfy constraint:"


def _service_value(where: str, shape: Shape, value: object) -> Iterator[str]:
    start = f"Value{_echo(shape, value)} at '{where}' {_FAILED} Member must"
    if shape.kind in _NUMBERS and isinstance(value, int):
        yield from _range(start, "value", value, shape)
    else:
        yield from _range(start, "length", _length(value), shape)
    if isinstance(value, str):
        if shape.enum and value not in shape.enum:
            yield f"{start} satisfy enum value set: [{', '.join(shape.enum)}]"
        if shape.pattern and not re.fullmatch(shape.pattern, value):
            yield f"{start} satisfy regular expression pattern: {shape.pattern}"
        if not _is_unicode(value):
            yield f"{start} be text without lone surrogates"
    elif isinstance(value, (list, tuple)) and shape.item is not None:
        for index, item in enumerate(value, 1):
            yield from _service_item(f"{where}.{index}.member", shape.item, item)
    elif isinstance(value, dict) and shape.kind == "structure":
        yield from _service_members(f"{where}.", shape.members, value)


def _service_item(where: str, shape: Shape, value: object) -> Iterator[str]:
    if not _is_of_type(shape, value):
        raise ServiceError("SerializationException", f"The member {where} is of the wrong type.")
    yield from _service_value(where, shape, value)


def _range(start: str, what: str, size: int, shape: Shape) -> Iterator[str]:
    verb = "have value" if what == "value" else "have length"
    if shape.min is not None and size < shape.min:
        yield f"{start} {verb} greater than or equal to {shape.min}"
    if shape.max is not None and size > shape.max:
        yield f"{start} {verb} less than or equal to {shape.max}"


def _is_of_type(shape: Shape, value: object) -> bool:
    if isinstance(value, bool):
        return shape.kind == "boolean"
    return isinstance(value, _PYTHON_TYPES.get(shape.kind, (object,)))


def _length(value: object) -> int:
    """Return what a length limit counts: bytes of text, bytes, or items."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    return len(value) if isinstance(value, (bytes, bytearray, list, tuple, dict)) else 0


def _echo(shape: Shape, value: object) -> str:
    """Return the value as a sentence may repeat it: a number, or a misspelled choice."""
    if shape.sensitive:
        return ""
    if shape.kind in _NUMBERS:
        return f" '{value}'"
    is_choice = bool(shape.enum) and isinstance(value, str) and bool(_SHOWN.fullmatch(value))
    return f" '{value}'" if is_choice else ""


def _quoted(name: object) -> str:
    """Return the name of an unknown member, if it looks like one."""
    text = str(name)
    return f'"{text}"' if text.isalnum() and text.isascii() and len(text) <= 64 else "a name"  # noqa: PLR2004 as long as a name is


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _camel(name: str) -> str:
    """Spell a member as constraint sentences do: ``SecretId`` becomes ``secretId``."""
    return name[:1].lower() + name[1:]
