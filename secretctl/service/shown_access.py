"""What of requests to IAM, KMS and STS, and of their answers, may stand in the journal.

Names, paths, ARNs, ids and switches. Never a policy document, a description, the value of a tag, an
external id, nor a secret or token that is answered. ARNs of secrets are left out as well, since
their names may be hidden.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Fields = dict[str, object]

PLAIN = (
    *("UserName", "GroupName", "RoleName", "Path", "PathPrefix", "PolicyArn"),
    *("AccessKeyId", "Status", "SetAsDefault", "MaxSessionDuration", "PermissionsBoundary"),
    *("Scope", "OnlyAttached", "PolicyUsageFilter", "MaxItems", "PolicySourceArn", "ActionNames"),
    *("CallerArn", "ResourceOwner"),
    *("KeyId", "KeySpec", "KeyUsage", "Origin", "MultiRegion", "AliasName", "TargetKeyId"),
    *("GranteePrincipal", "RetiringPrincipal", "Operations", "GrantId", "PendingWindowInDays"),
    *("BypassPolicyLockoutSafetyCheck", "DryRun", "Limit"),
    *("RoleArn", "RoleSessionName", "DurationSeconds", "PolicyArns", "SourceIdentity"),
    *("TransitiveTagKeys",),
)
"""Members of requests."""

ERRORS = {
    "AccessDenied": "You are not authorized to perform this action.",
    "AlreadyExistsException": "The resource already exists.",
    "DeleteConflict": "The resource has subordinate entities.",
    "DependencyTimeoutException": "The system timed out.",
    "DisabledException": "The KMS key is not enabled.",
    "DryRunOperationException": "The request would have succeeded.",
    "EntityAlreadyExists": "The resource already exists.",
    "ExpiredToken": "The security token is expired.",
    "ExpiredTokenException": "The security token is expired.",
    "IncorrectKeyMaterialException": "The key material is not the one expected.",
    "InvalidAliasNameException": "The alias name is not valid.",
    "InvalidArnException": "The ARN is not valid.",
    "InvalidClientTokenId": "The security token is invalid.",
    "InvalidGrantIdException": "The grant id is not valid.",
    "InvalidGrantTokenException": "The grant token is not valid.",
    "InvalidInput": "An invalid or out-of-range value was supplied.",
    "InvalidMarkerException": "The marker is not valid.",
    "InvalidParameterValue": "An invalid or out-of-range value was supplied.",
    "KMSInternalException": "An internal exception occurred.",
    "KMSInvalidStateException": "The state of the key is not valid for this request.",
    "LimitExceeded": "The request would exceed a quota.",
    "MalformedPolicyDocument": "The policy document was malformed.",
    "NoSuchEntity": "The resource does not exist.",
    "NotFoundException": "The resource could not be found.",
    "PackedPolicyTooLarge": "The session policies and tags are too large together.",
    "PolicyEvaluation": "The policies could not be evaluated.",
    "PolicyNotAttachable": "The policy cannot be attached.",
    "ServiceFailure": "An error occurred on the server side.",
    "SignatureDoesNotMatch": "The secret access key is another.",
    "TagException": "A tag is not valid.",
    "UnmodifiableEntity": "The resource cannot be changed.",
    "UnrecognizedClientException": "The security token is invalid.",
    "UnsupportedOperationException": "The operation is not supported.",
}
"""The one sentence for each error, since what was answered repeats names that were typed in."""

_ENTITY = ("Path", "Arn", "CreateDate")
_RESPONSE = {
    "User": (*_ENTITY, "UserName", "UserId", "PermissionsBoundary"),
    "Group": (*_ENTITY, "GroupName", "GroupId"),
    "Role": (*_ENTITY, "RoleName", "RoleId", "PermissionsBoundary"),
    "Policy": (
        *(*_ENTITY, "PolicyName", "PolicyId", "DefaultVersionId", "UpdateDate"),
        *("AttachmentCount", "PermissionsBoundaryUsageCount", "IsAttachable"),
    ),
    "PolicyVersion": ("VersionId", "IsDefaultVersion", "CreateDate"),
    "AccessKey": ("UserName", "AccessKeyId", "Status", "CreateDate"),
    "Credentials": ("AccessKeyId", "Expiration"),
    "AssumedRoleUser": ("AssumedRoleId", "Arn"),
    "KeyMetadata": (
        *("AWSAccountId", "KeyId", "Arn", "CreationDate", "Enabled", "KeyUsage", "KeyState"),
        *("Origin", "KeyManager", "KeySpec", "EncryptionAlgorithms", "MultiRegion"),
    ),
}
"""Structures of answers, and which of their members are kept."""

_MEMBERS = ("KeyId", "GrantId", "KeyState", "DeletionDate", "PendingWindowInDays")


def response(result: Fields, dated: Callable[[datetime], str]) -> Fields:
    """Return the members of a change's answer that may be kept, in CloudTrail's spelling.

    Args:
        result: The answer.
        dated: Writes a time as CloudTrail does.
    """
    kept: Fields = {name: result[name] for name in _MEMBERS if name in result}
    for name, members in _RESPONSE.items():
        whole = result.get(name)
        if isinstance(whole, dict):
            kept[name] = {_camel(each): whole[each] for each in whole if each in members}
    return _written(kept, dated)


def _written(kept: Fields, dated: Callable[[datetime], str]) -> Fields:
    written: Fields = {}
    for name, value in kept.items():
        if isinstance(value, datetime):
            written[_camel(name)] = dated(value)
        elif isinstance(value, dict):
            written[_camel(name)] = _written(value, dated)
        else:
            written[_camel(name)] = value
    return written


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
