"""``policy who-can`` of sessions: their tags, and what a secret's policy says of one alone."""

import json
from typing import Any

import pytest

from tests.conftest import Service
from tests.service.test_who_can import ACCOUNT, TRUST, document, iam, listed

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/nightly"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
TAG = "aws:PrincipalTag/team"
TAGGED = {**TRUST, "Action": ["sts:AssumeRole", "sts:TagSession"]}


@pytest.fixture
def asked(service: Service) -> Service:
    """A vault with a secret ``prod/db``."""
    service("CreateSecret", Name="prod/db", SecretString="v")
    return service


def make_role(
    service: Service, *statements: dict[str, Any], trust: dict[str, Any] = TRUST, bound: str = ""
) -> None:
    """Make the role ``app``, of team ``x``, with an inline policy for each statement."""
    text = json.dumps({"Version": "2012-10-17", "Statement": trust})
    given = {"PermissionsBoundary": bound} if bound else {}
    tags = [{"Key": "team", "Value": "x"}]
    made = {"RoleName": "app", "AssumeRolePolicyDocument": text, "Tags": tags}
    iam(service, "create-role", **made, **given)
    for number, statement in enumerate(statements):
        policy = {"PolicyName": f"p{number}", "PolicyDocument": document(**statement)}
        iam(service, "put-role-policy", RoleName="app", **policy)


def protect(service: Service, **statement: object) -> None:
    """Give the secret a policy of one statement."""
    text = document(**statement)
    service("PutResourcePolicy", SecretId="prod/db", ResourcePolicy=text)


def told(entry: dict[str, Any], part: str = "Through") -> list[dict[str, Any]]:
    """Return what is open in all statements of one part of an entry."""
    return [each for statement in entry[part] for each in statement.get("Conditions", [])]


ASKING = {"Condition": {"StringEquals": {TAG: "pay"}}}
COMPARING = {"Condition": {"StringEquals": {"secretsmanager:SecretId": "x-${" + TAG + "}"}}}
NAMING = {"Resource": "arn:aws:secretsmanager:*:*:secret:${" + TAG + "}/*"}
BESIDES = {"Resource": None, "NotResource": NAMING["Resource"]}


@pytest.mark.parametrize(
    ("statement", "left_open"),
    [
        (ASKING, {"Operator": "StringEquals", "Key": TAG}),
        (
            COMPARING,
            {"Operator": "StringEquals", "Key": "secretsmanager:SecretId", "Variables": [TAG]},
        ),
        (NAMING, {"Element": "Resource", "Variables": [TAG]}),
        (BESIDES, {"Element": "NotResource", "Variables": [TAG]}),
    ],
)
def test_tag_that_a_session_can_replace_is_left_open(
    asked: Service, statement: dict[str, Any], left_open: dict[str, Any]
) -> None:
    """Its value may be any, where the trust policy lets sessions bring tags."""
    make_role(asked, statement, trust=TAGGED)
    entry = listed(asked)["role/app"]
    assert told(entry) == [left_open]


@pytest.mark.parametrize("statement", [ASKING, COMPARING, NAMING])
def test_tag_that_no_session_can_replace_decides(asked: Service, statement: dict[str, Any]) -> None:
    """The role's own is that of all its sessions then, and one it has not none has."""
    other = json.loads(json.dumps(statement).replace(TAG, "aws:PrincipalTag/none"))
    make_role(asked, statement, other)
    assert listed(asked) == {}


@pytest.mark.parametrize("statement", [ASKING, COMPARING, NAMING, BESIDES])
def test_denial_that_hangs_on_a_sessions_tag_may_apply(
    asked: Service, statement: dict[str, Any]
) -> None:
    """The role is let in, unless the tag is such that it applies."""
    make_role(asked, {}, {**statement, "Effect": "Deny"}, trust=TAGGED)
    assert len(told(listed(asked)["role/app"], "Unless")) == 1


def test_value_without_variable_that_decides_leaves_nothing_open(asked: Service) -> None:
    """One value that compares is enough, whatever the others would be."""
    region = {"aws:RequestedRegion": ["us-east-1", "${" + TAG + "}"]}
    make_role(asked, {"Condition": {"StringEquals": region}}, trust=TAGGED)
    assert told(listed(asked)["role/app"]) == []
    iam(asked, "delete-role-policy", RoleName="app", PolicyName="p0")
    policy = document(Condition={"StringNotEquals": region})
    iam(asked, "put-role-policy", RoleName="app", PolicyName="p", PolicyDocument=policy)
    assert listed(asked) == {}


def test_session_that_alone_is_spared_is_in_alone(asked: Service) -> None:
    """NotPrincipal spares whom it lists with its role and account."""
    make_role(asked, {})
    spared = {"AWS": [SESSION, ROLE, ROOT]}
    protect(asked, Effect="Deny", NotPrincipal=spared)
    assert set(listed(asked)) == {"assumed-role/app/nightly"}
    assert listed(asked)["assumed-role/app/nightly"]["HoldsKey"] is True


def test_session_that_alone_is_denied_is_excepted(asked: Service) -> None:
    """The others of its role are in."""
    make_role(asked, {})
    protect(asked, Effect="Deny", Principal={"AWS": SESSION})
    assert set(listed(asked)) == {"role/app"}
    assert listed(asked)["role/app"]["Except"] == [SESSION]


def test_session_is_told_of_where_it_differs_from_its_role(asked: Service) -> None:
    """A policy that names both, or is about something else, says nothing of it alone."""
    make_role(asked, {})
    protect(asked, Effect="Deny", Action="secretsmanager:*Policy", Principal={"AWS": SESSION})
    assert set(listed(asked)) == {"role/app"}
    protect(asked, Principal={"AWS": SESSION})
    assert set(listed(asked)) == {"role/app", "assumed-role/app/nightly"}


@pytest.mark.parametrize("how", ["denial", "boundary", "key"])
def test_session_is_bound_as_its_role_is(asked: Service, how: str) -> None:
    """A secret's policy that names it lets it in only as far as the role's own policies let it."""
    bound = ""
    if how == "boundary":
        text = document(Action="secretsmanager:Describe*")
        iam(asked, "create-policy", PolicyName="bound", PolicyDocument=text)
        bound = f"arn:aws:iam::{ACCOUNT}:policy/bound"
    denied = {"denial": "secretsmanager:GetSecretValue", "key": "kms:Decrypt"}
    statements = [{"Effect": "Deny", "Action": denied[how]}] if how in denied else []
    make_role(asked, *statements, bound=bound)
    protect(asked, Principal={"AWS": SESSION})
    assert listed(asked) == {}


def test_what_is_known_of_a_session_decides(asked: Service) -> None:
    """Its user id ends in its name; that of a session of any name is open."""
    make_role(asked, {"Condition": {"StringLike": {"aws:userid": "*:nightly"}}})
    assert told(listed(asked)["role/app"]) == [{"Operator": "StringLike", "Key": "aws:userid"}]
    protect(asked, Effect="Deny", Action="secretsmanager:TagResource", Principal={"AWS": SESSION})
    assert told(listed(asked)["assumed-role/app/nightly"]) == []
