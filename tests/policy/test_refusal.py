"""The sentence of a refusal: every row of AWS's table."""

from typing import Any

import pytest

from secretctl.policy import evaluation, principal_names, refusal
from secretctl.policy.evaluation import Policies
from tests.policy.cases import (
    ALICE,
    GET,
    ROLE,
    SECRET,
    SESSION,
    STRANGER,
    policy,
    result,
    statement,
)

DENY = statement(Effect="Deny")
ALLOW = statement()
NOTHING = statement(Action="kms:*")
ANYBODY = {"Principal": "*"}
MANAGED = "arn:aws:iam::123456789012:policy/DenyProd"


NONE = f"because no {{}} allows the {GET} action"
DENIED = "with an explicit deny in {}"
GIVEN = {"identity": (ALLOW,)}
OPEN = ({**ALLOW, **ANYBODY},)
CLOSED = ({**DENY, **ANYBODY},)


@pytest.mark.parametrize(
    ("given", "sentence", "policy_type"),
    [
        ({}, NONE, "identity-based policy"),
        ({"caller": STRANGER}, NONE, "resource-based policy"),
        ({"caller": STRANGER, **GIVEN}, NONE, "resource-based policy"),
        ({"caller": STRANGER, "resource": OPEN}, NONE, "identity-based policy"),
        ({"identity": (ALLOW, DENY)}, DENIED, "an identity-based policy"),
        ({**GIVEN, "resource": CLOSED}, DENIED, "a resource-based policy"),
        ({**GIVEN, "boundary": NOTHING}, NONE, "permissions boundary"),
        ({**GIVEN, "boundary": DENY}, DENIED, "a permissions boundary"),
        ({**GIVEN, "session": NOTHING}, NONE, "session policy"),
        ({**GIVEN, "session": DENY}, DENIED, "a session policy"),
        ({**GIVEN, "serviceControl": NOTHING}, NONE, "service control policy"),
        ({**GIVEN, "serviceControl": DENY}, DENIED, "a service control policy"),
        ({**GIVEN, "resourceControl": DENY}, DENIED, "a resource control policy"),
        ({**GIVEN, "endpoint": NOTHING}, NONE, "VPC endpoint policy"),
        ({**GIVEN, "endpoint": DENY}, DENIED, "a VPC endpoint policy"),
    ],
)
def test_reason_is_that_of_the_table(
    given: dict[str, Any], sentence: str, policy_type: str
) -> None:
    """For each type of policy: that none allows, or that one denies."""
    assert refusal.reason(result(**given)) == sentence.format(policy_type)


def test_reasons_of_a_trust_policy() -> None:
    """A role that is to be assumed has words of its own."""
    assume: dict[str, Any] = {"action": "sts:AssumeRole", "arn": ROLE, "kind": "trust"}
    said = refusal.reason(result((ALLOW,), **assume))
    assert said == "because no role trust policy allows the sts:AssumeRole action"
    denial = statement(without="Resource", Effect="Deny", Principal="*")
    said = refusal.reason(result((ALLOW,), (denial,), **assume))
    assert said == "with an explicit deny in the role trust policy"
    trusting = statement(without="Resource", Principal={"AWS": ALICE})
    said = refusal.reason(result((), (trusting,), boundary=NOTHING, **assume))
    assert said == "because no permissions boundary allows the sts:AssumeRole action"


def test_sentence_has_caller_action_and_resource() -> None:
    """The resource as the caller gave it, unquoted; no part for an action about none; no stop."""
    assert refusal.sentence(result(caller=SESSION), "prod/db") == (
        f"User: {SESSION} is not authorized to perform: {GET} on resource: prod/db "
        f"because no identity-based policy allows the {GET} action"
    )
    listing = result((DENY,), action="secretsmanager:ListSecrets", arn="*")
    assert refusal.sentence(listing, "") == (
        f"User: {ALICE} is not authorized to perform: secretsmanager:ListSecrets "
        "with an explicit deny in an identity-based policy"
    )


@pytest.mark.parametrize("type_", ["identity", "boundary", "session", "serviceControl"])
def test_managed_policy_that_denies_is_named(type_: str) -> None:
    """By its ARN, to a caller of the same account only; an inline policy has none."""
    denying = policy(DENY, name=MANAGED)
    for caller, arn in ((ALICE, f": {MANAGED}"), (STRANGER, "")):
        who = principal_names.principal(caller)
        assert who is not None
        request = evaluation.request(who, GET, SECRET, {})
        limits = () if type_ == "identity" else ((type_, (denying,)),)
        policies = Policies(identity=(denying,) if type_ == "identity" else (), limits=limits)
        said = refusal.reason(evaluation.evaluate(request, policies))
        assert said.startswith("with an explicit deny in a")
        assert said.endswith((f"policy{arn}", f"boundary{arn}"))


ASSUMING: dict[str, Any] = {"action": "sts:AssumeRole", "arn": ROLE, "kind": "trust"}
ROOT = "arn:aws:iam::123456789012:root"
SERVICE = "rotation.amazonaws.com"


def trusting(who: str) -> tuple[dict[str, Any], ...]:
    """Return a trust policy that names *who*."""
    return (statement(without="Resource", Principal={"AWS": who}),)


@pytest.mark.parametrize(
    ("given", "types"),
    [
        ({}, ["identity"]),
        ({"boundary": NOTHING}, ["identity", "boundary"]),
        ({"boundary": NOTHING, **GIVEN}, ["boundary"]),
        ({"boundary": NOTHING, "session": NOTHING, "resource": OPEN}, ["boundary", "session"]),
        ({"boundary": ALLOW}, ["identity"]),
        ({"caller": STRANGER}, ["resource", "identity"]),
        ({"caller": STRANGER, **GIVEN}, ["resource"]),
        ({"caller": STRANGER, "resource": OPEN}, ["identity"]),
        ({"caller": SERVICE}, ["resource"]),
        (ASSUMING, ["trust"]),
        ({**ASSUMING, **GIVEN}, ["trust"]),
        ({**ASSUMING, "resource": trusting(ROOT)}, ["identity"]),
        ({**ASSUMING, "resource": trusting(ALICE), "boundary": NOTHING}, ["boundary"]),
        ({**ASSUMING, "caller": STRANGER, "resource": trusting(STRANGER)}, ["identity"]),
    ],
)
def test_what_would_have_to_allow_is_told(given: dict[str, Any], types: list[str]) -> None:
    """All that keeps the request from being allowed, and nothing that would change nothing."""
    assert refusal.lacking(result(**given)) == types


def test_a_managed_policy_is_not_named_where_a_resource_has_it() -> None:
    """A resource policy, a trust policy or that of an endpoint has no ARN that IAM would show."""
    denying = policy(DENY, name=MANAGED)
    who = principal_names.principal(ALICE)
    assert who is not None
    request = evaluation.request(who, GET, SECRET, {})
    said = evaluation.evaluate(request, Policies(limits=(("endpoint", (denying,)),)))
    assert refusal.reason(said) == "with an explicit deny in a VPC endpoint policy"
