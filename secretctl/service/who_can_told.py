"""What who-can tells of the statements through which somebody can, and of what they leave open."""

from __future__ import annotations

from secretctl.policy.decisions import IDENTITY, LIMITS
from secretctl.policy.partial import Chance, Open
from secretctl.record import TYPE_CHECKING
from secretctl.service import policy_sources

if TYPE_CHECKING:
    from secretctl.service.policies_in_force import Source

Entry = dict[str, object]


def told(chances: list[Chance], sources: list[Source], *, is_bounded: bool = False) -> Entry:
    """Return ``Through``, ``Unless`` and, for whom a boundary bounds, ``Within``; see `who_can`."""
    given = [each for each in chances if each.type not in LIMITS]
    within = [each for each in chances if each.type in LIMITS and each.statement.allows]
    entry: Entry = {
        "Through": [statement_told(each, sources) for each in given if each.statement.allows],
        "Unless": [statement_told(each, sources) for each in chances if not each.statement.allows],
    }
    if is_bounded:
        entry["Within"] = [statement_told(each, sources) for each in within]
    return entry


def statement_told(chance: Chance, sources: list[Source]) -> Entry:
    """Return where a statement stands, and what a request would have to meet for it to count."""
    statement = chance.statement
    entry: Entry = {"PolicyType": chance.type}
    if chance.type == IDENTITY:
        entry |= policy_sources.told(policy_sources.source_of(statement, sources))
    elif chance.type in LIMITS:
        entry["Policy"] = statement.policy
    entry["Statement"] = statement.number
    if statement.sid:
        entry["Sid"] = statement.sid
    if chance.open:
        entry["Conditions"] = [_open(each, chance) for each in chance.open]
    return entry


def _open(left_open: Open, chance: Chance) -> Entry:
    if left_open.operator_name:
        entry: Entry = {"Operator": left_open.operator_name, "Key": left_open.key}
    else:
        resources = chance.statement.resources
        is_negated = resources is not None and resources.is_negated
        entry = {"Element": "NotResource" if is_negated else "Resource"}
    return entry | ({"Variables": list(left_open.variables)} if left_open.variables else {})
