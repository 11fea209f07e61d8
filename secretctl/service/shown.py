"""What of a request may stand in the journal: names, labels, numbers and switches, never a value.

A member that is not listed is left out. Of a request that was refused only the secret it found is
kept: what was rejected may be a secret that was typed in the wrong place.
"""

from __future__ import annotations

from secretctl.crypto.keys import mac
from secretctl.model.shapes import camel
from secretctl.model.timestamps import datetime

_PLAIN = frozenset(
    (
        *("UserName", "GroupName", "RoleName", "Path", "PathPrefix", "PolicyArn"),
        *("AccessKeyId", "Status", "SetAsDefault", "MaxSessionDuration", "PermissionsBoundary"),
        *("Scope", "OnlyAttached", "PolicyUsageFilter", "MaxItems", "PolicySourceArn"),
        *("ActionNames", "CallerArn", "ResourceOwner"),
        *("KeyId", "KeySpec", "KeyUsage", "Origin", "MultiRegion", "AliasName", "TargetKeyId"),
        *("GranteePrincipal", "RetiringPrincipal", "Operations", "GrantId", "PendingWindowInDays"),
        *("BypassPolicyLockoutSafetyCheck", "DryRun", "Limit"),
        *("RoleArn", "RoleSessionName", "DurationSeconds", "PolicyArns", "SourceIdentity"),
        *("TransitiveTagKeys",),
        *("Name", "ClientRequestToken", "KmsKeyId", "Type", "VersionId", "VersionStage"),
        *("VersionStages", "MoveToVersionId", "RemoveFromVersionId", "RecoveryWindowInDays"),
        *("ForceDeleteWithoutRecovery", "RotationLambdaARN", "RotationRules", "RotateImmediately"),
        *("AddReplicaRegions", "RemoveReplicaRegions", "ForceOverwriteReplicaSecret"),
        *("BlockPublicPolicy", "PolicyName", "MaxResults", "SortBy", "SortOrder"),
        *("IncludePlannedDeletion", "IncludeDeprecated", "TagKeys", "PasswordLength"),
        *("ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase", "ExcludeLowercase"),
        *("IncludeSpace", "RequireEachIncludedType"),
        "Rewrap",
    )
)
_OF_REPLICA = ("Region", "KmsKeyId", "Status")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_KEYS_ONLY = frozenset(("Tags", "Filters"))
_MOST_ITEMS = 32
_LONGEST = 512
_HASH_DIGITS = 16


class Names:
    """How names of secrets are shown: as they are, or as a keyed hash."""

    def __init__(self, key: bytes, *, hidden: bool, former: tuple[bytes, ...] = ()) -> None:
        self._key = key
        self._former = former
        self._hidden = hidden

    def hashed(self, name: str) -> str:
        """Return the hash by which *name* is found in the journal: ``n:`` and 16 digits."""
        return _hashed(self._key, name)

    def hashes(self, name: str) -> list[str]:
        """Return that hash, and those that *name* had before each rekey."""
        return [_hashed(key, name) for key in (self._key, *self._former)]

    def shown(self, name: str) -> str:
        """Return *name*, or its hash where names are hidden."""
        return self.hashed(name) if self._hidden else name

    def arn(self, arn: str, name: str) -> str:
        """Return the ARN of the secret *name*, its name hidden where names are."""
        return self.hashed_arn(arn, name) if self._hidden else arn

    def hashed_arn(self, arn: str, name: str) -> str:
        """Return the ARN of the secret *name* with a hash in the place of its name.

        The suffix stays: it is random, and tells two secrets of one name apart.
        """
        head, separator, rest = arn.partition(":secret:")
        return f"{head}{separator}{self.hashed(name)}{rest.removeprefix(name)}"


def _hashed(key: bytes, name: str) -> str:
    return "n:" + mac(key, name.encode("utf-8", "replace")).hex()[:_HASH_DIGITS]


def request(parameters: dict[str, object]) -> dict[str, object]:
    """Return the members of an accepted request that may be kept, in CloudTrail's spelling."""
    kept: dict[str, object] = {}
    for name, value in parameters.items():
        if value is None:
            continue
        if name in _PLAIN:
            kept[camel(name)] = _cut(value)
        elif name in _KEYS_ONLY and isinstance(value, list):
            keys = [entry.get("Key") for entry in value if isinstance(entry, dict)]
            kept[camel(name)] = _cut([{"key": key} for key in keys])
        if isinstance(value, list) and camel(name) in kept and len(value) > _MOST_ITEMS:
            kept[f"{camel(name)}Omitted"] = len(value) - _MOST_ITEMS
    return kept


def response(result: dict[str, object], found: dict[str, str], names: Names) -> dict[str, object]:
    """Return the members of a change's answer that may be kept, in CloudTrail's spelling.

    Args:
        result: The answer.
        found: Names of the secrets that the request means, by ARN; no other is told.
        names: How they are shown.
    """
    from secretctl.service import shown_access

    kept: dict[str, object] = shown_access.response(result, _date)
    arn = str(result.get("ARN"))
    if arn in found:
        kept["arn"] = names.arn(arn, found[arn])
        if "Name" in result:
            kept["name"] = names.shown(found[arn])
    for name in ("VersionId", "VersionStages", "GrantId", "KeyState"):
        if name in result:
            kept[camel(name)] = result[name]
    date, replicas = result.get("DeletionDate"), result.get("ReplicationStatus")
    if isinstance(date, datetime):
        kept["deletionDate"] = _date(date)
    if isinstance(replicas, list):
        # NOTE: not the status message, which repeats names.
        kept["replicationStatus"] = [
            {camel(name): _cut(replica[name]) for name in _OF_REPLICA} for replica in replicas
        ]
    return kept


def _date(date: datetime) -> str:
    """Return a time as CloudTrail writes those of an answer: ``May 3, 2018 5:51:02 PM``."""
    month, hour = _MONTHS[date.month - 1], (date.hour - 1) % 12 + 1
    half = "AM" if date.hour < 12 else "PM"  # noqa: PLR2004 noon
    return f"{month} {date.day}, {date.year} {hour}:{date:%M:%S} {half}"


def _cut(value: object) -> object:
    """Return *value* small enough for a record."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
    if isinstance(value, list | tuple):
        return [_cut(item) for item in value[:_MOST_ITEMS]]
    if isinstance(value, dict):
        return {camel(str(name)): _cut(item) for name, item in list(value.items())[:_MOST_ITEMS]}
    return value
