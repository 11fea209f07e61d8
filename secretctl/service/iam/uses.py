"""Who uses managed policies: attached, or as permissions boundary."""

from __future__ import annotations

from collections import Counter

from secretctl.domain.principals import GROUP, ROLE, USER, Group, Role, User
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import principals

if TYPE_CHECKING:
    from secretctl.vault.view import View


class Uses(NamedTuple):
    """How many users, groups and roles use each policy, by its ARN."""

    attached: Counter[str]
    boundaries: Counter[str]


NONE = Uses(Counter(), Counter())


def uses(view: View) -> Uses:
    """Return how often each policy is used."""
    holders = [each for kind in (USER, GROUP, ROLE) for each in principals.all_of(view, kind)]
    attached = [
        arn for each in holders if isinstance(each, User | Group | Role) for arn in each.attached
    ]
    boundaries = [each.boundary for each in holders if isinstance(each, User | Role)]
    return Uses(Counter(attached), Counter([arn for arn in boundaries if arn]))
