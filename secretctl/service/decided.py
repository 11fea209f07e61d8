"""What policies decided, as the journal tells it: enough to say later why, and never a value."""

from __future__ import annotations

from secretctl.errors import KeyNotGrantedError
from secretctl.model.shapes import Fields
from secretctl.policy.decisions import ALLOWED, IDENTITY, Result, deciding
from secretctl.policy.statements import Statement

NOT_GRANTED = "the key is not granted"
"""Why something was refused that policies allowed."""

_MOST = 8
"""Of statements that are told."""


def told(result: Result, resource: str) -> Fields:
    """Return a decision for the journal.

    Args:
        result: The decision.
        resource: ARN as the journal shows it; empty leaves it out.

    Returns:
        ``allowed``, ``reason``, ``action``, ``resource``; the statements that decided, each with
        ``policyType``, ``policy`` (a name or ARN), the ``group`` if it is one's, ``statement`` and
        ``sid``. For a refusal also ``decision``; ``said``, what each type of policy said;
        ``lacks``, the types that would have to allow even if nothing denied; and in ``unmet`` which
        condition kept which Allow from counting (``operator``, ``key``, ``missing``).
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
    from secretctl.policy.unmet import unmet

    conditions = [
        {
            **_named(each.type, each.statement),
            "operator": each.operator,
            "key": each.key,
            "missing": each.is_missing,
        }
        for each in [each for each in unmet(result) if each.statement.allows][:_MOST]
    ]
    said["decision"] = result.decision
    said["said"] = {each.type: each.decision for each in result.said}
    if lacks := _lacking(result):
        said["lacks"] = lacks
    return {**said, "statements": statements, "unmet": conditions}


def _lacking(result: Result) -> list[str]:
    """Return the types of policies that would have to allow what nothing denied."""
    from secretctl.policy.evaluation import without_denials
    from secretctl.policy.refusal import lacking

    bare = without_denials(result)
    return [] if bare.decision == ALLOWED else lacking(bare)


def not_granted(decision: Fields, error: KeyNotGrantedError) -> Fields:
    """Return for the journal that policies allowed what no grant on a key does.

    Returns:
        *decision*, with ``allowed`` and ``reason`` changed, and ``kmsKey`` (ARN) and
        ``kmsOperation``, if a key that is there was needed. Where policies deny the use of the key,
        what they said of that.
    """
    if error.decision is not None:
        return error.decision
    said = {**decision, "allowed": False, "reason": NOT_GRANTED}
    return {**said, "kmsKey": error.key, "kmsOperation": error.operation} if error.key else said


def _named(kind: str, statement: Statement) -> Fields:
    said: Fields = {"policyType": kind, "policy": statement.policy}
    if kind == IDENTITY and not statement.policy.startswith("arn:"):
        group, _, said["policy"] = statement.policy.rpartition("/")
        said |= {"group": group} if group else {}
    said["statement"] = statement.number
    return {**said, "sid": statement.sid} if statement.sid else said
