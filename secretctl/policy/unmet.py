"""Which conditions kept statements from counting: what a refusal is explained by."""

from __future__ import annotations

from secretctl.policy.conditions import holds, is_missing
from secretctl.policy.decisions import Result
from secretctl.policy.statements import Statement
from secretctl.record import NamedTuple


class Unmet(NamedTuple):
    """A condition that kept a statement from counting. No value is told."""

    type: str
    statement: Statement
    operator: str
    key: str
    is_missing: bool
    """Whether the request has not the key; otherwise its value is not what it should be."""


def unmet(result: Result) -> list[Unmet]:
    """Return which conditions kept statements from counting, and on which key."""
    context = result.request.context
    return [
        Unmet(said.type, statement, each.operator_name, each.key, is_missing(each, context))
        for said in result.said
        for statement in said.unmet
        for each in statement.conditions
        if not holds(each, context, allows=statement.allows)
    ]
