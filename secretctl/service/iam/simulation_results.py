"""Decisions as IAM's simulator answers them: one result for an action, whatever the resources.

What holds for all resources together is the most restrictive decision of any.
See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
"""

from __future__ import annotations

from collections.abc import Iterable

from secretctl.model.authorization import ACTIONS, SERVICE
from secretctl.model.shapes import Fields
from secretctl.policy import evaluation, missing
from secretctl.policy.decisions import (
    ALLOWED,
    BOUNDARY,
    EXPLICITLY_DENIED,
    IMPLICITLY_DENIED,
    Result,
    deciding,
)
from secretctl.policy.json_places import Place
from secretctl.record import NamedTuple
from secretctl.service.iam.simulated import EVERYTHING, Case, Document, request_of

_STRICTEST_FIRST = {
    EXPLICITLY_DENIED: "explicitDeny",
    IMPLICITLY_DENIED: "implicitDeny",
    ALLOWED: "allowed",
}
_SECRET = "arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${SecretId}"  # noqa: S105 a form
_SECRET_ACTIONS = frozenset(
    [f"{SERVICE}:{name}".lower() for name, action in ACTIONS.items() if action.is_on_secret]
)


class _Decided(NamedTuple):
    """What was decided for one resource."""

    resource: str
    result: Result
    missing: list[str]


def of_action(case: Case, action: str, resources: list[str]) -> Fields:
    """Return the result for an action, and for each resource that is named.

    ``EvalDecisionDetails`` tells what each type of policy said, across accounts only: under
    ``identity``, ``resource`` and ``boundary``, AWS having published no names.
    """
    decided = [_decided(case, action, resource) for resource in resources]
    strictest = _strictest(each.result.decision for each in decided)
    counting = [each.result for each in decided if each.result.decision == strictest]
    answer: Fields = {
        "EvalActionName": action,
        "EvalResourceName": _SECRET if action.lower() in _SECRET_ACTIONS else EVERYTHING,
        "EvalDecision": _STRICTEST_FIRST[strictest],
        "MatchedStatements": _matched(case, counting),
        "MissingContextValues": sorted({key for each in decided for key in each.missing}),
    }
    answer |= _boundary(decided)
    if resources != [EVERYTHING]:
        answer["EvalDecisionDetails"] = _details(decided)
        answer["ResourceSpecificResults"] = [_of_resource(case, each) for each in decided]
    return answer


def _decided(case: Case, action: str, resource: str) -> _Decided:
    request = request_of(case, action, resource)
    result = evaluation.evaluate(request, case.policies)
    return _Decided(resource, result, missing.keys(request, case.policies))


def _of_resource(case: Case, decided: _Decided) -> Fields:
    answer: Fields = {
        "EvalResourceName": decided.resource,
        "EvalResourceDecision": _STRICTEST_FIRST[decided.result.decision],
        "MatchedStatements": _matched(case, [decided.result]),
        "MissingContextValues": decided.missing,
        **_boundary([decided]),
    }
    details = _details([decided])
    return {**answer, "EvalDecisionDetails": details} if details else answer


def _strictest(decisions: Iterable[str]) -> str:
    found = set(decisions)
    return next(each for each in _STRICTEST_FIRST if each in found)


def _details(decided: list[_Decided]) -> Fields:
    """Return what each type of policy says across accounts; nothing within one."""
    said: dict[str, list[str]] = {}
    for each in decided:
        for type_ in () if each.result.same_account else each.result.said:
            said.setdefault(type_.type, []).append(type_.decision)
    return {type_: _STRICTEST_FIRST[_strictest(found)] for type_, found in said.items()}


def _boundary(decided: list[_Decided]) -> Fields:
    """Return whether a boundary allows it, if there is one."""
    found = [
        said.decision for each in decided for said in each.result.said if said.type == BOUNDARY
    ]
    if not found:
        return {}
    is_allowed = _strictest(found) == ALLOWED
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": is_allowed}}


def _matched(case: Case, results: list[Result]) -> list[Fields]:
    """Return the statements that decided, each once, in the order of the policies."""
    found = {
        (int(statement.policy), statement.number)
        for result in results
        for _, statement in deciding(result)
    }
    return [_statement(case.documents[place], number) for place, number in sorted(found)]


def _statement(document: Document, number: int) -> Fields:
    start, end = _span(document, number)
    return {
        "SourcePolicyId": document.id,
        "SourcePolicyType": document.type,
        "StartPosition": {"Line": start.line, "Column": start.column},
        "EndPosition": {"Line": end.line, "Column": end.column},
    }


def _span(document: Document, number: int) -> tuple[Place, Place]:
    places = document.places
    if not places.values:
        places.read()
    whole = ("Statement", number)
    return places.span(whole if whole in places.values else ("Statement",))
