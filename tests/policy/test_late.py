"""A context is worked out for whoever asks it something, and for nobody else."""

import pytest

from secretctl.policy import evaluation, grammar
from secretctl.policy.decisions import ALLOWED, IMPLICITLY_DENIED
from secretctl.policy.evaluation import Policies
from secretctl.policy.principals import Principal
from secretctl.policy.variables import Late

ACTION = "secretsmanager:GetSecretValue"
ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:a-AbCdEf"
PLAIN = '"Resource":"*"'
BY_ADDRESS = '"Resource":"*","Condition":{"StringEquals":{"aws:SourceIp":"%s"}}'
BY_VARIABLE = '"Resource":"arn:aws:secretsmanager:*:*:secret:${aws:SourceIp}*"'


@pytest.mark.parametrize(
    ("more", "decision", "times"),
    [
        (PLAIN, ALLOWED, 0),
        (BY_ADDRESS % "::1", ALLOWED, 1),
        (BY_ADDRESS % "::2", IMPLICITLY_DENIED, 1),
        (BY_VARIABLE, IMPLICITLY_DENIED, 1),
    ],
)
def test_it_is_worked_out_once_where_a_policy_asks(more: str, decision: str, times: int) -> None:
    """For a condition and for a variable; the decision is the same as of one that is there."""
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"%s",%s}}'
    policy, faults = grammar.read_text(text % (ACTION, more), "identity")
    assert policy is not None, faults
    made = []

    def make() -> dict[str, str | tuple[str, ...]]:
        made.append(1)
        return {"aws:sourceip": "::1"}

    request = evaluation.request(Principal("x", "000000000000"), ACTION, ARN, {})
    late = request._replace(context=Late(make))
    assert evaluation.evaluate(late, Policies((policy,))).decision == decision
    assert len(made) == times
    now = request._replace(context=make())
    assert evaluation.evaluate(now, Policies((policy,))).decision == decision
    assert dict(late.context) == make()
    assert len(late.context) == 1
