"""What the tests of IAM share: operations called by name, each answer compared with AWS's model."""

import json
from datetime import datetime
from typing import Any

import botocore.session
import pytest

from secretctl.errors import ServiceError
from secretctl.model.iam import BY_NAME
from secretctl.service.dispatch import call
from secretctl.service.session import Session
from tests.conftest import Service

ACCOUNT = "arn:aws:iam::000000000000"
MODEL = botocore.session.get_session().get_service_model("iam")
NOT_AS_PUBLISHED = {"PermissionsBoundaryAttachmentType": "Policy"}
"""Answers of AWS's service that its model does not have.

See: https://github.com/awsdocs/iam-user-guide/issues/82
"""

UNPUBLISHED = {"CreateRole": ("NoSuchEntity",)}
"""Errors that AWS's service answers, of a boundary that is not there, and its model has not."""

NEVER_THERE = {("GetUser", "Path"), ("GetUser", "UserName")}
"""Of the account root, which has neither."""

TYPES = {
    "string": str,
    "timestamp": datetime,
    "integer": int,
    "boolean": bool,
    "list": list,
    "map": dict,
}
Answer = dict[str, Any]
READ: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
    ],
}
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"{ACCOUNT}:root"}, "Action": "sts:AssumeRole"},
    ],
}


class Iam:
    """IAM's operations of one vault."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __call__(self, operation: str, **parameters: object) -> Answer:
        """Call *operation*; documents may be given as what they say."""
        given = {name: _text(value) for name, value in parameters.items()}
        answer = call(self.session, BY_NAME[operation], given)
        shape = MODEL.operation_model(operation).output_shape
        if shape is None:
            assert answer == {}
        else:
            assert_shaped(operation, shape, answer)
        return answer

    def refusal(self, operation: str, **parameters: object) -> tuple[str, str]:
        """Return code and sentence of the error that an operation answers."""
        with pytest.raises(ServiceError) as caught:
            self(operation, **parameters)
        published = (*BY_NAME[operation].errors, *UNPUBLISHED.get(operation, ()))
        assert caught.value.code in (*published, "ValidationError")
        return caught.value.code, caught.value.message


def assert_shaped(operation: str, shape: Any, value: Any) -> None:
    """Check an answer against AWS's model: members, types, choices, and what must be there."""
    if shape.type_name == "structure":
        assert set(value) <= set(shape.members), operation
        missing = set(shape.required_members) - set(value)
        assert {(operation, name) for name in missing} <= NEVER_THERE
        for name, each in value.items():
            assert_shaped(operation, shape.members[name], each)
        return
    assert type(value) is TYPES[shape.type_name] or shape.type_name == "timestamp", operation
    if shape.type_name == "timestamp":
        assert isinstance(value, datetime)
        assert value.microsecond == 0, "IAM has whole seconds"
    if shape.type_name == "list":
        for each in value:
            assert_shaped(operation, shape.member, each)
    if shape.type_name == "string" and shape.enum:
        assert value in (*shape.enum, NOT_AS_PUBLISHED.get(shape.name))


def _text(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value


@pytest.fixture
def iam(service: Service) -> Iam:
    """IAM in a new vault, asked by its owner."""
    return Iam(service.session)


@pytest.fixture
def policy(iam: Iam) -> str:
    """The ARN of a managed policy."""
    arn: str = iam("CreatePolicy", PolicyName="read", PolicyDocument=READ)["Policy"]["Arn"]
    return arn


def names(answer: Answer, member: str, of: str) -> list[str]:
    """Return one member of each structure in a list."""
    return [each[of] for each in answer[member]]


HOLDERS = ("User", "Group", "Role")


def made(iam: Iam, word: str, name: str = "x") -> dict[str, object]:
    """Make a user, group or role; return the parameter that names it."""
    more = {"AssumeRolePolicyDocument": TRUST} if word == "Role" else {}
    iam(f"Create{word}", **{f"{word}Name": name}, **more)
    return {f"{word}Name": name}
