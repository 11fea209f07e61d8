"""What of requests to IAM, KMS and STS, and of their answers, may stand in the journal.

Names, paths, ARNs, ids and switches. Never a policy document, a description, the value of a tag, an
external id, nor a secret or token that is answered. ARNs of secrets are left out as well, since
their names may be hidden.
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.model.shapes import Fields, camel
from secretctl.model.timestamps import datetime

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
            kept[name] = {camel(each): whole[each] for each in whole if each in members}
    return _written(kept, dated)


def _written(kept: Fields, dated: Callable[[datetime], str]) -> Fields:
    written: Fields = {}
    for name, value in kept.items():
        if isinstance(value, datetime):
            written[camel(name)] = dated(value)
        elif isinstance(value, dict):
            written[camel(name)] = _written(value, dated)
        else:
            written[camel(name)] = value
    return written
