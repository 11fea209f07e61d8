"""Choosing a version of a secret, and letting go of old ones.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
and https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
"""

from __future__ import annotations

from secretctl.domain import staging
from secretctl.domain.secret import DAY_MS, Version
from secretctl.errors import ServiceError

MAX_DEPRECATED = 100
"""Most versions without a staging label."""

YOUNG_MS = DAY_MS
"""Versions younger than a day are never removed."""


def select(versions: tuple[Version, ...], version_id: str | None, stage: str | None) -> Version:
    """Return the version to be read; AWSCURRENT if neither id nor label is given.

    A version without a value (made by RotateSecret, not yet filled) cannot be read, and is
    answered as if it were not there.

    Raises:
        ServiceError: ``ResourceNotFoundException``, no such version or no value;
            ``InvalidRequestException``, the version exists without that label.
    """
    if version_id is None:
        stage = stage or staging.CURRENT
        version = staging.by_stage(versions, stage)
        sought = f"staging label: {stage}"
    else:
        version = staging.by_id(versions, version_id)
        sought = f"VersionId: {version_id}"
    if version is not None and stage is not None and stage not in version.stages:
        raise ServiceError(
            "InvalidRequestException",
            "You provided a VersionStage that is not associated to the provided VersionId.",
        )
    if version is None or not version.pin:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Secrets Manager can't find the specified secret value for {sought}",
        )
    return version


def deprecated(version: Version) -> bool:
    """Tell whether a version holds no label: hidden from lists, still readable by its id."""
    return not version.stages


def prune(
    versions: tuple[Version, ...], now_ms: int
) -> tuple[tuple[Version, ...], tuple[Version, ...]]:
    """Let go of the oldest deprecated versions beyond 100; a day old at least.

    Args:
        versions: All versions, the one being added among them.
        now_ms: Milliseconds since the epoch.

    Returns:
        Those to keep and those to remove, each in the order given.

    Raises:
        ServiceError: ``LimitExceededException``, too many remain.
    """
    unlabelled = [version for version in versions if deprecated(version)]
    excess = len(unlabelled) - MAX_DEPRECATED
    if excess <= 0:
        return versions, ()
    old = [version for version in unlabelled if now_ms - version.created_ms >= YOUNG_MS]
    if len(old) < excess:
        raise ServiceError(
            "LimitExceededException",
            f"The secret has reached the limit of {MAX_DEPRECATED} versions without staging "
            "labels. They can be removed when they are 24 hours old.",
        )
    old.sort(key=lambda version: (version.created_ms, version.serial))
    removed_ids = {version.id for version in old[:excess]}
    kept = tuple(version for version in versions if version.id not in removed_ids)
    removed = tuple(version for version in versions if version.id in removed_ids)
    return kept, removed
