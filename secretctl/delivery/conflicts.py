"""What happens where a program would inherit a variable that a secret sets as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from secretctl.delivery.references import shown
from secretctl.errors import DeliveryError

ERROR, KEEP, OVERWRITE = "error", "keep", "overwrite"
POLICIES = (ERROR, KEEP, OVERWRITE)


def settled(
    names: Iterable[str], is_inherited: Callable[[str], bool], policy: str
) -> frozenset[str]:
    """Return those of *names* that stay as they were inherited.

    Args:
        names: Of variables that secrets would set.
        is_inherited: Tells whether the program would have one anyway; an empty one counts.
        policy: One of `POLICIES`.

    Raises:
        DeliveryError: the policy is ``error``, and there are some.
    """
    if policy == OVERWRITE:
        return frozenset()
    both = [name for name in names if is_inherited(name)]
    if both and policy == ERROR:
        named = ", ".join(f"'{shown(name)}'" for name in both)
        raise DeliveryError(
            f"the environment has what secrets would set: {named}",
            "choose --on-conflict keep or --on-conflict overwrite, or unset what is there",
        )
    return frozenset(both)
