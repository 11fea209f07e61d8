"""``policy simulate``: cases in JSON, answers in JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.policy import cases, simulation
from secretctl.policy.simulation import simulate, simulate_text
from tests.policy.cases import ALICE, GET, OTHER, SECRET, STRANGER, document, statement

CASE: dict[str, Any] = {
    "action": GET,
    "resource": SECRET,
    "principal": ALICE,
    "identityPolicies": [document(statement(Sid="All"))],
    "resourcePolicy": None,
    "context": {},
}
NOBODY = "/principal: this is no ARN of a user, role, session or account root"
YES, NO, NEVER = "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"


def answer(**changes: object) -> dict[str, Any]:
    """Return the answer to a case, changed; it is the same for the case as text."""
    case = {**CASE, **changes}
    said = simulate(case)
    assert said == simulate_text(json.dumps(case))
    assert json.loads(json.dumps(said)) == said
    return said


def test_answer_has_the_decision_and_what_each_type_of_policy_said() -> None:
    """And the statements that decided, by type, policy and number."""
    assert answer() == {
        "decision": YES,
        "identity": YES,
        "resource": NO,
        "sameAccount": True,
        "decidingStatements": [
            {
                "policyType": "identity",
                "policy": "/identityPolicies/0",
                "statement": 0,
                "effect": "Allow",
                "sid": "All",
            }
        ],
        "failedConditions": [],
    }


def test_refusal_has_awss_sentence() -> None:
    """And the condition that failed, on which key; no value of it."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "hunter2"}}
    said = answer(
        identityPolicies=[document(), document(statement(Condition=condition))][1:],
        context={"aws:principaltag/TEAM": "hunter3"},
    )
    assert said["decision"] == NO
    assert said["message"].endswith(f"because no identity-based policy allows the {GET} action")
    failed = said["failedConditions"][0]
    assert (failed["operator"], failed["key"]) == ("StringEquals", "aws:PrincipalTag/team")
    assert failed["reason"] == "not met"
    assert "hunter" not in json.dumps(said)


def test_account_is_read_from_the_two_arns() -> None:
    """Across accounts the resource policy must allow as well."""
    policy = document(statement(Principal={"AWS": OTHER}))
    assert answer(principal=STRANGER)["decision"] == NO
    said = answer(principal=STRANGER, resourcePolicy=policy)
    assert [said[name] for name in ("decision", "identity", "resource")] == [YES, YES, YES]
    assert not said["sameAccount"]


ROLE = "arn:aws:iam::{}:role/dep"
ASSUMES = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}


def trusts(whom: object, effect: str = "Allow", action: str = "sts:AssumeRole") -> dict[str, Any]:
    """Return a trust policy."""
    return {"Statement": {"Effect": effect, "Principal": whom, "Action": action}}


@pytest.mark.parametrize("action", ["sts:AssumeRole", "STS:assumerole"])
@pytest.mark.parametrize(
    ("identity", "trust", "expected"),
    [
        ([ASSUMES], None, NO),
        ([ASSUMES], trusts({"AWS": OTHER}), YES),
        ([], trusts({"AWS": OTHER}), NO),
        ([], trusts({"AWS": ALICE}), YES),
        ([ASSUMES], trusts({"AWS": ALICE}, "Deny"), NEVER),
        ([ASSUMES], trusts({"AWS": ALICE}, action="sts:TagSession"), NO),
    ],
)
def test_a_role_is_assumed_by_whom_its_trust_policy_allows(
    identity: list[object], trust: object, expected: str, action: str
) -> None:
    """One that trusts the account leaves it to identity policies; without one nobody may."""
    account = ALICE.split(":")[4]
    trust = json.loads(json.dumps(trust).replace(OTHER, f"arn:aws:iam::{account}:root"))
    said = answer(
        action=action,
        resource=ROLE.format(account),
        identityPolicies=[{"Statement": each} for each in identity],
        resourcePolicy=trust,
    )
    assert said["decision"] == expected
    if expected == NO and trust is None:
        assert said["message"].endswith(f"because no role trust policy allows the {action} action")


def test_what_asks_no_trust_policy_takes_none() -> None:
    """And what asks one takes no other: each has its grammar."""
    trust = trusts({"AWS": ALICE}, action="*")
    assert "there is no Resource" in answer(resourcePolicy=trust)["error"]
    assert "error" not in answer(
        action="sts:AssumeRole", resourcePolicy=document(statement(Principal={"AWS": ALICE}))
    )
    whole = document(statement(Principal={"AWS": ALICE}))
    of_role = {"action": "sts:AssumeRole", "resource": ROLE.format("1" * 12)}
    assert answer(**of_role, resourcePolicy=whole)["error"].startswith("/resourcePolicy/Statement")


def test_documents_are_objects_or_text() -> None:
    """As get-resource-policy prints them, and as they are in a file."""
    denial = json.dumps(document(statement(Principal="*", Effect="Deny")))
    assert answer(resourcePolicy=denial)["decision"] == NEVER
    assert answer(identityPolicies=[json.dumps(document(statement()))])["decision"] == YES


def test_context_is_taken_as_it_is() -> None:
    """Text, a list, and numbers and booleans without quotes, in a list too; nothing is added."""
    needed = {
        "StringEquals": {"a": "x"},
        "ForAllValues:StringEquals": {"b": ["x", "5", "true"]},
        "Bool": {"c": "true"},
        "NumericEquals": {"d": "3"},
        "Null": {"aws:username": "true", "e": "true"},
    }
    policies = [document(statement(Condition=needed))]
    context = {"A": "x", "b": ["x", 5, True], "c": True, "d": 3, "e": []}
    assert answer(identityPolicies=policies, context=context)["decision"] == YES
    del context["A"]
    assert answer(identityPolicies=policies, context=context)["decision"] == NO


def test_boundary_and_session_policies_may_be_given() -> None:
    """They are answered for like the others, under their own names."""
    nothing = document(statement(Action="kms:*"))
    said = answer(permissionsBoundary=nothing)
    assert (said["decision"], said["boundary"]) == (NO, NO)
    said = answer(sessionPolicies=[nothing, document(statement())])
    assert (said["decision"], said["session"]) == (YES, YES)


def test_remarks_change_nothing() -> None:
    """Whoever writes cases may name and explain them, and say what is expected."""
    assert answer(id=1, name="x", comment=["y"], expect={"decision": NO}) == answer()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"action": None}, "/action: this is text"),
        ({"action": "secretsmanager:*"}, "/action: an action is SERVICE:NAME, without wildcards"),
        ({"action": "GetSecretValue"}, "/action: an action is SERVICE:NAME, without wildcards"),
        ({"resource": "prod/db"}, "/resource: a resource is an ARN, or * for an action about none"),
        ({"principal": "*"}, NOBODY),
        ({"principal": "alice"}, NOBODY),
        ({"identityPolicies": {}}, "/identityPolicies: this is a list of policies"),
        ({"identityPolicies": [None]}, "/identityPolicies/0: a policy is a JSON object"),
        ({"identityPolicies": ['{"Version": 1,\n  "Version": 2}']},
         "/identityPolicies/0: line 2, column 3: this name is given twice"),
        ({"resourcePolicy": '{"Statement": {"Effect": "allow"}}'},
         "/resourcePolicy/Statement: line 1, column 15: there is no Principal and no NotPrincipal"),
        ({"identityPolicies": [" " * 20481]},
         "/identityPolicies/0: line 1, column 20481: a policy has at most 20480 characters"),
        ({"identityPolicies": [document(statement()), document(statement(Effect="deny"))]},
         "/identityPolicies/1/Statement/0/Effect: the effect is Allow or Deny"),
        ({"identityPolicies": [document(statement(Principal="*"))]},
         "/identityPolicies/0/Statement/0/Principal: there is no such element here"),
        ({"resourcePolicy": document(statement())},
         "/resourcePolicy/Statement/0: there is no Principal and no NotPrincipal"),
        ({"resourcePolicy": []}, "/resourcePolicy: a policy is a JSON object"),
        ({"resourcePolicy": document(*[statement(Principal="*")] * 400)},
         "/resourcePolicy: a policy has at most 20480 characters"),
        ({"resourcePolcy": None}, "/resourcePolcy: there is no such member"),
        ({"context": []}, "/context: a context is a JSON object"),
        ({"context": {"a": None}}, "/context/a: a value is text, or a list of texts"),
        ({"context": {"a": ["x", {}]}}, "/context/a: a value is text, or a list of texts"),
        ({"context": {"a": "x", "A": "y"}},
         "/context/A: this key is given in another spelling as well"),
    ],
)  # fmt: skip
def test_malformed_case_says_where(changes: dict[str, Any], error: str) -> None:
    """A typo must not decide anything: there is an error, and nothing else."""
    assert answer(**changes) == {"error": error}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[]", "a case is a JSON object"),
        ('{"action": "a", "action": "b"}', "line 1, column 17: this name is given twice"),
        ('{"context": {"Effect": NaN}}', "line 1, column 24: a value is expected"),
        ('{"action": "\udc80"}', "line 1, column 13: half of a surrogate pair is no character"),
    ],
)
def test_case_that_is_no_json_says_where(text: str, error: str) -> None:
    """A key that is given twice, in whatever depth, too."""
    assert simulate_text(text) == {"error": error}


def test_case_nested_too_deeply_is_malformed() -> None:
    """Also one that was never text."""
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    assert simulate({**CASE, "context": deep}) == {"error": "the case is nested too deeply"}


ONE = json.dumps(CASE)
WIDE = json.dumps(CASE, indent=2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n \n", []),
        (ONE, [ONE]),
        (WIDE, [WIDE]),
        ("\n" + WIDE + "\n\n", [WIDE + "\n\n"]),
        (f"{ONE}\n{ONE}\n", [ONE + "\n", ONE + "\n"]),
        (f"{ONE}\n\n{{\n{ONE}", [ONE + "\n", "{\n", ONE]),
        (f"x\n{ONE}\n", ["x\n", ONE + "\n"]),
        (f"{{\n{ONE}\n", ["{\n", ONE + "\n"]),
        (f"{ONE[:-1]}\n{ONE}\n", [ONE[:-1] + "\n", ONE + "\n"]),
        ("x\ny\n", ["x\n", "y\n"]),
        (WIDE[:-1], [WIDE[:-1]]),
        (WIDE.replace('"action"', "action"), [WIDE.replace('"action"', "action")]),
    ],
)
def test_input_is_one_object_or_one_a_line(text: str, expected: list[str]) -> None:
    """A malformed line spoils no other; a malformed object over many lines is one case."""
    assert list(cases.cases(text.splitlines(keepends=True))) == expected


def test_lines_are_read_as_they_are_needed() -> None:
    """The first case is there before the second was written."""
    lines = iter([ONE, ONE])
    assert next(cases.cases(lines)) == ONE
    assert next(lines) == ONE


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from([*CASE, *simulation.LIMITS, "x"]), ANY)
def test_any_case_has_an_answer_or_an_error(name: str, value: object) -> None:
    """Whatever stands in the place of a member."""
    said = simulate({**CASE, name: value})
    assert ("error" in said) != ("decision" in said)
