"""The declarations against the service model that AWS publishes in botocore."""

import inspect
import re
from importlib import import_module

import botocore.session
import pytest
from botocore import xform_name

from secretctl.model.operations import BY_COMMAND, BY_NAME, OPERATIONS
from secretctl.model.shapes import Operation, kebab, snake
from tests.model.published import declared_members, members_of, pages_of, walked

SERVICE = botocore.session.get_session().get_service_model("secretsmanager")
PAGINATORS = botocore.session.get_session().get_paginator_model("secretsmanager")
PUBLISHED = sorted(SERVICE.operation_names)

INTENDED_DIFFERENCES = {
    "DeleteSecretVersion": "ours: removes one version for good; AWS has no such operation",
}

COMPLETERS = {
    "KmsKeyId": "key",
    "SecretId": "secret",
    "SecretIdList": "secret",
    "VersionStage": "stage",
    "VersionStages": "stage",
    "VersionId": "version",
    "RemoveFromVersionId": "version",
    "MoveToVersionId": "version",
    "RemoveReplicaRegions": "region",
    "RotationLambdaARN": "function",
    "Region": "region",
}

READ_ONLY = re.compile(r"(BatchGet|Describe|Get|List|Validate)[A-Z]")


def name_of(operation: Operation) -> str:
    """Return the name a parametrised test shows."""
    return operation.name


def test_the_operations_are_those_of_aws_and_ours() -> None:
    """All 26 published operations are declared, and one of our own, in alphabetical order."""
    names = [operation.name for operation in OPERATIONS]
    assert names == sorted({*PUBLISHED, *INTENDED_DIFFERENCES})
    assert len(PUBLISHED) == 26
    assert list(BY_NAME) == names
    assert list(BY_COMMAND.values()) == list(OPERATIONS)


@pytest.mark.parametrize("name", PUBLISHED)
def test_input_members_equal_the_published_ones(name: str) -> None:
    """Names, order, requiredness, limits, patterns, choices and tokens are AWS's."""
    published = members_of(SERVICE.operation_model(name).input_shape)
    assert declared_members(BY_NAME[name].input) == published


@pytest.mark.parametrize("name", PUBLISHED)
def test_output_members_equal_the_published_ones(name: str) -> None:
    """The answer's members, to any depth, are AWS's."""
    published = members_of(SERVICE.operation_model(name).output_shape)
    assert declared_members(BY_NAME[name].output) == published


@pytest.mark.parametrize("name", PUBLISHED)
def test_errors_equal_the_published_ones(name: str) -> None:
    """Each operation declares the errors AWS declares, each once."""
    published = [shape.name for shape in SERVICE.operation_model(name).error_shapes]
    assert sorted(BY_NAME[name].errors) == sorted(published)


@pytest.mark.parametrize("name", PUBLISHED)
def test_pages_are_those_of_the_published_paginators(name: str) -> None:
    """An operation is paged exactly where AWS publishes a paginator."""
    pages = BY_NAME[name].pages
    assert (None if pages is None else pages._asdict()) == pages_of(PAGINATORS, name)


def all_names() -> set[str]:
    """Return the names of all operations and of all members, to any depth."""
    names = {operation.name for operation in OPERATIONS}
    for operation in OPERATIONS:
        names |= {member.name for member in walked((*operation.input, *operation.output))}
    return names


@pytest.mark.parametrize("name", sorted(all_names()))
def test_spelling_on_the_command_line_is_that_of_aws(name: str) -> None:
    """Flags and Python arguments are spelled as botocore spells them."""
    assert kebab(name) == xform_name(name, "-")
    assert snake(name) == xform_name(name)


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_the_handler_is_a_service_function_named_after_the_operation(operation: Operation) -> None:
    """Where an operation is carried out can be told from its name."""
    module, _, function = operation.handler.partition(":")
    assert re.fullmatch(r"secretctl\.service\.[a-z]+", module)
    assert function == snake(operation.name)


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_the_handler_takes_exactly_the_declared_members(operation: Operation) -> None:
    """A member and its argument cannot drift apart."""
    module, _, function = operation.handler.partition(":")
    parameters = inspect.signature(getattr(import_module(module), function)).parameters
    named = [name for name in parameters if name != "session"]
    assert sorted(named) == sorted(snake(member.name) for member in operation.input)
    required = {name for name in named if parameters[name].default is inspect.Parameter.empty}
    assert required == {snake(member.name) for member in operation.input if member.required}


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_every_operation_is_explained(operation: Operation) -> None:
    """Help has a sentence for each operation and member, and an example of its own command."""
    assert re.fullmatch(r"[A-Z][^.]*\.", operation.summary)
    words = operation.example.split()
    assert words[:2] == ["secretctl", kebab(operation.name)]
    flags = {f"--{kebab(member.name)}" for member in operation.input}
    everywhere = {"--query", "--output", "--region"}
    assert {word for word in words if word.startswith("--")} <= flags | everywhere
    required = {f"--{kebab(member.name)}" for member in operation.input if member.required}
    assert required <= set(words)
    for member in walked((*operation.input, *operation.output)):
        assert re.fullmatch(r"[^\n]+\.", member.doc), member.name


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_what_a_shell_may_offer_follows_from_the_name(operation: Operation) -> None:
    """A secret's id, a label, a version and a region are completed wherever they are asked for."""
    for member in walked(operation.input):
        assert member.completer == COMPLETERS.get(member.name, ""), member.name


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_only_reading_operations_are_read_only(operation: Operation) -> None:
    """Nothing that changes a vault is taken for a read."""
    assert operation.read_only == bool(READ_ONLY.match(operation.name))


def test_what_holds_a_value_is_sensitive() -> None:
    """The members that carry values are marked, in every operation."""
    sensitive = {
        member.name
        for operation in OPERATIONS
        for member in walked((*operation.input, *operation.output))
        if member.shape.sensitive
    }
    assert sensitive == {"SecretString", "SecretBinary", "RandomPassword", "RotationToken"}
