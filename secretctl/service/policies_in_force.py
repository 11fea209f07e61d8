"""What a principal may do by policies of its own, and within which limits, as they are in force.

A user has its own policies, inline and attached, and those of its groups; a role has its own. The
document of a managed policy is a file, which must be the one the vault knows: where it is not, the
principal may do nothing until that is put right, since a denial might stand in it.
"""

from __future__ import annotations

from secretctl.domain.principals import (
    GROUP,
    POLICY,
    Group,
    Identity,
    ManagedPolicy,
    Pairs,
    Role,
    User,
    arn,
)
from secretctl.errors import PolicyFileError, UnsafePermissionsError
from secretctl.policy import grammar
from secretctl.policy.decisions import BOUNDARY, SESSION
from secretctl.policy.faults import IDENTITY
from secretctl.policy.statements import Policy
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import policy_files, principals

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.vault.vault import Vault
    from secretctl.vault.view import View

    TextOf = Callable[[Vault, View, str], str]
    """Gives the document of a managed policy by its ARN."""

_EVERYTHING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'


class Source(NamedTuple):
    """A policy in force and whose it is."""

    policy: Policy
    """Called by its name or ARN; an inline one of a group ``GROUP/NAME``."""

    holder: Identity
    is_managed: bool
    text: str


def identity_policies(
    vault: Vault, view: View, entity: User | Role | None, actions: tuple[str, ...]
) -> tuple[Policy, ...]:
    """Return the identity policies of a user or role, as far as they may be about *actions*.

    The account root, which is None, has one that allows everything.

    Raises:
        PolicyFileError: A managed policy is not the one in force.
        UnsafePermissionsError: Others could change the file of one.
        VaultDamagedError: A record is not what was written.
    """
    if entity is None:
        return (_read(vault, _EVERYTHING, "", actions),)
    return tuple([source.policy for source in sources(vault, view, entity, actions)])


def sources(
    vault: Vault,
    view: View,
    entity: Identity,
    actions: tuple[str, ...] = (),
    text_of: TextOf | None = None,
) -> list[Source]:
    """Return the policies of a user, group or role, each with whose it is.

    Args:
        vault: The vault.
        view: A moment of it.
        entity: The user, group or role; policies of a user's groups are among its own.
        actions: What alone will be asked for; empty for anything.
        text_of: Gives the documents of managed policies; `managed` by default.

    Raises:
        PolicyFileError, UnsafePermissionsError, VaultDamagedError: As `identity_policies`.
    """
    text_of = text_of or managed
    found: list[Source] = []
    for holder in [entity, *groups_of(view, entity)]:
        of_group = f"{holder.name}/" if isinstance(holder, Group) else ""
        texts = [(of_group + name, text, False) for name, text in holder.inline]
        texts += [(each, text_of(vault, view, each), True) for each in holder.attached]
        found += [
            Source(_read(vault, text, name, actions), holder, is_managed, text)
            for name, text, is_managed in texts
        ]
    return found


def limits(
    vault: Vault,
    view: View,
    entity: User | Role | None,
    sessions: tuple[Pairs, ...] = (),
    actions: tuple[str, ...] = (),
) -> tuple[tuple[str, tuple[Policy, ...]], ...]:
    """Return what bounds the policies of a user, role or the root: its boundary, its session's.

    Args:
        vault: The vault.
        view: A moment of it.
        entity: The user or role; None for the account root.
        sessions: Name and text of session policies: of each tuple that has some one must allow.
        actions: What alone will be asked for; empty for anything.

    Raises:
        PolicyFileError: The boundary is not the one in force.
        UnsafePermissionsError: Others could change its file.
    """
    found: list[tuple[str, tuple[Policy, ...]]] = []
    bound = None if entity is None else boundary(vault, view, entity, actions)
    if bound is not None:
        found.append((BOUNDARY, (bound.policy,)))
    found += [
        (SESSION, tuple([_read(vault, text, name, actions) for name, text in session]))
        for session in sessions
        if session
    ]
    return tuple(found)


def boundary(
    vault: Vault,
    view: View,
    entity: Identity,
    actions: tuple[str, ...] = (),
    text_of: TextOf | None = None,
) -> Source | None:
    """Return the permissions boundary of a user or role, if it has one; raises as `limits`."""
    if isinstance(entity, Group) or not entity.boundary:
        return None
    text = (text_of or managed)(vault, view, entity.boundary)
    return Source(_read(vault, text, entity.boundary, actions), entity, is_managed=True, text=text)


def groups_of(view: View, entity: Identity) -> list[Group]:
    """Return the groups of a user; nobody else is in one.

    Raises:
        PolicyFileError: One is missing: a denial might stand in it.
    """
    names = entity.groups if isinstance(entity, User) else ()
    found = []
    for name in names:
        group = principals.find(view, GROUP, name)
        if not isinstance(group, Group):
            raise PolicyFileError(f"the group {name} is missing", "secretctl fsck")
        found.append(group)
    return found


def managed(vault: Vault, view: View, policy_arn: str) -> str:
    """Return the document of a managed policy as it is in force.

    Raises:
        PolicyFileError: It is missing, or its file is not the one in force.
        UnsafePermissionsError: Others could change the file.
    """
    try:
        found = managed_entity(vault, view, policy_arn)
        return policy_files.in_force(vault.directory, found.name, found.digest)
    except (PolicyFileError, UnsafePermissionsError) as error:
        error.policy = policy_arn
        raise


def recorded(vault: Vault, view: View, policy_arn: str) -> str:
    """Return the document of a managed policy as the vault itself keeps it, without its file.

    Raises:
        PolicyFileError: There is none.
    """
    found = managed_entity(vault, view, policy_arn)
    return next(each.text for each in found.versions if each.number == found.in_force)


def managed_entity(vault: Vault, view: View, policy_arn: str) -> ManagedPolicy:
    """Return what the vault knows of a managed policy.

    Raises:
        PolicyFileError: There is none.
    """
    name = policy_arn.rpartition("/")[2]
    found = principals.find(view, POLICY, name)
    if not isinstance(found, ManagedPolicy) or arn(found, vault.account) != policy_arn:
        raise PolicyFileError(f"the policy {name} is missing", "secretctl iam list-policies")
    return found


def _read(vault: Vault, text: str, name: str, actions: tuple[str, ...]) -> Policy:
    """Return a policy, read once for as long as it says the same."""

    def policy(_: object, text: str) -> Policy:
        found, faults = grammar.read_text(text, IDENTITY, name, actions)
        if found is None:
            error = PolicyFileError(
                f"the policy {name} cannot be read: {faults[0].message}",
                "secretctl policy lint FILE",
            )
            error.policy = name
            raise error
        return found

    return vault.keys.remembered.of((IDENTITY, name, actions, text), text, policy)
