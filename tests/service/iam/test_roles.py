"""Roles: their trust policies are checked, and kept as they were given."""

import json
import re
from typing import Any

import pytest

from tests.service.iam.conftest import ACCOUNT, TRUST, Iam, names

STATEMENT = TRUST["Statement"][0]


def trusting(**changes: object) -> dict[str, Any]:
    """Return a trust policy whose statement is changed; None takes an element away."""
    statement = {**STATEMENT, **changes}
    kept = {name: value for name, value in statement.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [kept]}


def test_a_new_role_is_shown_without_how_long_its_sessions_may_be(iam: Iam) -> None:
    """CreateRole leaves that out, GetRole and ListRoles have it; lists have no tags."""
    text = json.dumps(TRUST, indent=1)
    made = iam(
        "CreateRole",
        RoleName="deploy",
        Path="/ops/",
        AssumeRolePolicyDocument=text,
        Description="for releases",
        MaxSessionDuration=7200,
        Tags=[{"Key": "a", "Value": "b"}],
    )["Role"]
    assert made["Arn"] == f"{ACCOUNT}:role/ops/deploy"
    assert re.fullmatch("AROA[A-Z2-7]{17}", made["RoleId"])
    assert made["AssumeRolePolicyDocument"] == text
    assert "MaxSessionDuration" not in made
    found = {**made, "MaxSessionDuration": 7200}
    assert iam("GetRole", RoleName="deploy")["Role"] == found
    del found["Tags"]
    assert iam("ListRoles", PathPrefix="/ops/")["Roles"] == [found]
    assert iam("ListRoles", PathPrefix="/x/")["Roles"] == []


@pytest.mark.parametrize("seconds", [3599, 43201])
def test_sessions_are_an_hour_to_twelve(iam: Iam, seconds: int) -> None:
    """What is shorter or longer is refused."""
    code, message = iam.refusal(
        "CreateRole",
        RoleName="r",
        AssumeRolePolicyDocument=TRUST,
        MaxSessionDuration=seconds,
    )
    assert code == "ValidationError"
    assert f"'{seconds}' at 'maxSessionDuration'" in message


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("{", "This policy contains invalid Json"),
        (trusting(Principal=None), "Missing required field Principal"),
        (trusting(Action=None), "Missing required field Action"),
        (trusting(Effect=None), "Missing required field Effect"),
        (trusting(Resource="*"), "Has prohibited field Resource"),
        (
            trusting(Action="secretsmanager:GetSecretValue"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (trusting(Action="*"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (
            trusting(Principal={"AWS": f"{ACCOUNT}:user/nobody"}),
            f'Invalid principal in policy: "AWS":"{ACCOUNT}:user/nobody"',
        ),
        (trusting(Principal={"AWS": "nobody"}), "Syntax errors in policy."),
    ],
)
def test_what_is_no_trust_policy_is_refused(iam: Iam, document: object, sentence: str) -> None:
    """At the creation of a role, and later."""
    refused = ("MalformedPolicyDocument", sentence)
    new = {"RoleName": "new", "AssumeRolePolicyDocument": document}
    assert iam.refusal("CreateRole", **new) == refused
    iam("CreateRole", RoleName="old", AssumeRolePolicyDocument=TRUST)
    change = {"RoleName": "old", "PolicyDocument": document}
    assert iam.refusal("UpdateAssumeRolePolicy", **change) == refused
    assert names(iam("ListRoles"), "Roles", "RoleName") == ["old"]


def test_a_trust_policy_may_name_who_is_there_and_who_is_elsewhere(iam: Iam) -> None:
    """Users and roles with their paths, sessions, services, other accounts."""
    iam("CreateUser", UserName="ci", Path="/eng/")
    iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    session = "arn:aws:sts::000000000000:assumed-role/r/s"
    for principal in (
        {"AWS": [f"{ACCOUNT}:user/eng/ci", f"{ACCOUNT}:role/r", session]},
        {"AWS": "arn:aws:iam::111111111111:user/x"},
        {"Service": "lambda.amazonaws.com"},
        "*",
    ):
        iam("UpdateAssumeRolePolicy", RoleName="r", PolicyDocument=trusting(Principal=principal))
    wrong = trusting(Principal={"AWS": f"{ACCOUNT}:user/ci"})
    assert iam.refusal("UpdateAssumeRolePolicy", RoleName="r", PolicyDocument=wrong) == (
        "MalformedPolicyDocument",
        f'Invalid principal in policy: "AWS":"{ACCOUNT}:user/ci"',
    )


def test_a_long_trust_policy_is_refused(iam: Iam) -> None:
    """2,048 characters, white space not counted."""
    long = trusting(Sid="a" * 2048)
    assert iam.refusal("CreateRole", RoleName="r", AssumeRolePolicyDocument=long) == (
        "LimitExceeded",
        "Cannot exceed quota for ACLSizePerRole: 2048",
    )
    text = json.dumps(trusting(Sid="a" * 1800)) + " " * 500
    iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=text)


def test_a_role_with_policies_is_not_deleted(iam: Iam, policy: str) -> None:
    """Once it has none it goes, and its name is free."""
    role = {"RoleName": "r"}
    iam("CreateRole", AssumeRolePolicyDocument=TRUST, **role)
    iam("AttachRolePolicy", PolicyArn=policy, **role)
    assert iam.refusal("DeleteRole", **role) == (
        "DeleteConflict",
        "Cannot delete entity, must detach all policies first.",
    )
    assert iam.refusal("CreateRole", RoleName="R", AssumeRolePolicyDocument=TRUST) == (
        "EntityAlreadyExists",
        "Role with name R already exists.",
    )
    iam("DetachRolePolicy", PolicyArn=policy, **role)
    iam("DeleteRole", **role)
    no_role = ("NoSuchEntity", "The role with name r cannot be found.")
    assert iam.refusal("GetRole", **role) == no_role
    assert iam.refusal("UpdateAssumeRolePolicy", PolicyDocument=TRUST, **role) == no_role
