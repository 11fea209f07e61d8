"""Measures of the policy engine: deciding among many policies, and a pattern made to be slow."""

import time
from collections.abc import Callable

from bench.measure import Row, floor_row
from secretctl.policy import evaluation, grammar, principal_names, wildcard
from secretctl.policy.decisions import Request
from secretctl.policy.evaluation import Policies
from secretctl.policy.statements import Policy

_POLICIES = 100
_STATEMENTS = 10
_SECONDS = 1.0
_ACTIONS = (
    *("GetSecretValue", "PutSecretValue", "DescribeSecret", "DeleteSecret", "CreateSecret"),
    *("TagResource", "UntagResource", "RotateSecret", "RestoreSecret", "UpdateSecret"),
)
_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"


def rows() -> list[Row]:
    """Return the lines of the table."""
    few = _rate(_policies(are_all_about_it=False), _request())
    all_ = _rate(_policies(are_all_about_it=True), _request())
    bomb = wildcard.pattern([("*a" * 255 + "*b", False)])
    took = min(_timed(lambda: wildcard.matches(bomb, "a" * 512)) for _ in range(100))
    return [
        floor_row("decisions by 1,000 statements, a tenth of the action", few, 2_000, "a second"),
        floor_row("decisions by 1,000 statements, all of the action", all_, 400, "a second"),
        Row("a pattern *a*a*a… against 512", f"{took * 1e3:.3f} ms", "< 1 ms", took < 0.001),
    ]


def _policies(*, are_all_about_it: bool) -> tuple[Policy, ...]:
    """Return policies of which every statement about the action applies, conditions included."""
    found = []
    for number in range(_POLICIES):
        statements = [
            {
                "Sid": f"S{place}",
                "Effect": "Allow",
                "Action": f"secretsmanager:{_ACTIONS[0 if are_all_about_it else place]}",
                "Resource": [f"{_ARN}team{number}/*", f"{_ARN}prod/db-??????"],
                "Condition": {"StringEquals": {"aws:PrincipalTag/team": ["payments", "search"]}},
            }
            for place in range(_STATEMENTS)
        ]
        document = {"Version": "2012-10-17", "Statement": statements}
        policy, faults = grammar.read(document, "identity", f"policy{number}")
        assert policy is not None, faults
        found.append(policy)
    return tuple(found)


def _request() -> Request:
    caller = principal_names.principal("arn:aws:iam::000000000000:user/ci")
    assert caller is not None
    context = {"aws:PrincipalTag/team": "payments", "aws:username": "ci"}
    return evaluation.request(
        caller, "secretsmanager:GetSecretValue", f"{_ARN}prod/db-AbCdEf", context
    )


def _rate(policies: tuple[Policy, ...], request: Request) -> float:
    """Return how many decisions a second of the processor there are, in the best of three spans.

    Nothing waits here but for the processor, which other programs have in between.
    """
    given = Policies(identity=policies)
    assert evaluation.evaluate(request, given).decision == "Allowed"
    best = 0.0
    for _ in range(3):
        begun, count = time.process_time(), 0
        while (took := time.process_time() - begun) < _SECONDS:
            evaluation.evaluate(request, given)
            count += 1
        best = max(best, count / took)
    return best


def _timed(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun
