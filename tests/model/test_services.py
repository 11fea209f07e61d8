"""The declarations of IAM, STS and KMS against the service models that botocore publishes."""

import re
from collections.abc import Mapping
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from secretctl.model.services import SERVICES, operations_of
from secretctl.model.shapes import Operation, command_of, kebab, snake
from tests.model.published import declared_members, members_of, pages_of, walked

SESSION = botocore.session.get_session()
MODELS = {name: SESSION.get_service_model(name) for name in SERVICES}
PAGINATORS = {name: SESSION.get_paginator_model(name) for name in SERVICES}
OPERATIONS = [each for name in SERVICES for each in operations_of(name).values()]

LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "AssumeRole": {
        "SerialNumber": "there are no devices for a second factor",
        "TokenCode": "likewise",
        "ProvidedContexts": "there is no identity provider that could assert anything",
        "MinimumSessionTokenSize": "is about the size of AWS's own tokens",
    },
    "CreateGrant": {
        "GranteeServicePrincipal": "no service of AWS runs here",
        "RetiringServicePrincipal": "likewise",
    },
    "CreateKey": {
        "CustomKeyStoreId": "the vault is the only place for material",
        "XksKeyId": "likewise",
    },
    "CreateRole": {"MaxSigninSessionDuration": "there is no console to sign in to"},
    "ListGrants": {"GranteeServicePrincipal": "no service of AWS runs here"},
    "ListKeys": {"ResourceOwners": "no other account shares keys"},
    "SimulateCustomPolicy": {
        "OrderedOrganizationPolicyInputList": "there is no organization",
        "ResourceHandlingOption": "says which resources of EC2 are simulated",
    },
    "SimulatePrincipalPolicy": {
        "PolicyExclusionList": "simulates the loss of policies; not yet",
        "ResourceHandlingOption": "says which resources of EC2 are simulated",
    },
}
"""Parameters that would have to be taken without being heeded, which nobody should rely on."""

COMPLETERS = {
    "UserName": "user",
    "GroupName": "group",
    "RoleName": "role",
    "RoleArn": "role-arn",
    "PolicyArn": "policy",
    "PermissionsBoundary": "policy",
    "PolicyName": "inline-policy",
    "PolicySourceArn": "principal",
    "CallerArn": "principal",
    "ActionNames": "action",
    "VersionId": "policy-version",
    "AccessKeyId": "access-key",
    "KeyId": "key-id",
    "TargetKeyId": "key-id",
    "AliasName": "alias",
    "GrantId": "grant",
    "GranteePrincipal": "grantee",
    "RetiringPrincipal": "grantee",
}
"""What a shell offers; the names of what is made are new."""

BY_ALIAS = {"DescribeKey"}
"""Operations whose KeyId may be an alias."""

ADDED: Mapping[str, Mapping[str, str]] = {
    "RotateKeyOnDemand": {
        "Rewrap": "ours: data keys are wrapped anew; AWS never does, and keeps all material",
    },
}
"""Parameters that AWS does not have, behind those that it has."""

READ_ONLY = re.compile(r"(Describe|Get|List|Simulate)[A-Z]")


def name_of(operation: Operation) -> str:
    """Return the name a parametrised test shows."""
    return f"{operation.service}-{operation.name}"


each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)


@pytest.mark.parametrize("service", SERVICES)
def test_operations_are_found_by_command_and_know_their_service(service: str) -> None:
    """Each service's operations stand in alphabetical order, behind its name."""
    operations = operations_of(service)
    names = [operation.name for operation in operations.values()]
    assert names == sorted(names)
    assert set(names) <= set(MODELS[service].operation_names)
    for command, operation in operations.items():
        assert operation.service == service
        assert command_of(operation) == f"{service} {command}"


@each_operation
def test_input_members_equal_the_published_ones(operation: Operation) -> None:
    """Names, order, requiredness, limits, patterns, choices and tokens are AWS's."""
    left_out = LEFT_OUT.get(operation.name, {})
    published = members_of(MODELS[operation.service].operation_model(operation.name).input_shape)
    assert set(left_out) <= {name for name, *_ in published}
    declared = declared_members(operation.input)
    own = len(declared) - len(ADDED.get(operation.name, {}))
    assert declared[:own] == [member for member in published if member[0] not in left_out]
    assert [name for name, *_ in declared[own:]] == list(ADDED.get(operation.name, {}))


@each_operation
def test_output_members_equal_the_published_ones(operation: Operation) -> None:
    """The answer's members, to any depth, are AWS's."""
    published = members_of(MODELS[operation.service].operation_model(operation.name).output_shape)
    assert declared_members(operation.output) == published


@each_operation
def test_errors_equal_the_published_ones(operation: Operation) -> None:
    """Each operation declares the error codes AWS declares, each once."""
    shapes = MODELS[operation.service].operation_model(operation.name).error_shapes
    published = [shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes]
    assert sorted(operation.errors) == sorted(published)


@each_operation
def test_pages_are_those_of_the_published_paginators(operation: Operation) -> None:
    """An operation is paged exactly where AWS publishes a paginator, and as it says."""
    published = pages_of(PAGINATORS[operation.service], operation.name)
    assert (operation.pages._asdict() if operation.pages else None) == published


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


@each_operation
def test_the_handler_is_a_service_function_named_after_the_operation(operation: Operation) -> None:
    """Where an operation is carried out can be told from its service and its name."""
    module, _, function = operation.handler.partition(":")
    assert re.fullmatch(rf"secretctl\.service\.{operation.service}(\.[a-z_]+)?", module)
    assert function == snake(operation.name)


@each_operation
def test_every_operation_is_explained(operation: Operation) -> None:
    """Help has a sentence for each operation and member, and an example of its own command."""
    assert re.fullmatch(r"[A-Z][^.]*\.", operation.summary)
    words = operation.example.split()
    assert words[:3] == ["secretctl", operation.service, kebab(operation.name)]
    flags = {f"--{kebab(member.name)}" for member in operation.input}
    assert {word for word in words if word.startswith("--")} <= {*flags, "--query", "--output"}
    required = {f"--{kebab(member.name)}" for member in operation.input if member.required}
    assert required <= set(words)
    for member in walked((*operation.input, *operation.output)):
        assert re.fullmatch(r"[^\n]+\.", member.doc), member.name
    for member in operation.input:
        is_new = operation.name == f"Create{member.name.removesuffix('Name')}"
        expected = "" if is_new else COMPLETERS.get(member.name, "")
        expected = "key" if operation.name in BY_ALIAS and member.name == "KeyId" else expected
        assert member.completer == expected, member.name


@each_operation
def test_only_reading_operations_are_read_only(operation: Operation) -> None:
    """Nothing that changes a vault is taken for a read."""
    assert operation.read_only == bool(READ_ONLY.match(operation.name))


def test_what_is_left_out_is_said_in_the_parity_document() -> None:
    """Nobody has to find out by an error."""
    said = (Path(__file__).parents[2] / "docs/parity.md").read_text()
    section = " ".join(said.partition("## IAM, KMS and STS")[2].partition("\n## ")[0].split())
    for operation, members in LEFT_OUT.items():
        assert f"`{operation}`: {', '.join(f'`{name}`' for name in members)}." in section


def test_what_holds_a_secret_is_sensitive() -> None:
    """The members that carry credentials are marked, in every operation."""
    sensitive = {
        member.name
        for operation in OPERATIONS
        for member in walked((*operation.input, *operation.output))
        if member.shape.sensitive
    }
    assert sensitive == {"SecretAccessKey", "SessionToken"}
