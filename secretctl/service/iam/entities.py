"""What IAM's operations share: finding an entity, keeping one, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl.domain.principals import (
    GROUP,
    ID_PREFIXES,
    POLICY,
    ROLE,
    USER,
    Entity,
    Group,
    Identity,
    ManagedPolicy,
    Role,
    User,
    arn,
    kind_of,
    new_id,
)
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.record import TYPE_CHECKING
from secretctl.service import named_principals, owner
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.vault import principals
from secretctl.vault.transaction import Transaction
from secretctl.vault.view import View

if TYPE_CHECKING:
    from typing import TypeVar

    Known = TypeVar("Known", bound=Identity)

Find = Callable[[Session, View, str], Identity]
"""Finds a user, group or role by its name."""

_ID_BYTES = 17
_SEGMENTS = 6


def no_such(kind: str, name: str) -> ServiceError:
    """Return the error for an entity that is not there."""
    return ServiceError("NoSuchEntity", f"The {kind} with name {name} cannot be found.")


def user(session: Session, view: View, name: str) -> User:
    """Return a user, noted for the journal; the name is exact, capitals too.

    Raises:
        ServiceError: NoSuchEntity.
    """
    return _of_kind(session, view, USER, User, name)


def group(session: Session, view: View, name: str) -> Group:
    """Return a group, noted for the journal; the name is exact, capitals too.

    Raises:
        ServiceError: NoSuchEntity.
    """
    return _of_kind(session, view, GROUP, Group, name)


def role(session: Session, view: View, name: str) -> Role:
    """Return a role, noted for the journal; the name is exact, capitals too.

    Raises:
        ServiceError: NoSuchEntity.
    """
    return _of_kind(session, view, ROLE, Role, name)


def _of_kind(session: Session, view: View, kind: str, expected: type[Known], name: str) -> Known:
    found = principals.find(view, kind, name)
    if not isinstance(found, expected) or found.name != name:
        raise no_such(kind, name)
    noted(session, found)
    return found


def holder(session: Session, view: View, given: str) -> Identity:
    """Return the user, group or role that an ARN names, noted for the journal.

    Raises:
        ServiceError: NoSuchEntity; InvalidInput, it is the ARN of something else.
    """
    kind, slash, name = given.rpartition(":")[2].partition("/")
    if not given.startswith("arn:") or not slash or kind not in (USER, GROUP, ROLE):
        raise ServiceError("InvalidInput", "Invalid Entity Arn: not that of a user, group or role.")
    found = principals.find(view, kind, name.rpartition("/")[2])
    if not isinstance(found, Identity) or arn_of(session, found) != given:
        raise no_such(kind, name.rpartition("/")[2])
    noted(session, found)
    return found


def managed(session: Session, view: View, policy_arn: str) -> ManagedPolicy | None:
    """Return a managed policy of the account by its ARN, noted; None if there is none.

    Raises:
        ServiceError: ValidationError, InvalidInput; it is the ARN of no policy.
    """
    segments = policy_arn.split(":", _SEGMENTS - 1)
    if len(segments) < _SEGMENTS or segments[0] != "arn":
        raise ServiceError("ValidationError", "Invalid ARN:  Could not be parsed!")
    if segments[2:4] != ["iam", ""] or not segments[5].startswith("policy/"):
        raise ServiceError("InvalidInput", f"ARN {policy_arn} is not valid.")
    found = principals.find(view, POLICY, policy_arn.rpartition("/")[2])
    if not isinstance(found, ManagedPolicy) or arn_of(session, found) != policy_arn:
        return None
    noted(session, found)
    return found


def attachable(session: Session, view: View, policy_arn: str) -> ManagedPolicy:
    """Return a managed policy of the account by its ARN, noted for the journal.

    Raises:
        ServiceError: NoSuchEntity, ValidationError, InvalidInput.
    """
    found = managed(session, view, policy_arn)
    if found is None:
        raise ServiceError(
            "NoSuchEntity", f"Policy {policy_arn} does not exist or is not attachable."
        )
    return found


def arn_of(session: Session, entity: Entity) -> str:
    """Return the ARN of an entity of the vault's account."""
    return arn(entity, session.vault.account)


def noted(session: Session, entity: Entity) -> None:
    """Note for the journal that the request means *entity*."""
    if session.recorder.act is not None:
        session.recorder.act.concerns(arn_of(session, entity))


@contextmanager
def changing(session: Session) -> Iterator[Transaction]:
    """Begin a change of principals; the root key is needed for it.

    Raises:
        OwnerOnlyError: AccessDenied.
        VaultDamagedError: There is what the owner does not vouch for.
    """
    from secretctl.service.iam import trusting

    owner.refuse_change(session, "AccessDenied")
    with writing(session) as transaction:
        transaction.watch()
        yield transaction
        trusting.settle(session, transaction)


def check_free(session: Session, view: View, entity: Entity) -> None:
    """Refuse the name of a new entity if it is taken; names that differ in case only are one.

    Raises:
        ServiceError: EntityAlreadyExists.
    """
    kind = kind_of(entity)
    there = principals.find(view, kind, entity.name)
    if there is not None:
        noted(session, there)
        raise ServiceError(
            "EntityAlreadyExists", f"{kind.capitalize()} with name {entity.name} already exists."
        )


def own_name(session: Session) -> str:
    """Return the name of the user who asks.

    Raises:
        ServiceError: ValidationError, where a role or the account root does.
    """
    holder = session.vault.keys.holder
    if holder is None or holder.kind != USER:
        raise ServiceError(
            "ValidationError", "Must specify userName when calling with non-User credentials"
        )
    return holder.name


def identifier(session: Session, kind: str) -> str:
    """Return an id for a new entity."""
    return new_id(ID_PREFIXES[kind], session.context.random(_ID_BYTES))


def below(entities: list[Entity], prefix: str | None) -> list[Entity]:
    """Return the entities whose path begins with *prefix*."""
    return [each for each in entities if each.path.startswith(prefix or "/")]


def replace(
    session: Session, find: Find, name: str, change: Callable[[Identity], Identity]
) -> Result:
    """Keep what *change* makes of the entity found under *name*; nothing is answered."""
    with changing(session) as transaction:
        before = find(session, transaction, name)
        after = change(before)
        if after != before:
            principals.put(transaction, after)
    return {}


def check_deletable(view: View, entity: Identity) -> None:
    """Refuse to delete who still has policies, groups, members or keys.

    Raises:
        ServiceError: DeleteConflict.
    """
    why = ""
    is_grouped = isinstance(entity, User) and entity.groups
    if is_grouped or (isinstance(entity, Group) and members(view, entity)):
        why = "must remove users from group first"
    elif isinstance(entity, User) and entity.access_keys:
        why = "must delete access keys first"
    elif entity.attached:
        why = "must detach all policies first"
    elif entity.inline:
        why = "must delete policies first"
    if why:
        raise ServiceError("DeleteConflict", f"Cannot delete entity, {why}.")


def rename_in_policies(session: Session, transaction: Transaction, gone: User | Role) -> None:
    """Name whoever is deleted by its unique id in trust and resource policies; note how many."""
    changed = named_principals.forget(transaction, gone)
    if changed and session.recorder.act is not None:
        session.recorder.act.adds({"resourcePoliciesChanged": changed})


def members(view: View, found: Group) -> list[User]:
    """Return the users of a group, by name."""
    users = [each for each in principals.all_of(view, USER) if isinstance(each, User)]
    return [each for each in users if found.name in each.groups]


def word_of(entity: Identity) -> str:
    """Return ``User``, ``Group`` or ``Role``."""
    return kind_of(entity).capitalize()
