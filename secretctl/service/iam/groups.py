"""IAM's operations about groups, and who is in them."""

from __future__ import annotations

from secretctl.domain.principals import GROUP, USER, Group, User
from secretctl.model.shapes import Result
from secretctl.service.iam import answers, documents, entities, pages
from secretctl.service.secrets import answered
from secretctl.service.session import Session
from secretctl.vault import principals

_MOST_GROUPS = 10
"""Of a user: AWS's quota."""


def create_group(session: Session, *, group_name: str, path: str = "/") -> Result:
    """Make a group.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html
    """
    made_ms = session.context.now_ms()
    made = Group(group_name, entities.identifier(session, GROUP), path, made_ms)
    with entities.changing(session) as transaction:
        entities.check_free(session, transaction, made)
        entities.noted(session, made)
        principals.put(transaction, made)
        return answered(session, {"Group": answers.basics(session, made, "Group")})


def get_group(
    session: Session, *, group_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """Show a group and its users.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html
    """
    with session.vault.read() as view:
        found = entities.group(session, view, group_name)
        users = entities.members(view, found)
    shown = answers.listed(session, users, "User")
    page = pages.page(session, f"GetGroup {found.id}", "Users", shown, marker, max_items)
    return {"Group": answers.basics(session, found, "Group"), **page}


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
    shown = answers.listed(session, found, "Group")
    return pages.page(session, f"ListGroups {path_prefix}", "Groups", shown, marker, max_items)


def list_groups_for_user(
    session: Session, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """List the groups that a user is in.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html
    """
    with session.vault.read() as view:
        user = entities.user(session, view, user_name)
        found = [each for each in principals.all_of(view, GROUP) if each.name in user.groups]
    shown = answers.listed(session, found, "Group")
    scope = f"ListGroupsForUser {user.id}"
    return pages.page(session, scope, "Groups", shown, marker, max_items)


def add_user_to_group(session: Session, *, group_name: str, user_name: str) -> Result:
    """Put a user into a group; nothing changes if it is in it.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html
    """
    with entities.changing(session) as transaction:
        found = entities.group(session, transaction, group_name)
        user = entities.user(session, transaction, user_name)
        if found.name in user.groups:
            return {}
        if len(user.groups) >= _MOST_GROUPS:
            raise documents.exceeded(f"GroupsPerUser: {_MOST_GROUPS}")
        principals.put(transaction, user._replace(groups=(*user.groups, found.name)))
    return {}


def remove_user_from_group(session: Session, *, group_name: str, user_name: str) -> Result:
    """Take a user out of a group.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html
    """
    with entities.changing(session) as transaction:
        there = principals.find(transaction, USER, user_name)
        is_member = isinstance(there, User) and group_name in there.groups
        if not is_member or principals.find(transaction, GROUP, group_name) is not None:
            entities.group(session, transaction, group_name)  # else its record was lost
        user = entities.user(session, transaction, user_name)
        left = tuple(name for name in user.groups if name != group_name)
        if left != user.groups:
            principals.put(transaction, user._replace(groups=left))
    return {}


def delete_group(session: Session, *, group_name: str) -> Result:
    """Remove a group without users and policies.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
    """
    with entities.changing(session) as transaction:
        found = entities.group(session, transaction, group_name)
        entities.check_deletable(transaction, found)
        principals.delete(transaction, found)
    return {}
