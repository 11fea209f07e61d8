"""Names, ARNs and ids of users, groups, roles, policies and access keys there are, for completion.

For the vault's owner alone: what a principal may list is decided, and recorded, operation by
operation.
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.domain.principals import (
    GROUP,
    POLICY,
    ROLE,
    USER,
    Group,
    ManagedPolicy,
    Role,
    User,
    arn,
)
from secretctl.record import TYPE_CHECKING
from secretctl.vault import principals

if TYPE_CHECKING:
    from secretctl.service.session import Session
    from secretctl.vault.view import View

_POLICY_NAME = "policy-name"
_NAMED = (("--user-name", USER), ("--group-name", GROUP), ("--role-name", ROLE))
_ARNS = {
    "policy": (POLICY,),
    "role-arn": (ROLE,),
    "grantee": (USER, ROLE),
    "principal": (USER, GROUP, ROLE),
}


def listed(session: Session, kind: str, value_of: Callable[[str], str]) -> list[str]:
    """Return what may stand where something of *kind* is asked for.

    Args:
        session: Of the owner; nobody else is told anything.
        kind: A completer: `shapes.Member` lists them.
        value_of: Returns what stands behind an option of the command line; empty if nothing does.
    """
    if session.caller.holder is not None:
        return []
    with session.vault.read() as view:
        if kind in (USER, GROUP, ROLE, _POLICY_NAME):
            kind = POLICY if kind == _POLICY_NAME else kind
            return [each.name for each in principals.all_of(view, kind)]
        if kind in _ARNS:
            found = [each for of in _ARNS[kind] for each in principals.all_of(view, of)]
            return [arn(each, session.vault.account) for each in found]
        return _of_one(view, kind, value_of)


def _of_one(view: View, kind: str, value_of: Callable[[str], str]) -> list[str]:
    if kind == "policy-version":
        policy = principals.find(view, POLICY, value_of("--policy-arn").rpartition("/")[2])
        versions = policy.versions if isinstance(policy, ManagedPolicy) else ()
        return [f"v{version.number}" for version in versions]
    for option, of in _NAMED:
        holder = principals.find(view, of, value_of(option)) if value_of(option) else None
        if kind == "access-key" and isinstance(holder, User):
            return [key.id for key in holder.access_keys]
        if kind == "inline-policy" and isinstance(holder, User | Group | Role):
            return [name for name, _ in holder.inline]
    return []
