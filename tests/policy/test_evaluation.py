"""Evaluation: who is allowed what, by which policies, within an account and across."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.policy import arns, evaluation, principal_names
from secretctl.policy.decisions import deciding
from secretctl.policy.evaluation import Policies
from secretctl.policy.unmet import unmet
from tests.policy.cases import (
    ACCOUNT,
    ALICE,
    GET,
    OTHER,
    ROLE,
    SECRET,
    SESSION,
    STRANGER,
    decision,
    policy,
    result,
    statement,
)

YES, NO, NEVER = "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
DENY = statement(Effect="Deny")
NOWHERE = statement(Action="secretsmanager:ListSecrets")


def meant(caller: str, *named: str, **changes: Any) -> str:
    """Return what a resource policy that allows those says to a caller of its account."""
    return result((), (statement(Principal={"AWS": [*named]}, **changes),), caller=caller).decision


def denied(caller: str, *spared: str) -> str:
    """Return the decision where all but *spared* are denied."""
    deny = statement(Effect="Deny", NotPrincipal={"AWS": [*spared]})
    return result((statement(),), (deny,), caller=caller).decision


@pytest.mark.parametrize(
    ("action", "decided"),
    [
        ("*", YES),
        ("secretsmanager:*", YES),
        ("SecretsManager:getsecretVALUE", YES),
        ("secretsmanager:Get*Value", YES),
        ("secretsmanager:?etSecretValue", YES),
        ("secretsmanager:GetSecret?Value", NO),
        ("secretsmanager:GetSecret", NO),
        ("kms:*", NO),
        (["kms:Decrypt", "secretsmanager:GetSecretValue"], YES),
        (["kms:Decrypt", "secretsmanager:Get*"], YES),
    ],
)
def test_actions(action: object, decided: str) -> None:
    """Wildcards in the name, any spelling; NotAction is all the others."""
    assert decision(statement(Action=action)) == decided
    other = NO if decided == YES else YES
    assert decision(statement(without="Action", NotAction=action)) == other


@pytest.mark.parametrize(
    ("resource", "decided"),
    [
        ("*", YES),
        (SECRET, YES),
        (SECRET.replace("prod", "Prod"), NO),
        (SECRET[:-6] + "??????", YES),
        (SECRET[:-6] + "*", YES),
        (SECRET[:-6] + "?????", NO),
        ("arn:aws:secretsmanager:*:*:secret:*", YES),
        ("arn:aws:secretsmanager:us-*-1:1234*:secret:p*-*", YES),
        ("arn:*:*:*:*:*", YES),
        ("arn:aws:secretsmanager:*:secret:prod/db-AbCdEf", NO),
        ("arn:aws:secretsmanager:*:prod/db-AbCdEf:*:*", NO),
        ("arn:aws:secretsmanager:us-east-1:123456789012:secret:prod", NO),
        (["arn:aws:s3:::x", SECRET], YES),
        (f"{SECRET}*", YES),
    ],
)
def test_resources(resource: object, decided: str) -> None:
    """ARNs are compared by segments; NotResource is all the others."""
    assert decision(statement(Resource=resource)) == decided
    other = NO if decided == YES else YES
    assert decision(statement(without="Resource", NotResource=resource)) == other


def test_exact_arn_is_not_that_of_a_longer_name() -> None:
    """``name-??????`` is one secret, ``name-*`` also takes ``name-anything-a1b2c3``."""
    longer = SECRET.replace("prod/db", "prod/db-replica")
    for ending, decided in (("??????", NO), ("*", YES)):
        assert decision(statement(Resource=SECRET[:-6] + ending), arn=longer) == decided


def test_action_about_no_resource_needs_an_asterisk() -> None:
    """ListSecrets has the resource ``*``: no ARN, not even one of wildcards, is it."""
    for resource, decided in (("*", YES), ("arn:*:*:*:*:*", NO), (SECRET, NO)):
        given: dict[str, Any] = {"action": "secretsmanager:ListSecrets", "arn": "*"}
        assert decision(statement(Resource=resource), **given) == decided


@pytest.mark.parametrize("order", list(itertools.permutations([statement(), DENY, NOWHERE])))
def test_denial_wins_in_any_order(order: tuple[dict[str, Any], ...]) -> None:
    """In one policy, or in as many as there are statements."""
    assert decision(*order) == NEVER
    assert (
        result((statement(),), tuple([{**each, "Principal": "*"} for each in order])).decision
        == NEVER
    )
    assert result(order, ({**statement(), "Principal": "*"},)).decision == NEVER


def test_without_policies_all_is_denied() -> None:
    """By default, and where no statement is about the request."""
    assert result().decision == NO
    assert decision(NOWHERE) == NO
    assert deciding(result((NOWHERE,))) == []


@pytest.mark.parametrize(
    ("identity", "resource", "within", "across"),
    [
        (YES, YES, YES, YES),
        (YES, NO, YES, NO),
        (NO, YES, YES, NO),
        (NO, NO, NO, NO),
        (NEVER, YES, NEVER, NEVER),
        (YES, NEVER, NEVER, NEVER),
        (NO, NEVER, NEVER, NEVER),
        (NEVER, NO, NEVER, NEVER),
        (NEVER, NEVER, NEVER, NEVER),
    ],
)
def test_one_type_is_enough_within_an_account_both_are_needed_across(
    identity: str, resource: str, within: str, across: str
) -> None:
    """The result has what each type of policy alone said."""
    says = {YES: (statement(),), NO: (), NEVER: (statement(), DENY)}
    of_resource = tuple([{**each, "Principal": "*"} for each in says[resource]])
    for caller, decided in ((ALICE, within), (STRANGER, across)):
        found = result(says[identity], of_resource, caller=caller)
        assert found.decision == decided
        assert found.same_account == (caller == ALICE)
        assert [said.decision for said in found.said] == [identity, resource]


@pytest.mark.parametrize(
    ("caller", "named", "decided"),
    [
        (ALICE, "*", YES),
        (ALICE, ALICE, YES),
        (ALICE, ALICE.replace("alice", "Alice"), NO),
        (ALICE, ALICE.replace("alice", "team/alice"), NO),
        (ALICE, STRANGER, NO),
        (ALICE, "AIDAJQABLZS4A3QDU576Q", NO),
        (SESSION, SESSION, YES),
        (SESSION, ROLE, YES),
        (SESSION, ROLE.replace("ci/", ""), YES),
        (SESSION, ROLE.replace("app", "App"), NO),
        (SESSION, ROLE.replace(ACCOUNT, OTHER), NO),
        (SESSION, SESSION.replace("deploy", "other"), NO),
        (ROLE, ROLE, YES),
        (ROLE, SESSION, NO),
        (ROLE, ROLE.replace("ci/", ""), NO),
    ],
)
def test_principals(caller: str, named: str, decided: str) -> None:
    """User, role, session; a role means its sessions, which tell no path; names are exact."""
    assert meant(caller, named) == decided
    assert meant(caller, "arn:aws:iam::000000000000:user/x", named) == decided


def test_a_role_is_named_with_its_path_where_that_is_known() -> None:
    """Another role of that name, in another path, is not let in, nor spared by NotPrincipal."""
    caller = principal_names.principal(SESSION)
    assert caller is not None
    read = evaluation.request(caller._replace(role_arn=ROLE), GET, SECRET, {})
    for arn, decided in ((ROLE, YES), (ROLE.replace("ci/", ""), NO), (SESSION, YES)):
        allowed = policy(statement(Principal={"AWS": arn}), kind="resource")
        assert evaluation.evaluate(read, Policies(resource=allowed)).decision == decided
        others = {"AWS": [SESSION, arn, ROOT]}
        denial = statement(without="Principal", Effect="Deny", NotPrincipal=others)
        own = Policies((policy(statement()),), policy(denial, kind="resource"))
        is_spared = evaluation.evaluate(read, own).decision == YES
        assert is_spared == (arn == ROLE)


@pytest.mark.parametrize("named", [ACCOUNT, ROOT])
@pytest.mark.parametrize("caller", [ALICE, SESSION, ROLE, ROOT])
def test_account_hands_the_decision_on(caller: str, named: str) -> None:
    """Its number and its root are the same; within the account it gives nothing by itself."""
    allowed = statement(Principal={"AWS": named})
    alone = result((), (allowed,), caller=caller)
    assert alone.decision == NO
    assert alone.said[1].decision == NO
    assert result((statement(),), (allowed,), caller=caller).decision == YES
    assert meant(caller, named, Effect="Deny") == NEVER


@pytest.mark.parametrize("named", [OTHER, f"arn:aws:iam::{OTHER}:root", STRANGER, "*"])
def test_other_account_must_be_let_in_and_must_let(named: str) -> None:
    """Across accounts an account that is allowed is a yes of the resource policy."""
    allowed = (statement(Principal={"AWS": named}),)
    assert result((), allowed, caller=STRANGER).decision == NO
    both = result((statement(),), allowed, caller=STRANGER)
    assert both.decision == both.said[1].decision == YES
    assert [type_ for type_, _ in deciding(both)] == ["identity", "resource"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Service", "rotation.amazonaws.com"),
        ("Federated", "cognito-identity.amazonaws.com"),
        ("Federated", f"arn:aws:iam::{ACCOUNT}:saml-provider/x"),
    ],
)
def test_service_or_provider_needs_a_resource_policy_alone(kind: str, name: str) -> None:
    """It has no account, and no identity policies that could give it anything."""
    assert result((), (statement(Principal={kind: name}),), caller=name).decision == YES
    assert (
        result((statement(),), (statement(Principal={"AWS": ALICE}),), caller=name).decision == NO
    )


def test_not_principal_spares_who_is_listed_with_all_it_is_part_of() -> None:
    """Beside a user stands the account; beside a session its role, too; alone they spare nobody."""
    assert denied(ALICE, ALICE, ROOT) == YES
    assert denied(ALICE, ALICE, ACCOUNT) == YES
    assert denied(ALICE, ALICE) == NEVER
    assert denied(ALICE, ROOT) == NEVER
    assert denied(ALICE, STRANGER, ROOT) == NEVER
    assert denied(SESSION, SESSION, ROLE, ROOT) == YES
    assert denied(SESSION, ROLE, ROOT) == NEVER
    assert denied(SESSION, SESSION, ROOT) == NEVER
    assert denied(SESSION, SESSION, ROLE) == NEVER
    assert denied(SESSION, SESSION, ROLE, OTHER) == NEVER
    assert denied(SESSION, SESSION, ROLE.replace(ACCOUNT, OTHER), ROOT) == NEVER
    assert denied(ROLE, ROLE, ROOT) == YES
    assert denied(ROLE, ROLE) == NEVER
    assert denied(ROOT, ROOT) == denied(ROOT, ACCOUNT) == YES
    assert denied(ROOT, ALICE, OTHER) == NEVER
    assert denied(ALICE, "*") == YES


def test_trust_policy_must_allow() -> None:
    """Of a role to be assumed: an identity policy alone is not enough, even within the account."""
    assume: dict[str, Any] = {"action": "sts:AssumeRole", "arn": ROLE, "kind": "trust"}

    def trusting(**named: object) -> tuple[dict[str, Any], ...]:
        return (statement(without="Resource", Action="sts:AssumeRole", Principal=named),)

    assert result((statement(),), **assume).decision == NO
    assert result((), trusting(AWS=ALICE), **assume).decision == YES
    assert result((), trusting(AWS=ROOT), **assume).decision == NO
    assert result((statement(),), trusting(AWS=ROOT), **assume).decision == YES
    assert result((), trusting(AWS=STRANGER), caller=STRANGER, **assume).decision == NO
    assert result((statement(),), trusting(AWS=OTHER), caller=STRANGER, **assume).decision == YES


@pytest.mark.parametrize("type_", ["boundary", "session", "serviceControl", "resourceControl"])
def test_limits_give_nothing_and_must_allow(type_: str) -> None:
    """A boundary, a session policy and the like hold for whatever gave the permission."""
    given = ((statement(),), ()), ((), (statement(Principal={"AWS": ALICE}),))
    limits: dict[str, Any] = {YES: statement(), NO: NOWHERE, NEVER: DENY}
    for decided, limit in limits.items():
        for identity, resource in given:
            assert result(identity, resource, **{type_: limit}).decision == decided
    assert result((), (), **{type_: limits[YES]}).decision == NO


def test_not_principal_spares_nobody_who_has_a_boundary() -> None:
    """As AWS warns: such a denial applies to every principal with one."""
    spared = statement(Effect="Deny", NotPrincipal={"AWS": [ALICE, ACCOUNT]})
    assert result((statement(),), (spared,)).decision == YES
    assert result((statement(),), (spared,), session=statement()).decision == YES
    assert result((statement(),), (spared,), boundary=statement()).decision == NEVER
    other = statement(Effect="Deny", Principal={"AWS": STRANGER})
    assert result((statement(),), (other,), boundary=statement()).decision == YES
    allowed = statement(Principal={"AWS": STRANGER})
    assert result((), (allowed,), boundary=statement()).decision == NO


def test_not_principal_spares_a_service_that_is_listed() -> None:
    """It is part of no account that would have to be listed beside it."""
    service, allowed = "rotation.amazonaws.com", statement(Principal="*")
    for listed, decided in ((service, YES), ("lambda.amazonaws.com", NEVER)):
        deny = statement(Effect="Deny", NotPrincipal={"Service": listed})
        assert result((), (allowed, deny), caller=service).decision == decided


def test_a_resource_that_a_missing_value_leaves_open_is_denied_to_nobody() -> None:
    """Such a statement counts neither way, but is told; NotResource keeps nothing out of a Deny."""
    unknown = SECRET.replace("prod", "${aws:PrincipalTag/team}")
    deny = statement(Effect="Deny", Resource=unknown)
    others = "arn:aws:secretsmanager:*:*:secret:test/*"
    among = statement(Effect="Deny", Resource=[unknown, others])
    found = result((statement(), deny, among))
    assert (found.decision, len(found.said[0].open)) == (YES, 2)
    assert decision(statement(Resource=unknown)) == NO
    but = statement(Effect="Deny", without="Resource", NotResource=unknown)
    assert decision(statement(), but) == NEVER


@pytest.mark.parametrize("text", ["*", "", "x", "arn:aws:s3::x", f"u{SECRET[1:]}"])
def test_what_is_no_arn_has_no_segments(text: str) -> None:
    """It is of no account, and no pattern of an ARN describes it."""
    assert arns.arn(text) == (text, "", ())


@pytest.mark.parametrize(
    ("action", "resource", "asks"),
    [
        ("sts:AssumeRole", ROLE, True),
        ("STS:assumerole", ROLE, True),
        ("sts:TagSession", ROLE, True),
        ("sts:GetCallerIdentity", ROLE, False),
        ("iam:GetRole", ROLE, False),
        ("sts:AssumeRole", ALICE, False),
        ("sts:AssumeRole", ROLE.replace(":iam:", ":other:"), False),
        ("sts:AssumeRole", "*", False),
    ],
)
def test_a_trust_policy_is_asked_about_assuming_a_role(
    action: str, resource: str, *, asks: bool
) -> None:
    """By an action that does so, and about a role; whatever else is the business of others."""
    caller = principal_names.principal(ALICE)
    assert caller is not None
    assert evaluation.asks_trust(evaluation.request(caller, action, resource, {})) == asks


def test_what_is_about_no_resource_is_the_callers_unless_it_is_told_whose() -> None:
    """Then an identity policy alone gives nothing across accounts; a service is of any account."""
    caller = principal_names.principal(ALICE)
    assert caller is not None
    asked = evaluation.request(caller, GET, "*", {})
    policies = Policies(identity=(policy(statement()),))
    for account, decided in (("", YES), (ACCOUNT, YES), (OTHER, NO)):
        told = asked._replace(resource=asked.resource._replace(account=account))
        assert evaluation.evaluate(told, policies).decision == decided
    allowed = (statement(Principal="*"),)
    assert result((), allowed, caller="rotation.amazonaws.com").same_account


def test_result_names_the_statements_that_decided() -> None:
    """All denials, or else all that allowed, by type, policy, number and Sid."""
    allowed = (NOWHERE, statement(Sid="One"), statement(Sid="Two"))
    found = deciding(result(allowed))
    assert [(each.policy, each.number, each.sid) for _, each in found] == [
        ("p", 1, "One"),
        ("p", 2, "Two"),
    ]
    denial = statement(Effect="Deny", Principal="*", Sid="Not today")
    found = deciding(result(allowed, (denial,)))
    assert [(type_, each.sid) for type_, each in found] == [("resource", "Not today")]


def test_result_names_the_condition_that_failed_and_its_key_but_no_value() -> None:
    """Of a statement that was about the request otherwise: operator, key, whether it is missing."""
    condition = {"StringEquals": {"aws:A": "hunter2", "b": "x"}, "Bool": {"c": "true"}}
    found = unmet(
        result(
            (
                statement(Sid="S", Condition=condition),
                statement(Action="kms:*", Condition=condition),
            ),
            context={"aws:a": "hunter3", "b": "x"},
        )
    )
    assert [(each.operator, each.key, each.is_missing) for each in found] == [
        ("StringEquals", "aws:A", False),
        ("Bool", "c", True),
    ]
    assert {each.statement.sid for each in found} == {"S"}


def test_condition_that_a_deny_met_with_one_of_several_values_is_not_named() -> None:
    """The same condition would have failed in an Allow, and is named there."""
    condition = {"StringEquals": {"many": "a"}, "Bool": {"c": "true"}}
    statements = (statement(Condition=condition), statement(Effect="Deny", Condition=condition))
    found = unmet(result(statements, context={"many": ("a", "b")}))
    assert [(each.statement.allows, each.key) for each in found] == [
        (True, "many"),
        (True, "c"),
        (False, "c"),
    ]


def test_nothing_is_added_to_the_context() -> None:
    """Neither the caller's name nor the time is known unless it is given."""
    for key in ("aws:username", "aws:PrincipalArn", "aws:CurrentTime", "aws:PrincipalAccount"):
        assert decision(statement(Condition={"Null": {key: "true"}})) == YES
    staged = statement(Condition={"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}})
    assert decision(staged) == NO


STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(["*", GET, "secretsmanager:Get*", "kms:*"]),
        "Resource": st.sampled_from(["*", SECRET, SECRET[:-6] + "??????", "arn:aws:s3:::*"]),
    },
    optional={
        "Condition": st.sampled_from(
            [
                {"StringEquals": {"k": "a"}},
                {"StringNotEquals": {"k": "a"}},
                {"Null": {"k": "true"}},
                {"ForAllValues:StringLike": {"k": ["a*", "b"]}},
            ]
        )
    },
)
PRINCIPALS = st.sampled_from(["*", {"AWS": ALICE}, {"AWS": ACCOUNT}, {"AWS": OTHER}])
WITH_PRINCIPAL = st.builds(lambda each, who: {**each, "Principal": who}, STATEMENTS, PRINCIPALS)
CONTEXTS = st.fixed_dictionaries({}, optional={"k": st.sampled_from(["a", "b", ("a", "b"), ()])})
MANY = st.lists(STATEMENTS, max_size=4)
RANK = [NEVER, NO, YES]


@given(
    MANY,
    st.lists(WITH_PRINCIPAL, max_size=3),
    STATEMENTS,
    CONTEXTS,
    st.sampled_from([ALICE, STRANGER]),
    st.data(),
)
def test_another_allow_takes_nothing_and_another_deny_gives_nothing(
    identity: list[Any],
    resource: list[Any],
    more: dict[str, Any],
    context: Any,
    caller: str,
    data: st.DataObject,
) -> None:
    """Whatever the policies, wherever it is put in."""
    before = RANK.index(
        result(tuple(identity), tuple(resource), context=context, caller=caller).decision
    )
    at = data.draw(st.integers(0, len(identity)))
    longer = (*identity[:at], more, *identity[at:])
    after = RANK.index(result(longer, tuple(resource), context=context, caller=caller).decision)
    assert after >= before if more["Effect"] == "Allow" else after <= before


@given(MANY, CONTEXTS, st.data())
def test_order_of_statements_and_of_policies_means_nothing(
    identity: list[Any], context: Any, data: st.DataObject
) -> None:
    """One policy in any order decides as before; a denial that applies wins in all of them."""
    shuffled = data.draw(st.permutations(identity))
    decided = decision(*identity, context=context)
    assert decided == decision(*shuffled, context=context)
    denials = [each for each in identity if each["Effect"] == "Deny"]
    if decision(*denials, context=context) == NEVER:
        assert decided == NEVER


def test_policy_is_read_once_and_evaluated_many_times() -> None:
    """Its records are immutable."""
    read = policy(statement())
    with pytest.raises(AttributeError):
        read.name = "other"  # type: ignore[misc]  # that it cannot be set is the claim
