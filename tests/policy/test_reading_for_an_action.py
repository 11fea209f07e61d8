"""A policy in force is read as far as it may be about what is asked for."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given

from secretctl.policy import evaluation, grammar, principal_names
from secretctl.policy.evaluation import Policies
from secretctl.policy.faults import IDENTITY, RESOURCE
from secretctl.policy.statements import Policy, Statement
from tests.policy import drawn_cases
from tests.policy.cases import statement

GET = "secretsmanager:GetSecretValue"


def read(document: object, kind: str, action: str) -> Policy:
    """Return the policy that is in force."""
    found, faults = grammar.read_text(json.dumps(document), kind, "", (action,) if action else ())
    assert found is not None, faults
    return found


def numbers(statements: Iterable[Statement]) -> list[int]:
    """Return which statements of a document these are."""
    return [each.number for each in statements]


def decided(case: dict[str, Any], action: str) -> tuple[object, ...]:
    """Return what policies that are read for *action* say to the request of a case."""
    caller = principal_names.principal(case["principal"])
    assert caller is not None
    context = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in case["context"].items()
    }
    request = evaluation.request(caller, case["action"], case["resource"], context)
    resource = case["resourcePolicy"]
    policies = Policies(
        tuple([read(each, IDENTITY, action) for each in case["identityPolicies"]]),
        None if resource is None else read(resource, RESOURCE, action),
    )
    found = evaluation.evaluate(request, policies)
    said = [(each.type, each.decision, *map(numbers, each[2:])) for each in found.said]
    return found.decision, said


@given(drawn_cases.cases())
def test_what_is_left_out_decides_nothing(case: dict[str, Any]) -> None:
    """Policies read for the action of a request say what they say when they are read whole."""
    assert decided(case, case["action"]) == decided(case, "")


@pytest.mark.parametrize(
    ("action", "is_left_out"),
    [
        ("secretsmanager:DescribeSecret", True),
        (["kms:Decrypt", "secretsmanager:DescribeSecret"], True),
        (GET, False),
        ("SecretsManager:getSECRETvalue", False),
        (["kms:Decrypt", GET], False),
        ("secretsmanager:Describe*", False),
        ("secretsmanager:DescribeSecre?", False),
        ("*", False),
    ],
)
def test_what_lists_other_actions_is_left_out(action: object, *, is_left_out: bool) -> None:
    """Without wildcards, in any spelling; the others keep their numbers."""
    whole = {"Statement": [statement(Action=action), statement(Action=GET, Sid="last")]}
    left = numbers(read(whole, IDENTITY, GET).statements)
    assert left == ([1] if is_left_out else [0, 1])


@pytest.mark.parametrize(
    "written",
    [{"NotAction": "secretsmanager:DescribeSecret"}, {"Action": []}, {"Action": [1]}, {}],
)
def test_what_cannot_be_told_is_read(written: dict[str, object]) -> None:
    """What lists nothing, or what it is not about, is not left out: it is checked."""
    changed = {key: value for key, value in statement().items() if key != "Action"} | written
    _, faults = grammar.read_text(json.dumps({"Statement": changed}), IDENTITY, "", (GET,))
    assert bool(faults) == ("NotAction" not in written)
