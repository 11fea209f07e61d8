"""Requests and policies that tests of the engine are made of."""

from collections.abc import Mapping
from typing import Any

from secretctl.policy import evaluation, grammar, principal_names
from secretctl.policy.decisions import Result
from secretctl.policy.evaluation import Policies
from secretctl.policy.statements import Policy

ACCOUNT, OTHER = "123456789012", "999999999999"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
STRANGER = f"arn:aws:iam::{OTHER}:user/alice"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/deploy"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci/app"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:prod/db-AbCdEf"
GET = "secretsmanager:GetSecretValue"

Statement = dict[str, Any]
Context = Mapping[str, str | tuple[str, ...]]


def statement(*, without: str = "", **changes: object) -> Statement:
    """Return a statement that allows everything, changed."""
    whole = {"Effect": "Allow", "Action": "*", "Resource": "*", **changes}
    whole.pop(without, None)
    return whole


def document(*statements: Statement, version: str = "2012-10-17") -> dict[str, object]:
    """Return a policy document."""
    return {"Version": version, "Statement": list(statements)}


def policy(
    *statements: Statement, kind: str = "identity", version: str = "2012-10-17", name: str = "p"
) -> Policy:
    """Return a policy, read."""
    read, faults = grammar.read(document(*statements, version=version), kind, name)
    assert read is not None, faults
    return read


def result(
    identity: tuple[Statement, ...] = (),
    resource: tuple[Statement, ...] = (),
    *,
    caller: str = ALICE,
    action: str = GET,
    arn: str = SECRET,
    context: Context | None = None,
    version: str = "2012-10-17",
    kind: str = "resource",
    **limits: Statement,
) -> Result:
    """Return the decision on a request: statements of an identity and of a resource policy."""
    who = principal_names.principal(caller)
    assert who is not None
    return evaluation.evaluate(
        evaluation.request(who, action, arn, context or {}),
        Policies(
            identity=(policy(*identity, version=version),) if identity else (),
            resource=policy(*resource, kind=kind, version=version) if resource else None,
            is_trust=kind == "trust",
            limits=tuple((name, (policy(limit),)) for name, limit in limits.items()),
        ),
    )


def decision(*statements: Statement, **given: Any) -> str:
    """Return the decision where there is an identity policy alone."""
    return result(statements, **given).decision


def meets(
    operator: str,
    key_values: object,
    context: Context,
    *,
    key: str = "k",
    version: str = "2012-10-17",
) -> bool:
    """Tell whether an Allow with that condition allows."""
    allowed = statement(Condition={operator: {key: key_values}})
    return decision(allowed, context=context, version=version) == "Allowed"


def denies(operator: str, key_values: object, context: Context) -> bool:
    """Tell whether a Deny with that condition, on the key ``k``, denies."""
    denial = statement(Effect="Deny", Condition={operator: {"k": key_values}})
    return decision(statement(), denial, context=context) == "ExplicitlyDenied"
