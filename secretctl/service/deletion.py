"""DeleteSecret, RestoreSecret, and our own DeleteSecretVersion."""

from __future__ import annotations

from secretctl.domain import deletion, names, staging
from secretctl.domain.secret import Version
from secretctl.domain.staging import CURRENT
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.replicas import refuse_replica
from secretctl.service.secrets import (
    answered,
    arn,
    changing,
    find,
    find_to_change,
    identity,
    keep,
    lookup,
    moment,
)
from secretctl.service.session import Session


def delete_secret(
    session: Session,
    *,
    secret_id: str,
    recovery_window_in_days: int | None = None,
    force_delete_without_recovery: bool | None = None,
) -> Result:
    """Schedule a secret's deletion, or delete it at once when that is forced.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
    """
    days = deletion.window_days(recovery_window_in_days, force_delete_without_recovery)
    with changing(session) as transaction:
        now_ms = session.context.now_ms()
        secret = lookup(session, transaction, secret_id)
        if secret is None:
            return _delete_nothing(session, secret_id, days)
        refuse_replica(secret)
        if secret.replicas:
            regions = ", ".join(replica.region for replica in secret.replicas)
            raise ServiceError(
                "InvalidParameterException",
                f"You can't delete secret {arn(session, secret)} that still has replica regions "
                f"[{regions}]",
            )
        if days is None:
            transaction.purge(secret)
            deletion_ms = now_ms
        else:
            deletion.check_not_deleted(secret)
            secret = deletion.schedule(before := secret, now_ms, days)
            keep(session, transaction, secret, before)
            deletion_ms = now_ms if secret.delete_after_ms is None else secret.delete_after_ms
        result = {**identity(session, secret), "DeletionDate": moment(deletion_ms)}
        return answered(session, result)


def restore_secret(session: Session, *, secret_id: str) -> Result:
    """Take a scheduled deletion back.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html
    """
    with changing(session) as transaction:
        secret = find(session, transaction, secret_id)
        refuse_replica(secret)
        if secret.delete_after_ms is not None:
            secret = keep(session, transaction, deletion.restore(secret), secret)
        return answered(session, identity(session, secret))


def delete_secret_version(session: Session, *, secret_id: str, version_id: str) -> Result:
    """Remove one version for good, which no staging label leads to.

    That is when AWS, too, takes a version for one that nobody needs: deprecated.

    See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
    """
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        version = staging.by_id(before.versions, version_id)
        if version is None:
            raise ServiceError(
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret value for VersionId: "
                + version_id,
            )
        if CURRENT in version.stages:
            raise ServiceError(
                "InvalidRequestException",
                "You can't delete the version that staging label AWSCURRENT is attached to.",
            )
        if version.stages:
            raise _labelled(version)
        if version.pin:
            transaction.delete_value(before, version.serial)
        left = tuple(each for each in before.versions if each.id != version_id)
        secret = keep(session, transaction, before._replace(versions=left), before)
        return answered(session, {**identity(session, secret), "VersionId": version_id})


def _labelled(version: Version) -> ServiceError:
    """Return the refusal to remove a version that labels lead to."""
    first, *_ = labels = sorted(version.stages)
    return ServiceError(
        "InvalidRequestException",
        f"You can't delete a version that staging labels are attached to: {', '.join(labels)}.",
        f"secretctl update-secret-version-stage --version-stage {first} --remove-from-version-id "
        f"{version.id} --secret-id ID, for each of them",
    )


def _delete_nothing(session: Session, secret_id: str, days: int | None) -> Result:
    """Answer a forced deletion of what is not there as AWS does; refuse any other."""
    if days is not None:
        raise names.not_found()
    account = session.vault.account
    meant = names.parse_secret_id(secret_id, region=session.region, account=account)[0]
    suffix = meant.suffix or names.suffix(session.context.random)
    return {
        "ARN": names.arn(session.region, account, meant.name, suffix),
        "Name": meant.name,
        "DeletionDate": moment(session.context.now_ms()),
    }
