"""A policy, read once and evaluated many times: records without behaviour."""

from __future__ import annotations

from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secretctl.policy.arns import ArnPattern
    from secretctl.policy.conditions import Condition
    from secretctl.policy.principals import Principals
    from secretctl.policy.wildcard import Pattern


class Actions(NamedTuple):
    """An Action or NotAction element, in small letters."""

    is_negated: bool
    names: frozenset[str]
    """Those without wildcards."""

    patterns: tuple[Pattern, ...]


class Resources(NamedTuple):
    """A Resource or NotResource element."""

    is_negated: bool
    all: bool
    """Whether ``*`` is among them."""

    patterns: tuple[ArnPattern, ...]


class Statement(NamedTuple):
    """A statement, ready to be evaluated."""

    number: int
    """Its place in the policy; the first is 0."""

    sid: str
    allows: bool
    actions: Actions
    resources: Resources | None
    """None in a role's trust policy."""

    principals: Principals | None
    """None in an identity policy."""

    conditions: tuple[Condition, ...]
    policy: str = ""
    """Name or ARN of the policy, for whoever asks what decided."""


class Policy(NamedTuple):
    """A policy document, read."""

    name: str
    """Name or ARN."""

    statements: tuple[Statement, ...]
    by_action: Mapping[str, tuple[Statement, ...]]
    """Statements that name actions without wildcards, by each of these, in small letters."""

    others: tuple[Statement, ...]
    """All other statements."""


def policy(name: str, statements: tuple[Statement, ...]) -> Policy:
    """Return the policy of that name and those statements."""
    by_action: dict[str, tuple[Statement, ...]] = {}
    others = []
    statements = tuple([statement._replace(policy=name) for statement in statements])
    for statement in statements:
        actions = statement.actions
        if actions.is_negated or actions.patterns:
            others.append(statement)
            continue
        for action in actions.names:
            by_action[action] = (*by_action.get(action, ()), statement)
    return Policy(name, statements, by_action, tuple(others))
