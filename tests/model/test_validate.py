"""Validation: AWS's sentences, all at once, and never the rejected value."""

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.errors import ParameterError, ServiceError
from secretctl.model.operations import BY_NAME, OPERATIONS
from secretctl.model.validate import (
    check_client,
    check_service,
    client_problems,
    service_problems,
)

SERVICE = get_session().get_service_model("secretsmanager")

BOTOCORE_CASES = [
    ("GetSecretValue", {}),
    ("GetSecretValue", {"SecretId": ""}),
    ("GetSecretValue", {"SecretId": "x", "VersionId": "short"}),
    ("CreateSecret", {"Name": "", "SecretString": ""}),
    ("CreateSecret", {"Name": "x", "SecretBinary": b""}),
    ("TagResource", {"SecretId": "x", "Tags": [{"Foo": "bar"}]}),
    ("TagResource", {"SecretId": "x", "Tags": [{"Key": "", "Value": ""}]}),
    ("UntagResource", {"SecretId": "x"}),
    ("RotateSecret", {"SecretId": "x", "RotationRules": {"AutomaticallyAfterDays": 0}}),
    ("ListSecrets", {"MaxResults": 0}),
    ("ReplicateSecretToRegions", {"SecretId": "x", "AddReplicaRegions": []}),
    ("GetRandomPassword", {"PasswordLength": 0}),
    ("DescribeSecret", {"SecretId": "x", "Nope": "y"}),
]


@pytest.mark.parametrize(("name", "parameters"), BOTOCORE_CASES)
def test_client_sentences_are_those_of_botocore(name: str, parameters: dict[str, object]) -> None:
    """What botocore refuses before sending is refused in the same words."""
    report = ParamValidator().validate(parameters, SERVICE.operation_model(name).input_shape)
    assert "\n".join(client_problems(BY_NAME[name], parameters)) == report.generate_report()


def test_a_wrong_type_is_named_without_the_value() -> None:
    """Botocore repeats a value of the wrong type; here it may be the secret."""
    (problem,) = client_problems(
        BY_NAME["CreateSecret"], {"Name": "x", "SecretString": ["hunter2"]}
    )
    assert problem.startswith("Invalid type for parameter SecretString, type: <class 'list'>")
    assert "hunter2" not in problem


def test_all_problems_are_reported_at_once() -> None:
    """One run of a script shows everything that is wrong with a call."""
    with pytest.raises(ParameterError) as caught:
        check_client(BY_NAME["CreateSecret"], {"Name": "", "SecretString": "", "Nope": 1})
    assert caught.value.message.count("\n") == 3
    assert caught.value.exit_status == 252


SERVICE_CASES = [
    (
        "CreateSecret",
        {"Name": "x", "SecretString": "é" * 32_769},
        "Value at 'secretString' failed to satisfy constraint: "
        "Member must have length less than or equal to 65536",
    ),
    (
        "CreateSecret",
        {"Name": "x", "SecretBinary": bytes(65_537)},
        "Value at 'secretBinary' failed to satisfy constraint: "
        "Member must have length less than or equal to 65536",
    ),
    (
        "CreateSecret",
        {},
        "Value null at 'name' failed to satisfy constraint: Member must not be null",
    ),
    (
        "CreateSecret",
        {"Name": "n" * 513},
        "Value at 'name' failed to satisfy constraint: "
        "Member must have length less than or equal to 512",
    ),
    (
        "GetRandomPassword",
        {"PasswordLength": 4097},
        "Value '4097' at 'passwordLength' failed to satisfy constraint: "
        "Member must have value less than or equal to 4096",
    ),
    (
        "ListSecrets",
        {"Filters": [{"Key": "invalid", "Values": ["x"]}]},
        "Value 'invalid' at 'filters.1.member.key' failed to satisfy constraint: Member must "
        "satisfy enum value set: [description, name, tag-key, tag-value, primary-region, "
        "owning-service, all]",
    ),
    (
        "RotateSecret",
        {"SecretId": "x", "RotationRules": {"Duration": "3d"}},
        "Value at 'rotationRules.duration' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [0-9]+h",
    ),
]


@pytest.mark.parametrize(("name", "parameters", "sentence"), SERVICE_CASES)
def test_service_sentences_are_those_of_the_service(
    name: str, parameters: dict[str, object], sentence: str
) -> None:
    """The service's own checks speak as AWS's do, without the value where it may be one."""
    with pytest.raises(ServiceError) as caught:
        check_service(BY_NAME[name], parameters)
    assert caught.value.code == "ValidationException"
    assert caught.value.message == f"1 validation error detected: {sentence}"


@pytest.mark.parametrize(
    "parameters",
    [{"SecretId": 1}, {"SecretId": "x", "Nope": 1}, {"SecretId": ["x"]}, {"SecretId": True}],
)
def test_a_request_of_the_wrong_shape_is_a_serialization_error(
    parameters: dict[str, object],
) -> None:
    """Unknown members and wrong types never reach a handler."""
    with pytest.raises(ServiceError) as caught:
        check_service(BY_NAME["GetSecretValue"], parameters)
    assert caught.value.code == "SerializationException"


def test_limits_are_inclusive() -> None:
    """The longest value is accepted."""
    assert not service_problems(
        BY_NAME["CreateSecret"], {"Name": "n" * 512, "SecretString": "x" * 65_536}
    )


@given(st.text(min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_a_lone_surrogate_is_refused(text: str) -> None:
    """What UTF-8 cannot hold is an error, not a crash."""
    with pytest.raises(ServiceError):
        check_service(BY_NAME["CreateSecret"], {"Name": "x", "SecretString": f"{text}\ud800"})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_no_rejected_text_is_repeated(operation: object) -> None:
    """A text too long for any member does not come back in a message."""
    assert hasattr(operation, "input")
    canary = "CANARY" * 12_000
    for member in operation.input:
        if member.shape.kind != "string":
            continue
        found = service_problems(operation, {member.name: canary})  # type: ignore[arg-type]  # hasattr narrows to no type
        found += client_problems(operation, {member.name: [canary]})  # type: ignore[arg-type]  # likewise
        assert found
        assert not any("CANARY" in problem for problem in found)
