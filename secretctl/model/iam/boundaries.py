"""IAM's operations about permissions boundaries of users and roles."""

from __future__ import annotations

from secretctl.model.iam import members as m
from secretctl.model.shapes import Operation

_ARN = "arn:aws:iam::000000000000:policy/developers"
_BOUNDARY = m.PERMISSIONS_BOUNDARY._replace(required=True)

OPERATIONS = (
    Operation(
        "DeleteRolePermissionsBoundary",
        "Let the policies of a role alone say what it may do.",
        "secretctl.service.iam.boundaries:delete_role_permissions_boundary",
        service="iam",
        input=(m.ROLE_NAME,),
        errors=("NoSuchEntity", "UnmodifiableEntity", "ServiceFailure"),
        example="secretctl iam delete-role-permissions-boundary --role-name deploy",
    ),
    Operation(
        "DeleteUserPermissionsBoundary",
        "Let the policies of a user alone say what it may do.",
        "secretctl.service.iam.boundaries:delete_user_permissions_boundary",
        service="iam",
        input=(m.HOLDER_NAME,),
        errors=("NoSuchEntity", "ServiceFailure"),
        example="secretctl iam delete-user-permissions-boundary --user-name ci",
    ),
    Operation(
        "PutRolePermissionsBoundary",
        "Bound what a role may do by a managed policy, which gives nothing by itself.",
        "secretctl.service.iam.boundaries:put_role_permissions_boundary",
        service="iam",
        input=(m.ROLE_NAME, _BOUNDARY),
        errors=(
            *("NoSuchEntity", "InvalidInput", "UnmodifiableEntity"),
            *("PolicyNotAttachable", "ServiceFailure"),
        ),
        example=(
            "secretctl iam put-role-permissions-boundary --role-name deploy "
            f"--permissions-boundary {_ARN}"
        ),
    ),
    Operation(
        "PutUserPermissionsBoundary",
        "Bound what a user may do by a managed policy, which gives nothing by itself.",
        "secretctl.service.iam.boundaries:put_user_permissions_boundary",
        service="iam",
        input=(m.HOLDER_NAME, _BOUNDARY),
        errors=("NoSuchEntity", "InvalidInput", "PolicyNotAttachable", "ServiceFailure"),
        example=(
            "secretctl iam put-user-permissions-boundary --user-name ci "
            f"--permissions-boundary {_ARN}"
        ),
    ),
)
