"""What is said of a request of which not everything is known holds once everything is."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.policy import evaluation, grammar, partial, principal_names
from secretctl.policy.decisions import ALLOWED, Result
from secretctl.policy.evaluation import Policies
from secretctl.policy.faults import IDENTITY, RESOURCE
from tests.policy.cases import ALICE, GET, SECRET, SESSION, statement

KEYS = ["aws:PrincipalTag/a", "aws:PrincipalTag/b"]
VALUES = ["x", "y", *[f"${{{key}}}" for key in KEYS]]
ARN = SECRET.rpartition("secret:")[0] + "secret:"
RESOURCES = ["*", *[f"{ARN}{value}/*" for value in VALUES]]
OPERATORS = ["StringEquals", "StringNotEquals", "StringLikeIfExists", "ForAnyValue:StringEquals"]

CONDITIONS = st.dictionaries(
    st.sampled_from(OPERATORS),
    st.dictionaries(
        st.sampled_from(KEYS), st.lists(st.sampled_from(VALUES), min_size=1, max_size=2), min_size=1
    ),
    min_size=1,
    max_size=2,
)
RESOURCE_PARTS = st.builds(
    lambda name, listed: {name: listed},
    st.sampled_from(["Resource", "NotResource"]),
    st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2),
)
STATEMENTS = st.builds(
    lambda effect, resource, block: {"Effect": effect, "Action": GET, **resource, **block},
    st.sampled_from(["Allow", "Deny"]),
    RESOURCE_PARTS,
    st.just({}) | CONDITIONS.map(lambda block: {"Condition": block}),
)
DOCUMENTS = st.lists(STATEMENTS, min_size=1, max_size=2)
CONTEXTS = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, st.sampled_from(["x", "y"])))


def decided(own: list[Any], attached: list[Any], context: dict[str, str]) -> Result:
    """Return what the engine says of a user who wants the secret ``x/y``."""
    attached = [each | {"Principal": {"AWS": ALICE}} for each in attached]
    policies = [
        grammar.read({"Version": "2012-10-17", "Statement": each}, kind)[0]
        for each, kind in ((own, IDENTITY), (attached, RESOURCE))
    ]
    assert policies[0] is not None
    assert bool(policies[1]) == bool(attached)
    caller = principal_names.principal(ALICE)
    assert caller is not None
    request = evaluation.request(caller, GET, f"{ARN}x/y-AbCdEf", context)
    return evaluation.evaluate(request, Policies((policies[0],), policies[1]))


@settings(max_examples=300, deadline=None)
@given(
    DOCUMENTS,
    st.just([]) | DOCUMENTS,
    CONTEXTS,
    st.sampled_from([{KEYS[0]}, {KEYS[1]}, set(KEYS), set()]),
)
def test_what_is_certain_stays_whatever_else_is_known(
    own: list[Any], attached: list[Any], whole: dict[str, str], unknown: set[str]
) -> None:
    """Yes and no are the decision on the whole; only what depends may come out either way."""
    known = {key: value for key, value in whole.items() if key not in unknown}
    names = {key.lower() for key in unknown}
    result = decided(own, attached, known)
    chances = partial.chances(result, lambda key: key not in names)
    verdict = partial.verdict(result, chances)
    is_allowed = decided(own, attached, whole).decision == ALLOWED
    if unknown:
        assert (verdict, is_allowed) not in ((partial.YES, False), (partial.NO, True))
    else:
        assert verdict == (partial.YES if is_allowed else partial.NO)


@pytest.mark.parametrize("key", ["aws:CurrentTime", "AWS:epochtime", "aws:TokenIssueTime"])
@pytest.mark.parametrize("caller", [ALICE, SESSION])
def test_what_each_request_has_is_there(key: str, caller: str) -> None:
    """Whether the time is missing is not open, nor in a session when it was begun."""
    who = principal_names.principal(caller)
    assert who is not None
    request = evaluation.request(who, GET, SECRET, {})
    found = {}
    for said in ("true", "false"):
        document = statement(Condition={"Null": {key: said}})
        policy, _ = grammar.read({"Statement": document}, IDENTITY)
        assert policy is not None
        result = evaluation.evaluate(request, Policies((policy,)))
        found[said] = partial.verdict(result, partial.chances(result, lambda _: False))
    is_open = caller == ALICE and key == "aws:TokenIssueTime"
    sure = {"true": partial.NO, "false": partial.YES}
    assert found == (dict.fromkeys(sure, partial.DEPENDS) if is_open else sure)
