"""What can be said of a request of which not everything is known.

A key that the request may have or not leaves open whether a condition holds that is about it or
compares with it, and which resource is meant where it stands in one: that is named, and neither
counts as met nor as not. All else is decided as `evaluation` decides it.
"""

from __future__ import annotations

from secretctl.policy import missing, principals
from secretctl.policy.conditions import holds, is_missing
from secretctl.policy.decisions import IDENTITY, LIMITS, RESOURCE, TRUST, Result
from secretctl.policy.key_names import spelled
from secretctl.policy.statements import Statement
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.policy.conditions import Condition
    from secretctl.policy.decisions import Request, Said

    IsSettled = Callable[[str], bool]
    """Tells of a key in small letters that the request has not, whether it never has it."""

_IN_ALL = ("aws:currenttime", "aws:epochtime")
_IN_SESSIONS = "aws:tokenissuetime"
YES, NO, DEPENDS = "yes", "no", "depends"


class Open(NamedTuple):
    """What a request would have to have, for a statement to count."""

    operator_name: str
    """Of a condition; empty where it is the resource that is open."""

    key: str
    """Of the condition; empty likewise."""

    variables: tuple[str, ...] = ()
    """Keys whose values the condition compares with, or the resource is made of."""


class Chance(NamedTuple):
    """A statement for this action, resource and caller that counts, or may."""

    type: str
    """Of its policy: ``identity``, ``resource``, ``trust``, or a limit."""

    statement: Statement
    is_delegated: bool
    """Whether it allows the caller's account, and leaves the rest to that account's policies."""

    open: tuple[Open, ...]
    """What would have to hold, on keys the request may have."""


def chances(result: Result, is_settled: IsSettled) -> list[Chance]:
    """Return every statement that nothing keeps out for certain, by type of policy."""
    request = result.request
    found = []
    for said in result.said:
        for statement in (*said.allows, *said.delegates, *said.denies, *said.unmet, *said.open):
            of_resource = _resource(statement, said, request, is_settled)
            of_conditions = _conditions(statement, request, is_settled)
            if of_resource is None or of_conditions is None:
                continue
            element = statement.principals
            is_named = element is None or principals.names(element, request.caller)
            is_delegated = statement.allows and not is_named
            left_open = (*of_resource, *of_conditions)
            found.append(Chance(said.type, statement, is_delegated, left_open))
    return found


def verdict(result: Result, found: list[Chance]) -> str:
    """Tell whether the request is allowed: ``yes``, ``no``, or ``depends`` on what is open.

    Args:
        result: With the limits that are known; of a role, not those of its sessions.
        found: Its chances.
    """
    denies = [each for each in found if not each.statement.allows]
    if any(not each.open for each in denies):
        return NO
    if denies or not _is_allowed(result, [each for each in found if not each.open]):
        return DEPENDS if _is_allowed(result, found) else NO
    return YES


def _resource(
    statement: Statement, said: Said, request: Request, is_settled: IsSettled
) -> list[Open] | None:
    """Return what is open of the resource; None if the statement is not about it for certain."""
    patterns = missing.of_resource(statement, request)
    possible = [keys for keys in patterns if not any(is_settled(each.lower()) for each in keys)]
    resources = statement.resources
    is_negated = resources is not None and resources.is_negated
    needed = len(patterns) if is_negated else min(1, len(patterns))
    if statement in said.open and len(possible) < needed:
        return None
    return [Open("", "", tuple(keys)) for keys in possible]


def _conditions(statement: Statement, request: Request, is_settled: IsSettled) -> list[Open] | None:
    """Return the conditions that are open; None if another does not hold."""
    found = []
    for condition in statement.conditions:
        if condition.if_present is not None and _has(request, condition.name):
            if not condition.if_present:
                return None
            continue
        is_met = holds(condition, request.context, allows=statement.allows)
        left_open = _condition(condition, request, is_settled, is_met=is_met)
        if left_open is not None:
            found.append(left_open)
        elif not is_met:
            return None
    return found


def _has(request: Request, key: str) -> bool:
    """Tell whether each request has a value for *key*, which may not be known.

    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    return key in _IN_ALL or (key == _IN_SESSIONS and bool(request.caller.role))


def _condition(
    condition: Condition, request: Request, is_settled: IsSettled, *, is_met: bool
) -> Open | None:
    """Return *condition* if it is open.

    A variable can only add a value to compare with: where one without decides, nothing is open.
    """
    context = request.context
    if is_missing(condition, context):
        if is_settled(condition.name):
            return None
        return Open(condition.operator_name, condition.key)
    without = [each for each in condition.variables if each not in context and not is_settled(each)]
    if not without or is_met != condition.is_negated:
        return None
    return Open(condition.operator_name, condition.key, tuple(map(spelled, without)))


def _is_allowed(result: Result, found: list[Chance]) -> bool:
    """Tell whether *found*, taken as if all counted, allow the request."""
    allows = [each for each in found if each.statement.allows]
    within = {each.type for each in allows if each.type in LIMITS}
    return _is_given(result, allows) and within >= {limit.type for limit in result.said[2:]}


def _is_given(result: Result, allows: list[Chance]) -> bool:
    by_identity = any(each.type == IDENTITY for each in allows)
    by_resource = [each for each in allows if each.type in (RESOURCE, TRUST)]
    if not result.request.caller.account:
        return bool(by_resource)
    if not result.same_account:
        return by_identity and bool(by_resource)
    if any(said.type == TRUST for said in result.said):
        return any(by_identity or not each.is_delegated for each in by_resource)
    return by_identity or any(not each.is_delegated for each in by_resource)
