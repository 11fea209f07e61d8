"""Actions of the API in policies: what each is about, and the condition keys a request for it has.

The service authorization reference of AWS Secrets Manager as data, by the operation's name. Of the
three operations that are newer than it, and of our own, it is what their kind has.

See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
"""

from __future__ import annotations

from secretctl.record import NamedTuple

SERVICE = "secretsmanager"


class Action(NamedTuple):
    """An action that a policy can name."""

    access_level: str
    keys: tuple[str, ...] = ()
    """Condition keys; ``${TagKey}`` and ``tag-key`` stand for the key of any tag."""

    is_on_secret: bool = True
    """Whether it is about a secret; otherwise its resource is ``*``."""


class Key(NamedTuple):
    """A condition key."""

    type: str
    """``String``, ``ArrayOfString``, ``ARN``, ``Bool`` or ``Numeric``."""

    doc: str


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
    "AssociateCrossAccountReplica": Action("Write", COMMON),
    "BatchGetSecretValue": Action("Read", is_on_secret=False),
    "CancelRotateSecret": Action("Write", COMMON),
    "CreateSecret": Action("Write", (*_RESOURCE_TAGS, *_CREATING)),
    "DeleteResourcePolicy": Action("Permissions management, Write", COMMON),
    "DeleteSecret": Action("Write", (*COMMON, *_DELETING)),
    "DeleteSecretVersion": Action("Write", (*COMMON, "secretsmanager:VersionId")),
    "DescribeSecret": Action("Read", COMMON),
    "DisassociateCrossAccountReplica": Action("Write", COMMON),
    "GetRandomPassword": Action("Read", is_on_secret=False),
    "GetResourcePolicy": Action("Read", COMMON),
    "GetSecretValue": Action("Read", (*COMMON, *_READING)),
    "ListResourcePolicies": Action("Read", COMMON),
    "ListSecretVersionIds": Action("Read", COMMON),
    "ListSecrets": Action("List", is_on_secret=False),
    "PutResourcePolicy": Action(
        "Permissions management, Write", (*COMMON, "secretsmanager:BlockPublicPolicy")
    ),
    "PutSecretValue": Action("Write", COMMON),
    "RemoveRegionsFromReplication": Action("Write", COMMON),
    "ReplicateSecretToRegions": Action("Write", (*COMMON, *_REPLICATING)),
    "RestoreSecret": Action("Write", COMMON),
    "RotateSecret": Action("Write", (*COMMON, *_ROTATING)),
    "StopReplicationToReplica": Action("Write", COMMON),
    "TagResource": Action("Tagging, Write", (*COMMON, *_TAGGING)),
    "UntagResource": Action("Tagging, Write", (*COMMON, "aws:TagKeys")),
    "UpdateSecret": Action("Write", (*COMMON, *_UPDATING)),
    "UpdateSecretVersionStage": Action("Write", (*COMMON, "secretsmanager:VersionStage")),
    "ValidateResourcePolicy": Action("Permissions management, Write", COMMON),
}

KEYS = {
    "aws:RequestTag/${TagKey}": Key("String", "Value of a tag in the request."),
    "aws:ResourceTag/${TagKey}": Key("String", "Value of a tag of the secret."),
    "aws:TagKeys": Key("ArrayOfString", "Keys of the tags in the request."),
    "secretsmanager:AddReplicaRegions": Key("ArrayOfString", "Regions to replicate to."),
    "secretsmanager:BlockPublicPolicy": Key("Bool", "Whether broad access is refused."),
    "secretsmanager:Description": Key("String", "Description in the request."),
    "secretsmanager:ExternalSecretRotationRoleArn": Key("ARN", "Role that rotates."),
    "secretsmanager:ForceDeleteWithoutRecovery": Key("Bool", "Whether it is deleted at once."),
    "secretsmanager:ForceOverwriteReplicaSecret": Key("Bool", "Whether replicas are replaced."),
    "secretsmanager:KmsKeyArn": Key("ARN", "Key in the request."),
    "secretsmanager:KmsKeyId": Key("String", "Key in the request; KmsKeyArn is newer."),
    "secretsmanager:ModifyRotationRules": Key("Bool", "Whether rotation rules are changed."),
    "secretsmanager:Name": Key("String", "Name of the secret to be made."),
    "secretsmanager:RecoveryWindowInDays": Key("Numeric", "Days until the deletion."),
    "secretsmanager:ResourceTag/tag-key": Key("String", "Value of a tag of the secret."),
    "secretsmanager:RotateImmediately": Key("Bool", "Whether it is rotated at once."),
    "secretsmanager:RotationLambdaARN": Key("ARN", "Rotation function in the request."),
    "secretsmanager:SecretId": Key("ARN", "The secret."),
    "secretsmanager:SecretPrimaryRegion": Key("String", "Region of the primary secret."),
    "secretsmanager:Type": Key("String", "Kind of a partner's secret, in the request."),
    "secretsmanager:VersionId": Key("String", "Version in the request."),
    "secretsmanager:VersionStage": Key("String", "Staging label in the request."),
    "secretsmanager:resource/AllowRotationLambdaArn": Key("ARN", "The secret's function."),
    "secretsmanager:resource/Type": Key("String", "Kind of a partner's secret."),
}
"""Condition keys of the service, and those of AWS that it fills in itself."""

GLOBAL = {
    "aws:AssumedRoot": "Bool",
    "aws:CalledVia": "ArrayOfString",
    "aws:CalledViaFirst": "String",
    "aws:CalledViaLast": "String",
    "aws:ChatbotSourceArn": "ARN",
    "aws:CurrentTime": "Date",
    "aws:Ec2InstanceSourcePrivateIPv4": "IPAddress",
    "aws:Ec2InstanceSourceVpc": "String",
    "aws:EpochTime": "Date",
    "aws:FederatedProvider": "String",
    "aws:MultiFactorAuthAge": "Numeric",
    "aws:MultiFactorAuthPresent": "Bool",
    "aws:PrincipalAccount": "String",
    "aws:PrincipalArn": "ARN",
    "aws:PrincipalIsAWSService": "Bool",
    "aws:PrincipalOrgID": "String",
    "aws:PrincipalOrgPaths": "ArrayOfString",
    "aws:PrincipalServiceName": "String",
    "aws:PrincipalServiceNamesList": "ArrayOfString",
    "aws:PrincipalTag/${TagKey}": "String",
    "aws:PrincipalType": "String",
    "aws:RequestedRegion": "String",
    "aws:ResourceAccount": "String",
    "aws:ResourceOrgID": "String",
    "aws:ResourceOrgPaths": "ArrayOfString",
    "aws:SecureTransport": "Bool",
    "aws:SourceAccount": "String",
    "aws:SourceArn": "ARN",
    "aws:SourceIdentity": "String",
    "aws:SourceIp": "IPAddress",
    "aws:SourceOrgID": "String",
    "aws:SourceOrgPaths": "ArrayOfString",
    "aws:SourceVpc": "String",
    "aws:SourceVpcArn": "ARN",
    "aws:SourceVpce": "String",
    "aws:TokenIssueTime": "Date",
    "aws:UserAgent": "String",
    "aws:ViaAWSService": "Bool",
    "aws:VpcSourceIp": "IPAddress",
    "aws:VpceAccount": "String",
    "aws:VpceOrgID": "String",
    "aws:VpceOrgPaths": "ArrayOfString",
    "aws:referer": "String",
    "aws:userid": "String",
    "aws:username": "String",
}
"""Condition keys that AWS knows for every action, with their types.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""
