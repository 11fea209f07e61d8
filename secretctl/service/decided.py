"""What policies decided, as the journal tells it: enough to say later why, and never a value."""

from __future__ import annotations

from secretctl.policy.decisions import ALLOWED, Result, deciding, unmet
from secretctl.policy.statements import Statement

Fields = dict[str, object]
_MOST = 8
"""Of statements that are told."""


def told(result: Result, resource: str) -> Fields:
    """Return a decision for the journal.

    Args:
        result: The decision.
        resource: ARN as the journal shows it; empty leaves it out.

    Returns:
        ``allowed``, ``reason``, ``action``, ``resource``; the statements that decided, each with
        ``policyType``, ``policy``, ``statement`` and ``sid``; for a refusal also ``decision`` and
        which condition of which statement was not met (``operator``, ``key``, ``missing``).
    """
    is_allowed, why = result.decision == ALLOWED, "policy"
    if not is_allowed:
        from secretctl.policy.refusal import reason

        why = reason(result)
    said: Fields = {"allowed": is_allowed, "reason": why, "action": result.request.action}
    if resource:
        said["resource"] = resource
    statements = [_named(kind, statement) for kind, statement in deciding(result)[:_MOST]]
    if is_allowed:
        return {**said, "statements": statements}
    conditions = [
        {
            **_named(each.type, each.statement),
            "operator": each.operator,
            "key": each.key,
            "missing": each.is_missing,
        }
        for each in unmet(result)[:_MOST]
    ]
    return {**said, "decision": result.decision, "statements": statements, "unmet": conditions}


def _named(kind: str, statement: Statement) -> Fields:
    said: Fields = {
        "policyType": kind,
        "policy": statement.policy,
        "statement": statement.number,
    }
    return {**said, "sid": statement.sid} if statement.sid else said
