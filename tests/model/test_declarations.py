"""The declarations against the service model that AWS publishes in botocore."""

import inspect
from importlib import import_module
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from secretctl.model.operations import BY_COMMAND, BY_NAME, OPERATIONS
from secretctl.model.shapes import Member, Shape, kebab, snake

SERVICE = botocore.session.get_session().get_service_model("secretsmanager")
PAGINATORS = botocore.session.get_session().get_paginator_model("secretsmanager")
PUBLISHED = sorted(SERVICE.operation_names)

OURS = {"DeleteSecretVersion"}  # removes one version for good; AWS has no such operation
DEPTH = 6


def described(shape: Any) -> Any:
    """Return a published shape as comparable data."""
    facts: dict[str, Any] = {"kind": shape.type_name}
    for name in ("min", "max", "pattern", "enum", "sensitive"):
        if name in shape.metadata:
            facts[name] = shape.metadata[name]
    if shape.type_name == "list":
        facts["item"] = described(shape.member)
    if shape.type_name == "map":
        facts["item"] = described(shape.value)
    if shape.type_name == "structure":
        facts["members"] = members_of(shape)
    return facts


def members_of(shape: Any) -> list[tuple[str, bool, bool, Any]]:
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


def declared(shape: Shape) -> Any:
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
    if shape.item is not None:
        facts["item"] = declared(shape.item)
    if shape.kind == "structure":
        facts["members"] = declared_members(shape.members)
    return facts


def declared_members(members: tuple[Member, ...]) -> list[tuple[str, bool, bool, Any]]:
    """Return our members as comparable data."""
    return [
        (member.name, member.required, member.idempotency_token, declared(member.shape))
        for member in members
    ]


def test_the_operations_are_those_of_aws_and_ours() -> None:
    """All 26 published operations are declared, and one of our own, in alphabetical order."""
    names = [operation.name for operation in OPERATIONS]
    assert sorted(names) == names
    assert set(names) - OURS == set(PUBLISHED)
    assert len(PUBLISHED) == 26


@pytest.mark.parametrize("name", PUBLISHED)
def test_input_members_equal_the_published_ones(name: str) -> None:
    """Names, order, requiredness, limits, patterns, choices and tokens are AWS's."""
    published = members_of(SERVICE.operation_model(name).input_shape)
    assert declared_members(BY_NAME[name].input) == published


@pytest.mark.parametrize("name", PUBLISHED)
def test_output_members_equal_the_published_ones(name: str) -> None:
    """The answer's members, to any depth, are AWS's."""
    published = members_of(SERVICE.operation_model(name).output_shape)
    assert [each[::3] for each in declared_members(BY_NAME[name].output)] == [
        each[::3] for each in published
    ]


@pytest.mark.parametrize("name", PUBLISHED)
def test_errors_equal_the_published_ones(name: str) -> None:
    """Each operation declares the errors AWS declares."""
    published = {shape.name for shape in SERVICE.operation_model(name).error_shapes}
    assert set(BY_NAME[name].errors) == published


@pytest.mark.parametrize("name", PUBLISHED)
def test_pages_are_those_of_the_published_paginators(name: str) -> None:
    """An operation is paged exactly where AWS publishes a paginator."""
    pages = BY_NAME[name].pages
    try:
        published = PAGINATORS.get_paginator(name)
    except ValueError:
        assert pages is None
        return
    assert pages is not None
    assert (pages.input_token, pages.output_token) == (
        published["input_token"],
        published["output_token"],
    )
    assert (pages.limit, pages.result) == (published["limit_key"], published["result_key"])


def all_names() -> set[str]:
    """Return the names of all operations and input members."""
    names = {operation.name for operation in OPERATIONS}
    return names | {member.name for operation in OPERATIONS for member in operation.input}


@pytest.mark.parametrize("name", sorted(all_names()))
def test_spelling_on_the_command_line_is_that_of_aws(name: str) -> None:
    """Flags and Python arguments are spelled as botocore spells them."""
    assert kebab(name) == xform_name(name, "-")
    assert snake(name) == xform_name(name)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_handler_takes_exactly_the_declared_members(operation: Any) -> None:
    """A member and its argument cannot drift apart."""
    module, _, function = operation.handler.partition(":")
    parameters = inspect.signature(getattr(import_module(module), function)).parameters
    named = [name for name in parameters if name != "session"]
    assert sorted(named) == sorted(snake(member.name) for member in operation.input)
    required = {name for name in named if parameters[name].default is inspect.Parameter.empty}
    assert required == {snake(member.name) for member in operation.input if member.required}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_is_explained(operation: Any) -> None:
    """Help has a sentence for each operation and member, and an example of its own command."""
    assert operation.summary.endswith(".")
    assert operation.example.startswith(f"secretctl {kebab(operation.name)} ")
    assert all(member.doc.endswith(".") for member in operation.input)
    assert BY_COMMAND[kebab(operation.name)] is operation
