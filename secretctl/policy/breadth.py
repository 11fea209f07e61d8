"""Which statements of a resource policy let everybody in: what BlockPublicPolicy refuses.

A wildcard principal counts as everybody unless a condition ties it to values that are fixed: an
account, an organization, a principal, a source or a network. Where in doubt the answer is yes.
"""

from __future__ import annotations

from secretctl.policy import quantities
from secretctl.policy.statements import Statement
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.policy.conditions import Condition

_NARROWING_KEYS = {
    *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:userid"),
    *("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceowner"),
    *("aws:sourceip", "aws:sourcevpc", "aws:sourcevpce"),
}
_NARROWING_OPERATORS = {
    *("StringEquals", "StringLike", "StringEqualsIgnoreCase"),
    *("ArnEquals", "ArnLike", "IpAddress"),
}
_NARROWEST_SHIFT = {4: 24, 6: 96}
"""A network of more addresses than of a /8, or of a /32 of IPv6, is as good as everybody."""


def is_broad(statement: Statement) -> bool:
    """Tell whether *statement* lets everybody in."""
    if not statement.allows or statement.principals is None:
        return False
    return statement.principals.everybody and not any(map(_narrows, statement.conditions))


def _narrows(condition: Condition) -> bool:
    return (
        condition.operator_name in _NARROWING_OPERATORS
        and condition.name in _NARROWING_KEYS
        and all(map(_is_fixed, condition.texts))
    )


def _is_fixed(text: str) -> bool:
    network = quantities.network(text)
    is_wide = network is not None and network.shift > _NARROWEST_SHIFT[network.version]
    return not (set("*?$") & set(text)) and not is_wide
