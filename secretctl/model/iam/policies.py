"""IAM's operations about managed policies and their versions."""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.iam import members as m
from secretctl.model.iam import types as i
from secretctl.model.shapes import Member, Operation

_ARN = "arn:aws:iam::000000000000:policy/read-prod"
_POLICY = Member("Policy", i.POLICY, "The policy.")

OPERATIONS = (
    Operation(
        "CreatePolicy",
        "Make a managed policy, which can be attached to users, groups and roles.",
        "secretctl.service.iam.policies:create_policy",
        service="iam",
        input=(
            m.POLICY_NAME._replace(
                doc="Name of the new policy: letters, digits and _+=,.@-, up to 128 characters.",
                completer="",
            ),
            Member("Path", i.POLICY_PATH, "Path that the ARN names, such as /ci/; / if left out."),
            m.POLICY_DOCUMENT,
            Member("Description", i.POLICY_DESCRIPTION, "What the policy is for."),
            m.TAGS,
        ),
        output=(_POLICY._replace(doc="The new policy."),),
        errors=(
            *("InvalidInput", "LimitExceeded", "EntityAlreadyExists"),
            *("MalformedPolicyDocument", "ConcurrentModification", "ServiceFailure"),
        ),
        example=(
            "secretctl iam create-policy --policy-name read-prod "
            "--policy-document file://read-prod.json"
        ),
    ),
    Operation(
        "CreatePolicyVersion",
        "Add a version to a managed policy, which has at most five.",
        "secretctl.service.iam.versions:create_policy_version",
        service="iam",
        input=(
            m.POLICY_ARN,
            m.POLICY_DOCUMENT,
            Member("SetAsDefault", t.BOOLEAN, "Put the new version in force."),
        ),
        output=(Member("PolicyVersion", i.POLICY_VERSION, "The version, without its document."),),
        errors=(
            *("NoSuchEntity", "MalformedPolicyDocument", "InvalidInput"),
            *("LimitExceeded", "ServiceFailure"),
        ),
        example=(
            f"secretctl iam create-policy-version --policy-arn {_ARN} "
            "--policy-document file://read-prod.json --set-as-default"
        ),
    ),
    Operation(
        "DeletePolicy",
        "Remove a managed policy that is attached to nobody and has one version.",
        "secretctl.service.iam.policies:delete_policy",
        service="iam",
        input=(m.POLICY_ARN,),
        errors=(
            *("NoSuchEntity", "LimitExceeded", "InvalidInput"),
            *("DeleteConflict", "ServiceFailure"),
        ),
        example=f"secretctl iam delete-policy --policy-arn {_ARN}",
    ),
    Operation(
        "DeletePolicyVersion",
        "Remove a version of a managed policy; never the one in force.",
        "secretctl.service.iam.versions:delete_policy_version",
        service="iam",
        input=(m.POLICY_ARN, m.VERSION_ID),
        errors=(
            *("NoSuchEntity", "LimitExceeded", "InvalidInput"),
            *("DeleteConflict", "ServiceFailure"),
        ),
        example=f"secretctl iam delete-policy-version --policy-arn {_ARN} --version-id v1",
    ),
    Operation(
        "GetPolicy",
        "Show what is known of a managed policy, without its document.",
        "secretctl.service.iam.policies:get_policy",
        service="iam",
        input=(m.POLICY_ARN,),
        output=(_POLICY,),
        errors=("NoSuchEntity", "InvalidInput", "ServiceFailure"),
        read_only=True,
        example=f"secretctl iam get-policy --policy-arn {_ARN}",
    ),
    Operation(
        "GetPolicyVersion",
        "Show one version of a managed policy, with its document.",
        "secretctl.service.iam.versions:get_policy_version",
        service="iam",
        input=(m.POLICY_ARN, m.VERSION_ID),
        output=(Member("PolicyVersion", i.POLICY_VERSION, "The version."),),
        errors=("NoSuchEntity", "InvalidInput", "ServiceFailure"),
        read_only=True,
        example=f"secretctl iam get-policy-version --policy-arn {_ARN} --version-id v1",
    ),
    Operation(
        "ListPolicies",
        "List the managed policies.",
        "secretctl.service.iam.policies:list_policies",
        service="iam",
        input=(
            Member("Scope", i.POLICY_SCOPE, "AWS's own, of which there are none here, or Local."),
            Member("OnlyAttached", t.BOOLEAN, "Only policies that are attached to somebody."),
            m.POLICY_PATH_PREFIX,
            Member(
                "PolicyUsageFilter",
                i.POLICY_USAGE,
                "Only what is attached as a policy, or what is a boundary.",
            ),
            *m.PAGE,
        ),
        output=(
            Member("Policies", i.POLICY_LIST, "The policies, without their tags."),
            *m.NEXT_PAGE,
        ),
        errors=("ServiceFailure",),
        pages=m.pages("Policies"),
        read_only=True,
        example="secretctl iam list-policies --query 'Policies[].Arn'",
    ),
    Operation(
        "ListPolicyVersions",
        "List the versions of a managed policy, without their documents.",
        "secretctl.service.iam.versions:list_policy_versions",
        service="iam",
        input=(m.POLICY_ARN, *m.PAGE),
        output=(
            Member("Versions", i.POLICY_DOCUMENT_VERSION_LIST, "The versions."),
            *m.NEXT_PAGE,
        ),
        errors=("NoSuchEntity", "InvalidInput", "ServiceFailure"),
        pages=m.pages("Versions"),
        read_only=True,
        example=f"secretctl iam list-policy-versions --policy-arn {_ARN}",
    ),
    Operation(
        "SetDefaultPolicyVersion",
        "Put another version of a managed policy in force.",
        "secretctl.service.iam.versions:set_default_policy_version",
        service="iam",
        input=(m.POLICY_ARN, m.VERSION_ID),
        errors=("NoSuchEntity", "InvalidInput", "LimitExceeded", "ServiceFailure"),
        example=f"secretctl iam set-default-policy-version --policy-arn {_ARN} --version-id v1",
    ),
)
