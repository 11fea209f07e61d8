"""Actions of the API in policies: what each is about, and the condition keys a request for it has.

The service authorization reference of AWS Secrets Manager as data, by the operation's name. Of the
three operations that are newer than it, and of our own, it is what their kind has.

See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
"""

from __future__ import annotations

from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE = "secretsmanager"


class Action(NamedTuple):
    """An action that a policy can name."""

    keys: tuple[str, ...] = ()
    """Condition keys; ``${TagKey}`` and ``tag-key`` stand for the key of any tag."""

    is_on_secret: bool = True
    """Whether it is about a secret; otherwise its resource is ``*``."""


_RESOURCE_TAGS = ("aws:ResourceTag/${TagKey}", "secretsmanager:ResourceTag/tag-key")
COMMON = (
    *_RESOURCE_TAGS,
    "secretsmanager:SecretId",
    "secretsmanager:SecretPrimaryRegion",
    "secretsmanager:resource/AllowRotationLambdaArn",
    "secretsmanager:resource/Type",
)
"""Condition keys of every action that is about a secret which is there already."""

_CREATING = (
    *("aws:RequestTag/${TagKey}", "aws:TagKeys", "secretsmanager:AddReplicaRegions"),
    *("secretsmanager:Description", "secretsmanager:ForceOverwriteReplicaSecret"),
    *("secretsmanager:KmsKeyArn", "secretsmanager:KmsKeyId", "secretsmanager:Name"),
    "secretsmanager:Type",
)
_DELETING = ("secretsmanager:ForceDeleteWithoutRecovery", "secretsmanager:RecoveryWindowInDays")
_READING = ("secretsmanager:VersionId", "secretsmanager:VersionStage")
_REPLICATING = ("secretsmanager:AddReplicaRegions", "secretsmanager:ForceOverwriteReplicaSecret")
_ROTATING = (
    *("secretsmanager:ExternalSecretRotationRoleArn", "secretsmanager:ModifyRotationRules"),
    *("secretsmanager:RotateImmediately", "secretsmanager:RotationLambdaARN"),
)
_TAGGING = ("aws:RequestTag/${TagKey}", "aws:TagKeys")
_UPDATING = (
    *("secretsmanager:Description", "secretsmanager:KmsKeyArn", "secretsmanager:KmsKeyId"),
    "secretsmanager:Type",
)

ACTIONS = {
    "AssociateCrossAccountReplica": Action(COMMON),
    "BatchGetSecretValue": Action(is_on_secret=False),
    "CancelRotateSecret": Action(COMMON),
    "CreateSecret": Action((*_RESOURCE_TAGS, *_CREATING)),
    "DeleteResourcePolicy": Action(COMMON),
    "DeleteSecret": Action((*COMMON, *_DELETING)),
    "DeleteSecretVersion": Action((*COMMON, "secretsmanager:VersionId")),
    "DescribeSecret": Action(COMMON),
    "DisassociateCrossAccountReplica": Action(COMMON),
    "GetRandomPassword": Action(is_on_secret=False),
    "GetResourcePolicy": Action(COMMON),
    "GetSecretValue": Action((*COMMON, *_READING)),
    "ListResourcePolicies": Action(COMMON),
    "ListSecretVersionIds": Action(COMMON),
    "ListSecrets": Action(is_on_secret=False),
    "PutResourcePolicy": Action((*COMMON, "secretsmanager:BlockPublicPolicy")),
    "PutSecretValue": Action(COMMON),
    "RemoveRegionsFromReplication": Action(COMMON),
    "ReplicateSecretToRegions": Action((*COMMON, *_REPLICATING)),
    "RestoreSecret": Action(COMMON),
    "RotateSecret": Action((*COMMON, *_ROTATING)),
    "StopReplicationToReplica": Action(COMMON),
    "TagResource": Action((*COMMON, *_TAGGING)),
    "UntagResource": Action((*COMMON, "aws:TagKeys")),
    "UpdateSecret": Action((*COMMON, *_UPDATING)),
    "UpdateSecretVersionStage": Action((*COMMON, "secretsmanager:VersionStage")),
    "ValidateResourcePolicy": Action(COMMON),
}

FREE = ("GetCallerIdentity",)
"""Operations that everybody may call."""

_ALWAYS = ""
_FURTHER = {
    "AssumeRole": {"Tags": "TagSession", "SourceIdentity": "SetSourceIdentity"},
    "BatchGetSecretValue": {"Filters": "ListSecrets"},
    "CreateSecret": {"Tags": "TagResource", "AddReplicaRegions": "ReplicateSecretToRegions"},
    "ValidateResourcePolicy": {_ALWAYS: "PutResourcePolicy"},
}
"""What more must be allowed, by the operation and the parameter for which it is asked."""


def needed(name: str, parameters: Mapping[str, object]) -> list[str]:
    """Return the names of the actions that have to be allowed for a request: its own first.

    Args:
        name: Of the operation.
        parameters: Of the wire. A list of no filters is one, which finds all secrets.
    """
    further = _FURTHER.get(name)
    if further is None:
        return [name]
    return [name, *[action for member, action in further.items() if _is_set(parameters, member)]]


def _is_set(parameters: Mapping[str, object], member: str) -> bool:
    value = parameters.get(member)
    return member == _ALWAYS or (value is not None if member == "Filters" else bool(value))
