"""IAM's operations about users."""

from __future__ import annotations

from secretctl.model.iam import members as m
from secretctl.model.iam import types as i
from secretctl.model.shapes import Member, Operation

OPERATIONS = (
    Operation(
        "CreateUser",
        "Make a user.",
        "secretctl.service.iam.users:create_user",
        service="iam",
        input=(m.PATH, m.NEW_USER_NAME, m.PERMISSIONS_BOUNDARY, m.TAGS),
        output=(Member("User", i.USER, "The new user."),),
        errors=(
            *("LimitExceeded", "EntityAlreadyExists", "NoSuchEntity", "InvalidInput"),
            *("ConcurrentModification", "ServiceFailure"),
        ),
        example="secretctl iam create-user --user-name ci",
    ),
    Operation(
        "DeleteUser",
        "Remove a user who has no access keys, policies and groups any more.",
        "secretctl.service.iam.users:delete_user",
        service="iam",
        input=(m.USER_NAME,),
        errors=(
            *("LimitExceeded", "NoSuchEntity", "DeleteConflict"),
            *("ConcurrentModification", "ServiceFailure"),
        ),
        example="secretctl iam delete-user --user-name ci",
    ),
    Operation(
        "GetUser",
        "Show what is known of a user.",
        "secretctl.service.iam.users:get_user",
        service="iam",
        input=(m.USER_NAME_OR_OWN,),
        output=(Member("User", i.USER, "The user.", required=True),),
        errors=("NoSuchEntity", "ServiceFailure"),
        read_only=True,
        example="secretctl iam get-user --user-name ci",
    ),
    Operation(
        "ListUsers",
        "List the users.",
        "secretctl.service.iam.users:list_users",
        service="iam",
        input=(m.PATH_PREFIX, *m.PAGE),
        output=(
            Member("Users", i.USER_LIST, "The users, without their tags.", required=True),
            *m.NEXT_PAGE,
        ),
        errors=("ServiceFailure",),
        pages=m.pages("Users"),
        read_only=True,
        example="secretctl iam list-users --query 'Users[].UserName'",
    ),
)
