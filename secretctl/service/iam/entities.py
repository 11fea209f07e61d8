"""What IAM's operations share: finding an entity, keeping one, and pages of lists."""

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
    ManagedPolicy,
    Role,
    User,
    arn,
    kind_of,
    new_id,
)
from secretctl.errors import ServiceError
from secretctl.service import tokens
from secretctl.service.secrets import moment, writing
from secretctl.service.session import Session
from secretctl.vault import principals
from secretctl.vault.transaction import Transaction
from secretctl.vault.view import View

Result = dict[str, object]
Tags = list[dict[str, str]]
Holder = User | Group | Role
"""Whoever can have policies."""

_ID_BYTES = 17
_PAGE = 100
_OWNER_ONLY = "Only the account root can change users, groups, roles, policies and keys."


def no_such(kind: str, name: str) -> ServiceError:
    """Return the error for an entity that is not there."""
    return ServiceError("NoSuchEntity", f"The {kind} with name {name} cannot be found.")


def user(view: View, name: str) -> User:
    """Return a user.

    Raises:
        ServiceError: NoSuchEntity.
    """
    found = principals.find(view, USER, name)
    if not isinstance(found, User) or found.name != name:
        raise no_such(USER, name)
    return found


def group(view: View, name: str) -> Group:
    """Return a group.

    Raises:
        ServiceError: NoSuchEntity.
    """
    found = principals.find(view, GROUP, name)
    if not isinstance(found, Group) or found.name != name:
        raise no_such(GROUP, name)
    return found


def role(view: View, name: str) -> Role:
    """Return a role.

    Raises:
        ServiceError: NoSuchEntity.
    """
    found = principals.find(view, ROLE, name)
    if not isinstance(found, Role) or found.name != name:
        raise no_such(ROLE, name)
    return found


def managed(view: View, session: Session, policy_arn: str) -> ManagedPolicy | None:
    """Return a managed policy of the account by its ARN; None if there is none."""
    found = principals.find(view, POLICY, policy_arn.rpartition("/")[2])
    if not isinstance(found, ManagedPolicy) or arn(found, session.vault.account) != policy_arn:
        return None
    return found


@contextmanager
def changing(session: Session) -> Iterator[Transaction]:
    """Begin a change of principals; the root key is needed for it.

    Raises:
        ServiceError: AccessDenied.
    """
    if session.vault.keys.holder is not None:
        raise ServiceError("AccessDenied", _OWNER_ONLY)
    with writing(session) as transaction:
        yield transaction


def check_free(view: View, kind: str, name: str) -> None:
    """Refuse a name that is taken; names that differ in case only are one.

    Raises:
        ServiceError: EntityAlreadyExists.
    """
    if principals.find(view, kind, name) is not None:
        word = kind.capitalize()
        raise ServiceError("EntityAlreadyExists", f"{word} with name {name} already exists.")


def refuse_boundary(given: str | None) -> None:
    """Refuse a permissions boundary: there are none here.

    Raises:
        ServiceError: InvalidInput.
    """
    if given is not None:
        raise ServiceError("InvalidInput", "Permissions boundaries are not supported.")


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


def pairs(tags: Tags | None) -> tuple[tuple[str, str], ...]:
    """Return tags as they are kept."""
    return tuple((tag["Key"], tag["Value"]) for tag in tags or [])


def basics(session: Session, entity: Entity, word: str) -> Result:
    """Return the members with which every entity is shown; *word* is User, Group or Role."""
    return {
        "Path": entity.path,
        f"{word}Name": entity.name,
        f"{word}Id": entity.id,
        "Arn": arn(entity, session.vault.account),
        "CreateDate": moment(entity.created_ms),
    }


def with_tags(result: Result, tags: tuple[tuple[str, str], ...]) -> Result:
    """Add tags to what is shown, if there are any."""
    if tags:
        result["Tags"] = [{"Key": key, "Value": value} for key, value in tags]
    return result


def below(entities: list[Entity], prefix: str | None) -> list[Entity]:
    """Return the entities whose path begins with *prefix*."""
    return [each for each in entities if each.path.startswith(prefix or "/")]


def page(  # noqa: PLR0913 what a list is divided by
    session: Session,
    operation: str,
    member: str,
    items: list[object],
    marker: str | None,
    max_items: int | None,
) -> Result:
    """Return a page of *items*, which stand in *member* of the answer."""
    scope = tokens.scope(operation, "", member)
    start = int(tokens.position(session.vault, scope, marker) or 0)
    end = start + (max_items or _PAGE)
    result: Result = {member: items[start:end], "IsTruncated": end < len(items)}
    if end < len(items):
        result["Marker"] = tokens.token(session.vault, scope, str(end))
    return result


def replace(
    session: Session, find: Callable[[View, str], Holder], name: str, change: Callable[..., Holder]
) -> None:
    """Keep what *change* makes of the entity that *find* finds under *name*."""
    with changing(session) as transaction:
        before = find(transaction, name)
        after = change(before)
        if after != before:
            principals.put(transaction, after)


def check_deletable(view: View, entity: Holder) -> None:
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


def members(view: View, found: Group) -> list[User]:
    """Return the users of a group, by name."""
    users = [each for each in principals.all_of(view, USER) if isinstance(each, User)]
    return [each for each in users if found.name in each.groups]


def word_of(entity: Holder) -> str:
    """Return ``User``, ``Group`` or ``Role``."""
    return kind_of(entity).capitalize()
