"""Staging labels: which version of a secret holds which.

* A label is on at most one version; a version holds any number, in the order attached.
* Once a version holds AWSCURRENT, exactly one does, for as long as the secret lives.
* When AWSCURRENT leaves a version, that version gets AWSPREVIOUS, and whoever held that loses it.
* Storing a value (PutSecretValue, UpdateSecret) without labels attaches AWSCURRENT.
* Storing a value with labels attaches just those, taking them from other versions. A new version
  of a secret without a current one gets AWSCURRENT besides.
* Storing a value as AWSCURRENT abandons a rotation under way: AWSPENDING disappears from every
  other version.
* UpdateSecretVersionStage moves one label. It touches no other but AWSPREVIOUS, and that only
  when AWSCURRENT moves; AWSPENDING stays where it is.
* AWSCURRENT moves, and is never removed.
* A label attached elsewhere moves only if the caller names the version that holds it.
* At most 20 labels over all versions of a secret.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
and https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
"""

from __future__ import annotations

from secretctl.domain.secret import Version
from secretctl.errors import ServiceError

CURRENT = "AWSCURRENT"
PREVIOUS = "AWSPREVIOUS"
PENDING = "AWSPENDING"
MAX_LABELS = 20


def by_stage(versions: tuple[Version, ...], stage: str) -> Version | None:
    """Return the version that holds *stage*."""
    return next((version for version in versions if stage in version.stages), None)


def by_id(versions: tuple[Version, ...], version_id: str) -> Version | None:
    """Return the version with that id."""
    return next((version for version in versions if version.id == version_id), None)


def current(versions: tuple[Version, ...]) -> Version | None:
    """Return the version that holds AWSCURRENT; None for a secret without a value."""
    return by_stage(versions, CURRENT)


def put(
    versions: tuple[Version, ...], version_id: str, stages: tuple[str, ...]
) -> tuple[Version, ...]:
    """Attach labels to the version whose value is being stored.

    Args:
        versions: All versions of the secret, the one being stored among them.
        version_id: The one being stored.
        stages: Labels asked for; none means AWSCURRENT.
    """
    old = current(versions)
    target = by_id(versions, version_id)
    assert target is not None
    wanted = stages or (CURRENT,)
    # A version RotateSecret made is not new: it holds AWSPENDING, and the last step of the
    # rotation, not the storing of its value, makes it current.
    if old is None and not target.stages and CURRENT not in wanted:
        wanted = (*wanted, CURRENT)
    for stage in wanted:
        versions = _attach(versions, stage, version_id)
    if CURRENT in wanted and (old is None or old.id != version_id):
        versions = tuple(
            version if version.id == version_id else _without(version, PENDING)
            for version in versions
        )
    return _demote(versions, old, version_id) if CURRENT in wanted else versions


def move(
    versions: tuple[Version, ...], stage: str, remove_from: str | None, move_to: str | None
) -> tuple[Version, ...]:
    """Move, attach or remove one label (UpdateSecretVersionStage).

    Moving a label to the version that holds it changes nothing.

    Raises:
        ServiceError: ``InvalidParameterException``, neither version given, no such version,
            AWSCURRENT would be removed, or *remove_from* is not the version that holds the label.
    """
    if remove_from is None and move_to is None:
        raise _invalid("You must provide RemoveFromVersionId, MoveToVersionId, or both.")
    for version_id in (remove_from, move_to):
        if version_id is not None and by_id(versions, version_id) is None:
            raise _invalid(f"Not a valid version: {version_id}")
    if stage == CURRENT and move_to is None:
        raise _invalid(
            "You can only move staging label AWSCURRENT to a different secret version. "
            "It can't be completely removed."
        )
    holder = by_stage(versions, stage)
    _check_source(stage, holder, remove_from, move_to)
    if move_to is None:
        return release(versions, stage)
    versions = _attach(versions, stage, move_to)
    return _demote(versions, holder, move_to) if stage == CURRENT else versions


def release(versions: tuple[Version, ...], stage: str) -> tuple[Version, ...]:
    """Take *stage* away from whichever version holds it."""
    return tuple(_without(version, stage) for version in versions)


def check_limit(versions: tuple[Version, ...]) -> None:
    """Check that a secret has no more labels than AWS allows.

    Raises:
        ServiceError: ``LimitExceededException``.
    """
    if sum(len(version.stages) for version in versions) > MAX_LABELS:
        raise ServiceError(
            "LimitExceededException",
            f"A secret can't have more than {MAX_LABELS} staging labels attached to its versions.",
        )


def _check_source(
    stage: str, holder: Version | None, remove_from: str | None, move_to: str | None
) -> None:
    if remove_from is None:
        if holder is not None and holder.id != move_to:
            raise _invalid(
                "The parameter RemoveFromVersionId can't be empty. Staging label "
                f"{stage} is currently attached to version {holder.id}, so you must explicitly "
                "reference that version in RemoveFromVersionId."
            )
    elif holder is None or (move_to is None and holder.id != remove_from):
        raise _invalid(f"Staging label {stage} isn't attached to version {remove_from}.")
    elif holder.id != remove_from:
        raise _invalid(
            f"When you move staging label {stage}, if you specify RemoveFromVersionId, it must "
            f"be set to the version that currently has the staging label {stage}."
        )


def _attach(versions: tuple[Version, ...], stage: str, version_id: str) -> tuple[Version, ...]:
    return tuple(
        _with(version, stage) if version.id == version_id else _without(version, stage)
        for version in versions
    )


def _demote(versions: tuple[Version, ...], old: Version | None, new_id: str) -> tuple[Version, ...]:
    """Label *old*, which has lost AWSCURRENT to another version, AWSPREVIOUS."""
    if old is None or old.id == new_id:
        return versions
    return _attach(versions, PREVIOUS, old.id)


def _with(version: Version, stage: str) -> Version:
    if stage in version.stages:
        return version
    return version._replace(stages=(*version.stages, stage))


def _without(version: Version, stage: str) -> Version:
    if stage not in version.stages:
        return version
    return version._replace(stages=tuple(held for held in version.stages if held != stage))


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)
