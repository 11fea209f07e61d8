"""What would have to change for something that was refused to be allowed: as commands to type."""

from __future__ import annotations

from secretctl import json_text
from secretctl.audit import attributes
from secretctl.model.shapes import Fields
from secretctl.policy.decisions import BOUNDARY, IDENTITY, RESOURCE, TRUST
from secretctl.service import explained_commands as commands
from secretctl.service.explained_commands import Shell
from secretctl.service.explaining import (
    DENIED,
    NO_KEY,
    NOT_ALLOWED,
    NOT_IN_FORCE,
    Refusal,
    statements,
)

ADD, REMOVE, MEET = "addStatement", "removeStatement", "meetConditions"
GRANT, APPLY = "createGrant", "applyPolicy"
ALL, ANY, ANY_OF_EACH = "all", "any", "anyOfEachType"
"""Which of the changes are needed; the last is one for each type of policy."""


def changes(found: Refusal, shell: Shell) -> tuple[str, list[Fields]]:
    """Return which of the changes are needed, and the changes.

    Args:
        found: What was refused.
        shell: Where the commands will be typed.

    Returns:
        `ALL`, `ANY` or `ANY_OF_EACH`. Each change has ``change``, one of `ADD` and so on, and
        ``commands``; where it is about a statement ``policyType``, and either the ``statement`` to
        add or what `explaining.statements` tells of the one that is there, with its ``conditions``.
    """
    if found.cause == NO_KEY:
        typed = commands.grant(found, shell)
        return ALL, [{"change": GRANT, "commands": typed}] if typed else []
    if found.cause == NOT_IN_FORCE:
        return ALL, [{"change": APPLY, "commands": commands.put_in_force(found, shell)}]
    added = _added(found, shell)
    if found.cause == DENIED:
        return ALL, [
            _removed(found, each, shell) for each in statements(found, "statements")
        ] + added
    if found.cause == NOT_ALLOWED:
        return _of_each(found, _met(found, shell), added)
    return ALL, []


def _of_each(found: Refusal, met: list[Fields], added: list[Fields]) -> tuple[str, list[Fields]]:
    """Return what helps where nothing denies: for each type that lacks, either way."""
    # A policy of the secret, or of the role, may allow what no identity policy does.
    helpful = (IDENTITY, RESOURCE, TRUST) if found.lacks == (IDENTITY,) else found.lacks
    met = [each for each in met if each.get("policyType") in helpful]
    if len(found.lacks) <= 1:
        return ANY, met + added
    return ANY_OF_EACH if met else ALL, met + added


def _added(found: Refusal, shell: Shell) -> list[Fields]:
    """Return the statements that would allow it, in a policy of each type that has to."""
    return [_statement(found, kind, shell) for kind in found.lacks]


def _statement(found: Refusal, kind: str, shell: Shell) -> Fields:
    statement: Fields = {"Effect": "Allow"}
    if kind in (RESOURCE, TRUST):
        statement["Principal"] = {"AWS": found.who.arn}
    statement["Action"] = found.action
    if kind != TRUST:
        statement["Resource"] = found.resource if kind != RESOURCE else "*"
    change: Fields = {"change": ADD, "policyType": kind, "statement": statement}
    if kind == BOUNDARY and (bound := attributes.text(found.decision, "boundary")):
        change["policy"] = bound
    return {**change, "commands": commands.add(found, change, shell)}


def _removed(found: Refusal, statement: Fields, shell: Shell) -> Fields:
    return {"change": REMOVE, **statement, "commands": commands.edit(found, statement, shell)}


def _met(found: Refusal, shell: Shell) -> list[Fields]:
    """Return each statement that conditions alone kept from counting, with these."""
    kept: dict[str, Fields] = {}
    for told in statements(found, "unmet"):
        named = {name: told[name] for name in told if name not in ("operator", "key", "missing")}
        change = kept.setdefault(
            json_text.compact(named), {"change": MEET, **named, "conditions": []}
        )
        conditions = change["conditions"]
        assert isinstance(conditions, list)
        condition = {name: told.get(name) for name in ("operator", "key", "missing")}
        conditions.append(condition)
    return [{**each, "commands": commands.edit(found, each, shell)} for each in kept.values()]
