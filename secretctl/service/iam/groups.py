"""IAM's operations about groups, and who is in them."""

from __future__ import annotations

from secretctl.domain.principals import GROUP, Group
from secretctl.service.iam import entities
from secretctl.service.iam.entities import Result
from secretctl.service.session import Session
from secretctl.vault import principals


def create_group(session: Session, *, group_name: str, path: str = "/") -> Result:
    """Make a group.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html
    """
    made_ms = session.context.now_ms()
    made = Group(group_name, entities.identifier(session, GROUP), path, made_ms)
    with entities.changing(session) as transaction:
        entities.check_free(transaction, GROUP, group_name)
        principals.put(transaction, made)
    return {"Group": entities.basics(session, made, "Group")}


def get_group(
    session: Session, *, group_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """Show a group and its users.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html
    """
    with session.vault.read() as view:
        found = entities.group(view, group_name)
        users = entities.members(view, found)
    shown: list[object] = [entities.basics(session, each, "User") for each in users]
    page = entities.page(session, f"GetGroup {found.name}", "Users", shown, marker, max_items)
    return {"Group": entities.basics(session, found, "Group"), **page}


def list_groups(
    session: Session,
    *,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """List the groups.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html
    """
    with session.vault.read() as view:
        found = entities.below(principals.all_of(view, GROUP), path_prefix)
    shown: list[object] = [entities.basics(session, each, "Group") for each in found]
    return entities.page(session, "ListGroups", "Groups", shown, marker, max_items)


def list_groups_for_user(
    session: Session, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """List the groups that a user is in.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html
    """
    with session.vault.read() as view:
        names = entities.user(view, user_name).groups
        found = [entities.group(view, name) for name in sorted(names)]
    shown: list[object] = [entities.basics(session, each, "Group") for each in found]
    scope = f"ListGroupsForUser {user_name}"
    return entities.page(session, scope, "Groups", shown, marker, max_items)


def add_user_to_group(session: Session, *, group_name: str, user_name: str) -> Result:
    """Put a user into a group; nothing changes if it is in it.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html
    """
    with entities.changing(session) as transaction:
        found = entities.group(transaction, group_name)
        user = entities.user(transaction, user_name)
        if found.name not in user.groups:
            principals.put(transaction, user._replace(groups=(*user.groups, found.name)))
    return {}


def remove_user_from_group(session: Session, *, group_name: str, user_name: str) -> Result:
    """Take a user out of a group.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html
    """
    with entities.changing(session) as transaction:
        found = entities.group(transaction, group_name)
        user = entities.user(transaction, user_name)
        left = tuple(name for name in user.groups if name != found.name)
        if left != user.groups:
            principals.put(transaction, user._replace(groups=left))
    return {}


def delete_group(session: Session, *, group_name: str) -> Result:
    """Remove a group without users and policies.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
    """
    with entities.changing(session) as transaction:
        found = entities.group(transaction, group_name)
        entities.check_deletable(transaction, found)
        principals.delete(transaction, found)
    return {}
