"""Whose policy a statement is of: inline policies of a user and of its groups may share a name."""

from __future__ import annotations

from secretctl.domain.principals import Group
from secretctl.policy.statements import Policy, Statement, policy
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secretctl.service.policies_in_force import Source


def numbered(sources: Sequence[Source]) -> tuple[Policy, ...]:
    """Return the policies, each named by its place among *sources*."""
    return tuple(
        [policy(str(number), each.policy.statements) for number, each in enumerate(sources)]
    )


def source_of(statement: Statement, sources: Sequence[Source]) -> Source:
    """Return where a statement of `numbered` policies stands."""
    return sources[int(statement.policy)]


def name_of(source: Source) -> str:
    """Return the name of an inline policy, or the ARN of a managed one."""
    name = source.policy.name
    return name if source.is_managed else name.rpartition("/")[2]


def told(source: Source) -> dict[str, object]:
    """Return the policy's name or ARN, and the group whose policy it is, if it is one's."""
    named: dict[str, object] = {"Policy": name_of(source)}
    if isinstance(source.holder, Group):
        named["Group"] = source.holder.name
    return named
