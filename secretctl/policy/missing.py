"""Keys that policies ask for and a request has not: what to say before a decision is trusted."""

from __future__ import annotations

from secretctl.policy import arns, evaluation, principals, variables
from secretctl.policy.conditions import is_missing
from secretctl.policy.evaluation import Policies
from secretctl.policy.key_names import spelled
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.policy.arns import ArnPattern
    from secretctl.policy.decisions import Request
    from secretctl.policy.statements import Policy, Statement


def keys(request: Request, policies: Policies) -> list[str]:
    """Return the condition keys that have a say in the decision, and that the context lacks.

    Those of conditions and of variables without default, of every statement about this action,
    caller and resource; each once, in alphabetical order, as a policy writes it.
    """
    found: dict[str, str] = {}
    for policy in _all(policies):
        for statement in evaluation.covering(policy, request.action.lower()):
            element = statement.principals
            if element is None or principals.means(element, request.caller):
                for key in _of(statement, request):
                    found.setdefault(key.lower(), key)
    return sorted(found.values(), key=str.lower)


def _all(policies: Policies) -> list[Policy]:
    limits = [policy for _, several in policies.limits for policy in several]
    return [*policies.identity, *([policies.resource] if policies.resource else []), *limits]


def _of(statement: Statement, request: Request) -> list[str]:
    context, resources = request.context, statement.resources
    found: list[str] = []
    if resources is not None and not resources.all:
        is_listed = arns.among(resources.patterns, request.resource, context)
        if is_listed is not None and is_listed == resources.is_negated:
            return []
        found += [key for keys in of_resource(statement, request) for key in keys]
    elif resources is not None and resources.is_negated:
        return []
    for condition in statement.conditions:
        found += [condition.key] if is_missing(condition, context) else []
        found += [spelled(key) for key in condition.variables if not context.get(key)]
    return found


def of_resource(statement: Statement, request: Request) -> list[list[str]]:
    """Return the keys whose variables leave open whether *statement* is about the resource.

    Those of each pattern that could describe it; nothing where it is decided without them.
    """
    resources, context = statement.resources, request.context
    if resources is None or resources.all:
        return []
    if arns.among(resources.patterns, request.resource, context) is not None:
        return []
    return [
        _without_value(pattern, request)
        for pattern in resources.patterns
        if arns.among((pattern,), request.resource, context) is None
    ]


def _without_value(pattern: ArnPattern, request: Request) -> list[str]:
    return [
        spelled(key)
        for segment in pattern.segments
        for key in variables.needed(segment.template)
        if not request.context.get(key)
    ]
