"""Evaluate a request: a denial anywhere wins, and what nothing allows is denied.

Within one account an Allow in an identity policy *or* in the resource policy is enough; across
accounts both are needed. A resource policy that allows the caller's account only hands the decision
on to the identity policies: within one account it gives nothing by itself. A role's trust policy
must allow in any case. Permissions boundaries, session policies and the like give nothing; where
there are any, they must allow too.

Nothing is added to the context that is given.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from secretctl.policy import arns, principals, wildcard
from secretctl.policy.decisions import (
    ALLOWED,
    BOUNDARY,
    EXPLICITLY_DENIED,
    IDENTITY,
    IMPLICITLY_DENIED,
    RESOURCE,
    TRUST,
    Request,
    Result,
    Said,
)
from secretctl.policy.principals import Principal, Principals
from secretctl.policy.statements import Actions, Policy, Statement
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from secretctl.policy.variables import Context


_ASSUMING = frozenset(
    (
        *("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"),
        *("sts:tagsession", "sts:setsourceidentity", "sts:setcontext"),
    )
)
"""Actions about a role that is to be assumed, in small letters."""


class Policies(NamedTuple):
    """All policies that have a say."""

    identity: tuple[Policy, ...] = ()
    """Of the user and its groups, or of the role."""

    resource: Policy | None = None
    """Of the secret; of a role that is to be assumed, its trust policy."""

    is_trust: bool = False
    limits: tuple[tuple[str, tuple[Policy, ...]], ...] = ()
    """Types of `decisions.LIMITS` that apply, each with its policies."""


def request(
    caller: Principal, action: str, resource: str, context: Mapping[str, str | tuple[str, ...]]
) -> Request:
    """Return a request.

    Args:
        caller: Who asks.
        action: Without wildcards.
        resource: An ARN, or ``*`` where the action is about no resource.
        context: As `folded` takes it.
    """
    return Request(caller, action, arns.arn(resource), folded(context))


def asks_trust(request: Request) -> bool:
    """Tell whether it is a role's trust policy that must allow *request*.

    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
    """
    segments = request.resource.segments
    is_role = bool(segments) and segments[2] == "iam" and segments[-1].startswith("role/")
    return is_role and request.action.lower() in _ASSUMING


def folded(context: Mapping[str, str | tuple[str, ...]]) -> Context:
    """Return a context as policies look into it, by names in small letters.

    Args:
        context: A tuple for a key of several values; names in any spelling. One that is given in
            two, as tags can be, is one key with the values of both (`Either`).
    """
    known: dict[str, str | tuple[str, ...]] = {}
    for given, value in context.items():
        name = given.lower()
        if name in known:
            from secretctl.policy.conditions import Either

            value = Either((*_several(known[name]), *_several(value)))  # noqa: PLW2901 of both
        known[name] = value
    return known


def evaluate(request: Request, policies: Policies) -> Result:
    """Return the decision on *request*, with what explains it."""
    of_resource = _ask(
        TRUST if policies.is_trust else RESOURCE,
        () if policies.resource is None else (policies.resource,),
        request,
        is_bounded=any(type_ == BOUNDARY for type_, _ in policies.limits),
    )
    same_account = _is_same_account(request)
    if same_account and not policies.is_trust:
        of_resource = _without_delegation(of_resource)
    said = (
        _ask(IDENTITY, policies.identity, request),
        of_resource,
        *[_ask(type_, several, request) for type_, several in policies.limits],
    )
    return Result(request, _decision(said, request, same_account=same_account), same_account, said)


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def without_denials(result: Result) -> Result:
    """Return what would have been decided if no policy denied."""
    said = tuple([_without_denials(each) for each in result.said])
    decision = _decision(said, result.request, same_account=result.same_account)
    return result._replace(said=said, decision=decision)


def _without_denials(said: Said) -> Said:
    is_allowed = said.allows or said.delegates
    return said._replace(denies=(), decision=ALLOWED if is_allowed else IMPLICITLY_DENIED)


def _ask(
    type_: str, policies: tuple[Policy, ...], request: Request, *, is_bounded: bool = False
) -> Said:
    """Return what policies of one type say."""
    action, caller, context = request.action.lower(), request.caller, request.context
    allows: list[Statement] = []
    delegates: list[Statement] = []
    denies: list[Statement] = []
    unmet: list[Statement] = []
    left_open: list[Statement] = []
    all_hold: Callable[..., bool] | None = None
    for policy in policies:
        for statement in covering(policy, action):
            element = statement.principals
            if not (element is None or _is_meant(element, caller, is_bounded=is_bounded)):
                continue
            reaches = _reaches(statement, request)
            if not reaches:
                if reaches is None:
                    left_open.append(statement)
                continue
            if statement.conditions:
                all_hold = all_hold or _comparison()
            if all_hold and not all_hold(statement.conditions, context, allows=statement.allows):
                unmet.append(statement)
            elif not statement.allows:
                denies.append(statement)
            elif element is None or principals.names(element, caller):
                allows.append(statement)
            else:
                delegates.append(statement)
    is_allowed = allows or delegates
    decision = EXPLICITLY_DENIED if denies else ALLOWED if is_allowed else IMPLICITLY_DENIED
    found = (tuple(allows), tuple(delegates), tuple(denies), tuple(unmet), tuple(left_open))
    return Said(type_, decision, *found)


def _is_meant(element: Principals, caller: Principal, *, is_bounded: bool) -> bool:
    """Tell whether a statement with that Principal or NotPrincipal is about the caller.

    NotPrincipal spares nobody who has a permissions boundary, as AWS warns.
    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    return (is_bounded and element.is_negated) or principals.means(element, caller)


def _comparison() -> Callable[..., bool]:
    """Return what compares conditions: loaded once for a request, of which many meet none."""
    from secretctl.policy.conditions import all_hold

    return all_hold


def can_deny(policies: Policies, action: str) -> bool:
    """Tell whether one of the policies of a caller denies *action* to anybody at any time."""
    several = (*policies.identity, *[each for _, some in policies.limits for each in some])
    folded = action.lower()
    return any(not each.allows for policy in several for each in covering(policy, folded))


def covering(policy: Policy, action: str) -> tuple[Statement, ...]:
    """Return the statements of *policy* that are about *action*, which is in small letters."""
    named = policy.by_action.get(action, ())
    if not policy.others:
        return named
    return (*named, *[each for each in policy.others if _covers(each.actions, action)])


def _covers(actions: Actions, action: str) -> bool:
    is_listed = action in actions.names or wildcard.among(actions.patterns, action)
    return is_listed != actions.is_negated


def _reaches(statement: Statement, request: Request) -> bool | None:
    """Tell whether *statement* is about the resource; None if not, for want of a variable's value.

    NotResource with a variable that has no value keeps nothing out: an Allow with one gives
    nothing then.
    """
    resources = statement.resources
    if resources is None:
        return True
    is_listed = resources.all or arns.among(resources.patterns, request.resource, request.context)
    if is_listed is None:
        return True if resources.is_negated and not statement.allows else None
    return is_listed != resources.is_negated


def _is_same_account(request: Request) -> bool:
    """Tell whether caller and resource belong together.

    What is about no resource is the caller's, unless it is told whose it is.

    A service or an identity provider belongs to no account: a resource policy is all it needs.
    """
    caller, resource = request.caller, request.resource
    if not caller.account or not (resource.segments or resource.account):
        return True
    return caller.account == resource.account


def _without_delegation(said: Said) -> Said:
    """Return what a policy says to a caller of its own account."""
    if said.decision == ALLOWED and not said.allows:
        return said._replace(delegates=(), decision=IMPLICITLY_DENIED)
    return said._replace(delegates=())


def _decision(said: tuple[Said, ...], request: Request, *, same_account: bool) -> str:
    if any(each.decision == EXPLICITLY_DENIED for each in said):
        return EXPLICITLY_DENIED
    identity, resource, *limits = said
    by_identity, by_resource = identity.decision == ALLOWED, resource.decision == ALLOWED
    if not request.caller.account:
        is_given = by_resource
    elif not same_account:
        is_given = by_identity and by_resource
    elif resource.type == TRUST:
        is_given = bool(resource.allows) or (by_identity and by_resource)
    else:
        is_given = by_identity or by_resource
    is_within = all(limit.decision == ALLOWED for limit in limits)
    return ALLOWED if is_given and is_within else IMPLICITLY_DENIED
