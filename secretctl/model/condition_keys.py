"""Condition keys that policies can ask about: those of the API, and those of AWS as a whole.

See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
"""

from __future__ import annotations

from secretctl.record import NamedTuple


class Key(NamedTuple):
    """A condition key."""

    type: str
    """``String``, ``ArrayOfString``, ``ARN``, ``Bool`` or ``Numeric``."""

    doc: str


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
