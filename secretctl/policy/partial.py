"""What can be said of a request of which not everything is known.

A key that the request may have or not leaves a condition open: it is named, and neither counts as
met nor as not. All else is decided as `evaluation` decides it.
"""

from __future__ import annotations

from secretctl.policy import principals
from secretctl.policy.conditions import Condition, holds, is_missing
from secretctl.policy.decisions import IDENTITY, LIMITS, RESOURCE, TRUST, Result
from secretctl.policy.statements import Statement
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    IsSettled = Callable[[str], bool]
    """Tells of a key in small letters that the request has not, whether it never has it."""

YES, NO, DEPENDS = "yes", "no", "depends"


class Chance(NamedTuple):
    """A statement for this action, resource and caller that counts, or may."""

    type: str
    """Of its policy: ``identity``, ``resource``, ``trust``, or a limit."""

    statement: Statement
    is_delegated: bool
    """Whether it allows the caller's account, and leaves the rest to that account's policies."""

    open: tuple[Condition, ...]
    """Conditions that would have to hold, on keys the request may have."""


def chances(result: Result, is_settled: IsSettled) -> list[Chance]:
    """Return every statement that no condition keeps out for certain, by type of policy."""
    request = result.request
    found = []
    for said in result.said:
        for statement in (*said.allows, *said.delegates, *said.denies, *said.unmet):
            unknown = tuple(
                each
                for each in statement.conditions
                if is_missing(each, request.context) and not is_settled(each.name)
            )
            known = [each for each in statement.conditions if each not in unknown]
            if all(holds(each, request.context, allows=statement.allows) for each in known):
                element = statement.principals
                is_named = element is None or principals.names(element, request.caller)
                is_delegated = statement.allows and not is_named
                found.append(Chance(said.type, statement, is_delegated, unknown))
    return found


def verdict(result: Result, found: list[Chance]) -> str:
    """Tell whether the request is allowed: ``yes``, ``no``, or ``depends`` on open conditions.

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
