"""Published service models and our declarations, both as data that can be compared."""

from collections.abc import Iterable, Iterator
from typing import Any

from secretctl.model.shapes import Member, Shape

ALSO_SENSITIVE = {"tokenType"}
"""Shapes that hold a secret, though AWS does not mark them: STS's session token."""

DOCUMENT = "policyDocumentType"
"""The shape whose text botocore takes for JSON, by its name."""


def described(shape: Any) -> dict[str, Any]:
    """Return a published shape as comparable data."""
    facts: dict[str, Any] = {"kind": shape.type_name}
    for name in ("min", "max", "pattern", "enum", "sensitive"):
        if name in shape.metadata:
            facts[name] = shape.metadata[name]
    if shape.name in ALSO_SENSITIVE:
        facts["sensitive"] = True
    if shape.name == DOCUMENT:
        facts["document"] = True
    if shape.type_name == "list":
        facts["item"] = described(shape.member)
    if shape.type_name == "map":
        facts["item"] = described(shape.value)
    if shape.type_name == "structure":
        facts["members"] = members_of(shape)
    return facts


def members_of(shape: Any) -> list[tuple[str, bool, bool, dict[str, Any]]]:
    """Return the members of a published structure: name, required, token, shape."""
    if shape is None:
        return []
    return [
        (
            name,
            name in shape.required_members,
            bool(member.metadata.get("idempotencyToken")),
            described(member),
        )
        for name, member in shape.members.items()
    ]


def declared(shape: Shape) -> dict[str, Any]:
    """Return one of our shapes as comparable data."""
    facts: dict[str, Any] = {"kind": shape.kind}
    if shape.min is not None:
        facts["min"] = shape.min
    if shape.max is not None:
        facts["max"] = shape.max
    if shape.pattern:
        facts["pattern"] = shape.pattern
    if shape.enum:
        facts["enum"] = list(shape.enum)
    if shape.sensitive:
        facts["sensitive"] = True
    if shape.document:
        facts["document"] = True
    if shape.item is not None:
        facts["item"] = declared(shape.item)
    if shape.kind == "structure":
        facts["members"] = declared_members(shape.members)
    return facts


def declared_members(members: tuple[Member, ...]) -> list[tuple[str, bool, bool, dict[str, Any]]]:
    """Return our members as comparable data."""
    return [
        (member.name, member.required, member.idempotency_token, declared(member.shape))
        for member in members
    ]


def walked(members: Iterable[Member]) -> Iterator[Member]:
    """Yield members and those within them, to any depth."""
    for member in members:
        yield member
        shape: Shape | None = member.shape
        while shape is not None:
            yield from walked(shape.members)
            shape = shape.item


def pages_of(paginators: Any, name: str) -> dict[str, Any] | None:
    """Return how AWS divides the result of the operation *name*, if a paginator is published."""
    try:
        published = paginators.get_paginator(name)
    except ValueError:
        return None
    return {
        "result": published["result_key"],
        "input_token": published["input_token"],
        "output_token": published["output_token"],
        "limit": published["limit_key"],
        "more_results": published.get("more_results", ""),
        "non_aggregate": tuple(published.get("non_aggregate_keys", ())),
    }
