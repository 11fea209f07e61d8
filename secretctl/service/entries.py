"""What answers tell of a secret and of its versions; only what is set."""

from __future__ import annotations

from secretctl.domain.secret import Rotation, Secret, Version
from secretctl.model.shapes import Result
from secretctl.service.replicas import is_replica
from secretctl.service.secrets import arn, midnight, moment
from secretctl.service.session import Session
from secretctl.vault.view import View

_DEFAULT_KEY = "DefaultEncryptionKey"
_AWS_MANAGED_KEY = "alias/aws/secretsmanager"
_REPLICATED = "Replication succeeded"


def entry_of(session: Session, secret: Secret, versions_member: str) -> Result:
    """Return the members DescribeSecret and ListSecrets share, in AWS's order; only set ones."""
    rotation = secret.rotation
    result: Result = {"ARN": arn(session, secret), "Name": secret.name}
    if secret.type:
        result["Type"] = secret.type
    if secret.description:
        result["Description"] = secret.description
    if secret.kms_key_id:
        result["KmsKeyId"] = secret.kms_key_id
    if rotation is not None:
        result |= _rotation_members(rotation)
    result |= _dates(secret)
    if rotation is not None and rotation.next_rotation_ms is not None:
        result["NextRotationDate"] = moment(rotation.next_rotation_ms)
    if secret.tags is not None:
        result["Tags"] = [{"Key": key, "Value": value} for key, value in secret.tags]
    labelled = {version.id: list(version.stages) for version in secret.versions if version.stages}
    if labelled:
        result[versions_member] = labelled
    return result | _origin(secret)


def version_entry(version: Version) -> Result:
    """Return the entry of one version in ListSecretVersionIds, in AWS's order."""
    entry: Result = {"VersionId": version.id}
    if version.stages:
        entry["VersionStages"] = list(version.stages)
    if version.accessed_day is not None:
        entry["LastAccessedDate"] = midnight(version.accessed_day)
    entry["CreatedDate"] = moment(version.created_ms)
    entry["KmsKeyIds"] = [version.kms_key_id or _DEFAULT_KEY]
    return entry


def replication_status(view: View, secret: Secret) -> list[Result]:
    """Return the ReplicationStatus member of a primary."""
    entries = []
    for replica in secret.replicas:
        entry: Result = {
            "Region": replica.region,
            "KmsKeyId": replica.kms_key_id or _AWS_MANAGED_KEY,
            "Status": replica.status,
            "StatusMessage": replica.message or _REPLICATED,
        }
        copy = view.find(replica.region, secret.name) if replica.status == "InSync" else None
        if copy is not None and copy.accessed_day is not None:
            entry["LastAccessedDate"] = midnight(copy.accessed_day)
        entries.append(entry)
    return entries


def _dates(secret: Secret) -> Result:
    result: Result = {"LastChangedDate": moment(secret.changed_ms)}
    if secret.accessed_day is not None:
        result["LastAccessedDate"] = midnight(secret.accessed_day)
    if secret.delete_after_ms is not None:
        result["DeletedDate"] = moment(secret.delete_after_ms)
    return result


def _origin(secret: Secret) -> Result:
    result: Result = {"OwningService": secret.owning_service} if secret.owning_service else {}
    result["CreatedDate"] = moment(secret.created_ms)
    if secret.primary_region and (secret.replicas or is_replica(secret)):
        result["PrimaryRegion"] = secret.primary_region
    return result


def _rotation_members(rotation: Rotation) -> Result:
    result: Result = {"RotationEnabled": rotation.enabled}
    if rotation.function:
        result["RotationLambdaARN"] = rotation.function
    rules: Result = {}
    if days := rotation.automatically_after_days or _days_by_schedule(rotation):
        rules["AutomaticallyAfterDays"] = days
    if rotation.duration:
        rules["Duration"] = rotation.duration
    if rotation.schedule_expression:
        rules["ScheduleExpression"] = rotation.schedule_expression
    if rules:
        result["RotationRules"] = rules
    if rotation.external_metadata:
        result["ExternalSecretRotationMetadata"] = [
            {name: text for name, text in (("Key", key), ("Value", value)) if text}
            for key, value in rotation.external_metadata
        ]
    if rotation.external_role:
        result["ExternalSecretRotationRoleArn"] = rotation.external_role
    if rotation.enabled and rotation.last_rotated_ms is not None:
        result["LastRotatedDate"] = moment(rotation.last_rotated_ms)
    return result


def _days_by_schedule(rotation: Rotation) -> int:
    """Return the days from the last rotation to the next by a schedule; 0 if there are none."""
    if not (rotation.enabled and rotation.schedule_expression and rotation.last_rotated_ms):
        return 0
    from secretctl.domain import schedule

    last_ms = rotation.last_rotated_ms
    next_ms = schedule.next_rotation_ms(rotation, last_ms, last_ms)
    return 0 if next_ms is None else next_ms // schedule.DAY_MS - last_ms // schedule.DAY_MS
