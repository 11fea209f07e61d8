"""IAM's operations about roles."""

from __future__ import annotations

from secretctl.model.iam import members as m
from secretctl.model.iam import types as i
from secretctl.model.shapes import Member, Operation

OPERATIONS = (
    Operation(
        "CreateRole",
        "Make a role, with a trust policy that says who may assume it.",
        "secretctl.service.iam.roles:create_role",
        service="iam",
        input=(
            m.PATH,
            m.ROLE_NAME._replace(
                doc="Name of the new role: letters, digits and _+=,.@-, up to 64 characters.",
                completer="",
            ),
            Member(
                "AssumeRolePolicyDocument",
                i.POLICY_DOCUMENT,
                "The trust policy in JSON: who may assume the role.",
                required=True,
            ),
            Member("Description", i.ROLE_DESCRIPTION, "What the role is for."),
            Member(
                "MaxSessionDuration",
                i.ROLE_MAX_SESSION_DURATION,
                "Longest session in seconds; an hour if left out.",
            ),
            m.PERMISSIONS_BOUNDARY,
            m.TAGS,
        ),
        output=(Member("Role", i.ROLE, "The new role.", required=True),),
        errors=(
            *("LimitExceeded", "InvalidInput", "EntityAlreadyExists"),
            *("MalformedPolicyDocument", "ConcurrentModification", "ServiceFailure"),
        ),
        example=(
            "secretctl iam create-role --role-name deploy "
            "--assume-role-policy-document file://trust.json"
        ),
    ),
    Operation(
        "DeleteRole",
        "Remove a role that has no policies any more.",
        "secretctl.service.iam.roles:delete_role",
        service="iam",
        input=(m.ROLE_NAME,),
        errors=(
            *("NoSuchEntity", "DeleteConflict", "LimitExceeded", "UnmodifiableEntity"),
            *("ConcurrentModification", "ServiceFailure"),
        ),
        example="secretctl iam delete-role --role-name deploy",
    ),
    Operation(
        "GetRole",
        "Show what is known of a role.",
        "secretctl.service.iam.roles:get_role",
        service="iam",
        input=(m.ROLE_NAME,),
        output=(Member("Role", i.ROLE, "The role.", required=True),),
        errors=("NoSuchEntity", "ServiceFailure"),
        read_only=True,
        example="secretctl iam get-role --role-name deploy",
    ),
    Operation(
        "ListRoles",
        "List the roles.",
        "secretctl.service.iam.roles:list_roles",
        service="iam",
        input=(m.PATH_PREFIX, *m.PAGE),
        output=(
            Member("Roles", i.ROLE_LIST, "The roles, without their tags.", required=True),
            *m.NEXT_PAGE,
        ),
        errors=("ServiceFailure",),
        pages=m.pages("Roles"),
        read_only=True,
        example="secretctl iam list-roles",
    ),
    Operation(
        "UpdateAssumeRolePolicy",
        "Replace the trust policy of a role.",
        "secretctl.service.iam.roles:update_assume_role_policy",
        service="iam",
        input=(
            m.ROLE_NAME,
            m.POLICY_DOCUMENT._replace(doc="The trust policy in JSON: who may assume the role."),
        ),
        errors=(
            *("NoSuchEntity", "MalformedPolicyDocument", "LimitExceeded"),
            *("UnmodifiableEntity", "ServiceFailure"),
        ),
        example=(
            "secretctl iam update-assume-role-policy --role-name deploy "
            "--policy-document file://trust.json"
        ),
    ),
)
