"""IAM's operations that attach managed policies to users, groups and roles."""

from __future__ import annotations

from secretctl.model.iam import members as m
from secretctl.model.shapes import Operation

_ARN = "arn:aws:iam::000000000000:policy/read-prod"
_LISTED = ("NoSuchEntity", "InvalidInput", "ServiceFailure")
_DETACHED = ("NoSuchEntity", "LimitExceeded", "InvalidInput", "ServiceFailure")
_ATTACHED = (*_DETACHED, "PolicyNotAttachable")

OPERATIONS = (
    Operation(
        "AttachGroupPolicy",
        "Attach a managed policy to a group.",
        "secretctl.service.iam.attachments:attach_group_policy",
        service="iam",
        input=(m.GROUP_NAME, m.POLICY_ARN),
        errors=_ATTACHED,
        example=f"secretctl iam attach-group-policy --group-name readers --policy-arn {_ARN}",
    ),
    Operation(
        "AttachRolePolicy",
        "Attach a managed policy to a role.",
        "secretctl.service.iam.attachments:attach_role_policy",
        service="iam",
        input=(m.ROLE_NAME, m.POLICY_ARN),
        errors=(*_ATTACHED, "UnmodifiableEntity"),
        example=f"secretctl iam attach-role-policy --role-name deploy --policy-arn {_ARN}",
    ),
    Operation(
        "AttachUserPolicy",
        "Attach a managed policy to a user.",
        "secretctl.service.iam.attachments:attach_user_policy",
        service="iam",
        input=(m.HOLDER_NAME, m.POLICY_ARN),
        errors=_ATTACHED,
        example=f"secretctl iam attach-user-policy --user-name ci --policy-arn {_ARN}",
    ),
    Operation(
        "DetachGroupPolicy",
        "Detach a managed policy from a group.",
        "secretctl.service.iam.attachments:detach_group_policy",
        service="iam",
        input=(m.GROUP_NAME, m.POLICY_ARN),
        errors=_DETACHED,
        example=f"secretctl iam detach-group-policy --group-name readers --policy-arn {_ARN}",
    ),
    Operation(
        "DetachRolePolicy",
        "Detach a managed policy from a role.",
        "secretctl.service.iam.attachments:detach_role_policy",
        service="iam",
        input=(m.ROLE_NAME, m.POLICY_ARN),
        errors=(*_DETACHED, "UnmodifiableEntity"),
        example=f"secretctl iam detach-role-policy --role-name deploy --policy-arn {_ARN}",
    ),
    Operation(
        "DetachUserPolicy",
        "Detach a managed policy from a user.",
        "secretctl.service.iam.attachments:detach_user_policy",
        service="iam",
        input=(m.HOLDER_NAME, m.POLICY_ARN),
        errors=_DETACHED,
        example=f"secretctl iam detach-user-policy --user-name ci --policy-arn {_ARN}",
    ),
    Operation(
        "ListAttachedGroupPolicies",
        "List the managed policies attached to a group.",
        "secretctl.service.iam.attachments:list_attached_group_policies",
        service="iam",
        input=(m.GROUP_NAME, m.POLICY_PATH_PREFIX, *m.PAGE),
        output=(m.ATTACHED_POLICIES, *m.NEXT_PAGE),
        errors=_LISTED,
        pages=m.pages("AttachedPolicies"),
        read_only=True,
        example="secretctl iam list-attached-group-policies --group-name readers",
    ),
    Operation(
        "ListAttachedRolePolicies",
        "List the managed policies attached to a role.",
        "secretctl.service.iam.attachments:list_attached_role_policies",
        service="iam",
        input=(m.ROLE_NAME, m.POLICY_PATH_PREFIX, *m.PAGE),
        output=(m.ATTACHED_POLICIES, *m.NEXT_PAGE),
        errors=_LISTED,
        pages=m.pages("AttachedPolicies"),
        read_only=True,
        example="secretctl iam list-attached-role-policies --role-name deploy",
    ),
    Operation(
        "ListAttachedUserPolicies",
        "List the managed policies attached to a user.",
        "secretctl.service.iam.attachments:list_attached_user_policies",
        service="iam",
        input=(m.HOLDER_NAME, m.POLICY_PATH_PREFIX, *m.PAGE),
        output=(m.ATTACHED_POLICIES, *m.NEXT_PAGE),
        errors=_LISTED,
        pages=m.pages("AttachedPolicies"),
        read_only=True,
        example="secretctl iam list-attached-user-policies --user-name ci",
    ),
)
