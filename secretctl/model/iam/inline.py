"""IAM's operations about inline policies: those that are a part of a user, group or role."""

from __future__ import annotations

from secretctl.model.iam import members as m
from secretctl.model.shapes import Operation

_READ = ("NoSuchEntity", "ServiceFailure")
_DELETED = ("NoSuchEntity", "LimitExceeded", "ServiceFailure")
_WRITTEN = ("LimitExceeded", "MalformedPolicyDocument", "NoSuchEntity", "ServiceFailure")

OPERATIONS = (
    Operation(
        "DeleteGroupPolicy",
        "Remove an inline policy from a group.",
        "secretctl.service.iam.inline:delete_group_policy",
        service="iam",
        input=(m.GROUP_NAME, m.POLICY_NAME),
        errors=_DELETED,
        example="secretctl iam delete-group-policy --group-name readers --policy-name read-prod",
    ),
    Operation(
        "DeleteRolePolicy",
        "Remove an inline policy from a role.",
        "secretctl.service.iam.inline:delete_role_policy",
        service="iam",
        input=(m.ROLE_NAME, m.POLICY_NAME),
        errors=(*_DELETED, "UnmodifiableEntity"),
        example="secretctl iam delete-role-policy --role-name deploy --policy-name read-prod",
    ),
    Operation(
        "DeleteUserPolicy",
        "Remove an inline policy from a user.",
        "secretctl.service.iam.inline:delete_user_policy",
        service="iam",
        input=(m.USER_NAME, m.POLICY_NAME),
        errors=_DELETED,
        example="secretctl iam delete-user-policy --user-name ci --policy-name read-prod",
    ),
    Operation(
        "GetGroupPolicy",
        "Show an inline policy of a group.",
        "secretctl.service.iam.inline:get_group_policy",
        service="iam",
        input=(m.GROUP_NAME, m.POLICY_NAME),
        output=(m.GROUP_NAME, m.POLICY_NAME, m.POLICY_DOCUMENT),
        errors=_READ,
        read_only=True,
        example="secretctl iam get-group-policy --group-name readers --policy-name read-prod",
    ),
    Operation(
        "GetRolePolicy",
        "Show an inline policy of a role.",
        "secretctl.service.iam.inline:get_role_policy",
        service="iam",
        input=(m.ROLE_NAME, m.POLICY_NAME),
        output=(m.ROLE_NAME, m.POLICY_NAME, m.POLICY_DOCUMENT),
        errors=_READ,
        read_only=True,
        example="secretctl iam get-role-policy --role-name deploy --policy-name read-prod",
    ),
    Operation(
        "GetUserPolicy",
        "Show an inline policy of a user.",
        "secretctl.service.iam.inline:get_user_policy",
        service="iam",
        input=(m.USER_NAME, m.POLICY_NAME),
        output=(m.USER_NAME, m.POLICY_NAME, m.POLICY_DOCUMENT),
        errors=_READ,
        read_only=True,
        example="secretctl iam get-user-policy --user-name ci --policy-name read-prod",
    ),
    Operation(
        "ListGroupPolicies",
        "List the names of a group's inline policies.",
        "secretctl.service.iam.inline:list_group_policies",
        service="iam",
        input=(m.GROUP_NAME, *m.PAGE),
        output=(m.POLICY_NAMES, *m.NEXT_PAGE),
        errors=_READ,
        pages=m.pages("PolicyNames"),
        read_only=True,
        example="secretctl iam list-group-policies --group-name readers",
    ),
    Operation(
        "ListRolePolicies",
        "List the names of a role's inline policies.",
        "secretctl.service.iam.inline:list_role_policies",
        service="iam",
        input=(m.ROLE_NAME, *m.PAGE),
        output=(m.POLICY_NAMES, *m.NEXT_PAGE),
        errors=_READ,
        pages=m.pages("PolicyNames"),
        read_only=True,
        example="secretctl iam list-role-policies --role-name deploy",
    ),
    Operation(
        "ListUserPolicies",
        "List the names of a user's inline policies.",
        "secretctl.service.iam.inline:list_user_policies",
        service="iam",
        input=(m.USER_NAME, *m.PAGE),
        output=(m.POLICY_NAMES, *m.NEXT_PAGE),
        errors=_READ,
        pages=m.pages("PolicyNames"),
        read_only=True,
        example="secretctl iam list-user-policies --user-name ci",
    ),
    Operation(
        "PutGroupPolicy",
        "Give a group an inline policy, or replace the one of that name.",
        "secretctl.service.iam.inline:put_group_policy",
        service="iam",
        input=(m.GROUP_NAME, m.POLICY_NAME, m.POLICY_DOCUMENT),
        errors=_WRITTEN,
        example=(
            "secretctl iam put-group-policy --group-name readers --policy-name read-prod "
            "--policy-document file://read-prod.json"
        ),
    ),
    Operation(
        "PutRolePolicy",
        "Give a role an inline policy, or replace the one of that name.",
        "secretctl.service.iam.inline:put_role_policy",
        service="iam",
        input=(m.ROLE_NAME, m.POLICY_NAME, m.POLICY_DOCUMENT),
        errors=(*_WRITTEN, "UnmodifiableEntity"),
        example=(
            "secretctl iam put-role-policy --role-name deploy --policy-name read-prod "
            "--policy-document file://read-prod.json"
        ),
    ),
    Operation(
        "PutUserPolicy",
        "Give a user an inline policy, or replace the one of that name.",
        "secretctl.service.iam.inline:put_user_policy",
        service="iam",
        input=(m.USER_NAME, m.POLICY_NAME, m.POLICY_DOCUMENT),
        errors=_WRITTEN,
        example=(
            "secretctl iam put-user-policy --user-name ci --policy-name read-prod "
            "--policy-document file://read-prod.json"
        ),
    ),
)
