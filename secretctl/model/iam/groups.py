"""IAM's operations about groups, and the users in them."""

from __future__ import annotations

from secretctl.model.iam import members as m
from secretctl.model.iam import types as i
from secretctl.model.shapes import Member, Operation

_MEMBERSHIP = ("NoSuchEntity", "LimitExceeded", "ServiceFailure")
_GROUPS = Member("Groups", i.GROUP_LIST, "The groups.", required=True)

OPERATIONS = (
    Operation(
        "AddUserToGroup",
        "Put a user into a group, whose policies hold for the user from then on.",
        "secretctl.service.iam.groups:add_user_to_group",
        service="iam",
        input=(m.GROUP_NAME, m.USER_NAME),
        errors=_MEMBERSHIP,
        example="secretctl iam add-user-to-group --group-name readers --user-name ci",
    ),
    Operation(
        "CreateGroup",
        "Make a group.",
        "secretctl.service.iam.groups:create_group",
        service="iam",
        input=(
            m.PATH,
            m.GROUP_NAME._replace(
                doc="Name of the new group: letters, digits and _+=,.@-, up to 128 characters.",
                completer="",
            ),
        ),
        output=(Member("Group", i.GROUP, "The new group.", required=True),),
        errors=("LimitExceeded", "EntityAlreadyExists", "NoSuchEntity", "ServiceFailure"),
        example="secretctl iam create-group --group-name readers",
    ),
    Operation(
        "DeleteGroup",
        "Remove a group that has no users and policies any more.",
        "secretctl.service.iam.groups:delete_group",
        service="iam",
        input=(m.GROUP_NAME,),
        errors=("NoSuchEntity", "DeleteConflict", "LimitExceeded", "ServiceFailure"),
        example="secretctl iam delete-group --group-name readers",
    ),
    Operation(
        "GetGroup",
        "Show a group and the users in it.",
        "secretctl.service.iam.groups:get_group",
        service="iam",
        input=(m.GROUP_NAME, *m.PAGE),
        output=(
            Member("Group", i.GROUP, "The group.", required=True),
            Member("Users", i.USER_LIST, "The users in it.", required=True),
            *m.NEXT_PAGE,
        ),
        errors=("NoSuchEntity", "ServiceFailure"),
        pages=m.pages("Users", "Group"),
        read_only=True,
        example="secretctl iam get-group --group-name readers",
    ),
    Operation(
        "ListGroups",
        "List the groups.",
        "secretctl.service.iam.groups:list_groups",
        service="iam",
        input=(m.PATH_PREFIX, *m.PAGE),
        output=(_GROUPS, *m.NEXT_PAGE),
        errors=("ServiceFailure",),
        pages=m.pages("Groups"),
        read_only=True,
        example="secretctl iam list-groups",
    ),
    Operation(
        "ListGroupsForUser",
        "List the groups that a user is in.",
        "secretctl.service.iam.groups:list_groups_for_user",
        service="iam",
        input=(m.USER_NAME, *m.PAGE),
        output=(_GROUPS, *m.NEXT_PAGE),
        errors=("NoSuchEntity", "ServiceFailure"),
        pages=m.pages("Groups"),
        read_only=True,
        example="secretctl iam list-groups-for-user --user-name ci",
    ),
    Operation(
        "RemoveUserFromGroup",
        "Take a user out of a group.",
        "secretctl.service.iam.groups:remove_user_from_group",
        service="iam",
        input=(m.GROUP_NAME, m.USER_NAME),
        errors=_MEMBERSHIP,
        example="secretctl iam remove-user-from-group --group-name readers --user-name ci",
    ),
)
