"""Print what a call takes or answers, filled with placeholders (``--generate-cli-skeleton``).

See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-skeleton.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from secretctl.model.shapes import Member, Operation, Shape

_ITEMS = {
    "EncapsulationAlgorithms": "EncapsulationAlgorithmSpec",
    "EncryptionAlgorithms": "EncryptionAlgorithmSpec",
    "KeyAgreementAlgorithms": "KeyAgreementAlgorithmSpec",
    "KmsKeyIds": "KmsKeyIdType",
    "MacAlgorithms": "MacAlgorithmSpec",
    "MissingContextValues": "ContextKeyNameType",
    "Operations": "GrantOperation",
    "PolicyNames": "policyNameType",
    "SecretVersionsToStages": "SecretVersionStageType",
    "SigningAlgorithms": "SigningAlgorithmSpec",
    "VersionIdsToStages": "SecretVersionStageType",
    "VersionStages": "SecretVersionStageType",
}
"""What AWS calls the items of its lists of strings; they stand for themselves in an answer."""


def text(operation: Operation, kind: str) -> str:
    """Return the skeleton of the parameters, with a line end.

    Args:
        operation: What is called.
        kind: ``input`` for JSON, ``yaml-input`` for YAML with a comment on every parameter.
    """
    if kind == "yaml-input":
        lines = _yaml_members(operation.input, "")
        return "\n".join(lines or ["{}"]) + "\n"
    return json.dumps(_structure(operation.input), indent=4) + "\n"


def sample_output(operation: Operation) -> dict[str, object]:
    """Return an answer in which every string holds its member's name."""
    return {member.name: _answer(member.shape, member.name) for member in operation.output}


def _structure(members: tuple[Member, ...]) -> dict[str, object]:
    return {member.name: _parameter(member.shape) for member in members}


def _parameter(shape: Shape) -> object:
    if shape.kind == "structure":
        return _structure(shape.members)
    if shape.kind == "list":
        return [_parameter(shape.item)] if shape.item else []
    if shape.kind == "map":
        return {"KeyName": _parameter(shape.item)} if shape.item else {}
    if shape.kind == "string":
        return shape.enum[0] if shape.enum else ""
    if shape.kind == "timestamp":
        return "1970-01-01T00:00:00"
    return {"integer": 0, "long": 0, "boolean": True}.get(shape.kind)


def _answer(shape: Shape, name: str) -> object:
    if shape.kind == "structure":
        return {member.name: _answer(member.shape, member.name) for member in shape.members}
    if shape.kind == "list":
        return [_answer(shape.item, _ITEMS.get(name, name))] if shape.item else []
    if shape.kind == "map":
        inner = name if shape.item is not None and shape.item.kind == "list" else ""
        return {"KeyName": _answer(shape.item, inner)} if shape.item else {}
    if shape.kind == "string":
        return name
    if shape.kind == "timestamp":
        return datetime(1970, 1, 1, tzinfo=UTC)
    return b"" if shape.kind == "blob" else _parameter(shape)


def _yaml_members(members: tuple[Member, ...], indent: str) -> list[str]:
    lines: list[str] = []
    for member in members:
        value, below = _yaml_value(member.shape, indent)
        comment = _comment(member)
        # The library AWS's tool writes YAML with puts two blanks behind the first value of a map.
        blanks = "  " if not lines and value and comment else " " if comment else ""
        head = f"{indent}{member.name}:{' ' if value else ''}{value}"
        lines += [f"{head}{blanks}{comment}", *below]
    return lines


def _yaml_value(shape: Shape, indent: str) -> tuple[str, list[str]]:
    """Return what stands on the line of the key, and the lines below it."""
    if shape.kind == "structure":
        return "", _yaml_members(shape.members, indent + "  ")
    if shape.kind == "map" and shape.item:
        value, below = _yaml_value(shape.item, indent + "  ")
        return "", [f"{indent}  KeyName:{' ' if value else ''}{value}", *below]
    if shape.kind == "list" and shape.item:
        if shape.item.kind == "structure":
            below = _yaml_members(shape.item.members, indent + "  ")
        else:
            value, below = _yaml_value(shape.item, indent + "  ")
            below = [f"{indent}  {value}", *below]
        return "", [f"{indent}- {below[0].lstrip()}", *below[1:]]
    if shape.kind == "blob":
        return "!!binary ''", []
    if shape.kind == "timestamp":
        return "1970-01-01 00:00:00", []
    plain = _parameter(shape)
    return ("''" if plain == "" else json.dumps(plain).strip('"')), []


def _comment(member: Member) -> str:
    parts = ["[REQUIRED]"] if member.required else []
    if member.doc:
        parts.append(member.doc)
    if member.shape.enum:
        parts.append(f"Valid values are: {', '.join(member.shape.enum)}.")
    return "# " + " ".join(parts) if parts else ""
