"""CreateSecret, UpdateSecret, DeleteSecret, RestoreSecret, and our own DeleteSecretVersion."""

from __future__ import annotations

from secretctl.domain import deletion, names, staging
from secretctl.domain.secret import Replica, Secret
from secretctl.domain.tags import tag
from secretctl.errors import ServiceError
from secretctl.service.listing import replication_status
from secretctl.service.replicas import add_replica, refuse_replica
from secretctl.service.replication import wanted_replicas
from secretctl.service.secrets import (
    NOT_FOUND,
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
from secretctl.service.versions import CURRENT, add_version, given_value, require_token
from secretctl.vault.transaction import Transaction
from secretctl.vault.view import Value

Result = dict[str, object]
_REENCRYPTED = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")


def create_secret(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    name: str,
    client_request_token: str | None = None,
    description: str = "",
    kms_key_id: str = "",
    secret_binary: bytes | None = None,
    secret_string: str | None = None,
    tags: list[dict[str, str]] | None = None,
    add_replica_regions: list[dict[str, str]] | None = None,
    force_overwrite_replica_secret: bool = False,
    type: str = "",  # noqa: A002 the API's name
    cross_account_primary_arn: str | None = None,
) -> Result:
    """Create a secret, with a first version when a value is given.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    """
    token = require_token(client_request_token)
    names.check_name(name)
    value = given_value(secret_string, secret_binary)
    if cross_account_primary_arn is not None:
        raise ServiceError(
            "InvalidRequestException",
            "This vault holds one account. A secret can't follow one of another account.",
        )
    replicas = wanted_replicas(session, add_replica_regions or [])
    tagged = tag(None, tags) if tags is not None else None
    with changing(session) as transaction:
        existing = transaction.find(session.region, name)
        if existing is not None:
            if not deletion.is_gone(existing, session.context.now_ms()):
                return _answer_again(session, transaction, existing, token, value)
            transaction.purge(existing)
        now_ms = session.context.now_ms()
        secret = Secret(
            region=session.region,
            name=name,
            suffix=names.suffix(session.context.random),
            number=transaction.next_number(),
            created_ms=now_ms,
            changed_ms=now_ms,
            description=description,
            kms_key_id=kms_key_id,
            type=type,
            tags=tagged,
        )
        if value is not None:
            secret = _first_version(session, transaction, secret, token, value)
        if replicas:
            secret = _with_replicas(
                transaction, secret, replicas, overwrite=force_overwrite_replica_secret
            )
        else:
            transaction.put(secret)
    return _created(session, secret, None if value is None else token)


def update_secret(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    secret_id: str,
    client_request_token: str | None = None,
    description: str | None = None,
    kms_key_id: str | None = None,
    secret_binary: bytes | None = None,
    secret_string: str | None = None,
    type: str | None = None,  # noqa: A002 the API's name
) -> Result:
    """Change what is said about a secret, and its value by adding a version.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
    """
    token = require_token(client_request_token)
    value = given_value(secret_string, secret_binary)
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        secret = before
        if description is not None:
            secret = secret._replace(description=description)
        if type is not None:
            secret = secret._replace(type=type)
        if kms_key_id is not None and kms_key_id != secret.kms_key_id:
            secret = _reencrypted(transaction, secret, kms_key_id)
        if value is not None:
            secret = (
                add_version(
                    session,
                    transaction,
                    secret,
                    token,
                    value,
                    (CURRENT,),
                    lambda: arn(session, before),
                )
                or secret
            )
        secret = keep(session, transaction, secret, before)
    result = identity(session, secret)
    if value is not None:
        result["VersionId"] = token
    return result


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
    return {**identity(session, secret), "DeletionDate": moment(deletion_ms)}


def restore_secret(session: Session, *, secret_id: str) -> Result:
    """Take a scheduled deletion back.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html
    """
    with changing(session) as transaction:
        secret = find(session, transaction, secret_id)
        refuse_replica(secret)
        if secret.delete_after_ms is not None:
            secret = keep(session, transaction, deletion.restore(secret), secret)
    return identity(session, secret)


def delete_secret_version(session: Session, *, secret_id: str, version_id: str) -> Result:
    """Remove one version for good; the one holding AWSCURRENT stays."""
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
        if version.pin:
            transaction.delete_value(before, version.serial)
        left = tuple(each for each in before.versions if each.id != version_id)
        secret = keep(session, transaction, before._replace(versions=left), before)
    return {**identity(session, secret), "VersionId": version_id}


def _first_version(
    session: Session, transaction: Transaction, secret: Secret, token: str, value: Value
) -> Secret:
    added = add_version(session, transaction, secret, token, value, (CURRENT,), str)
    assert added is not None, "a new secret has no version yet"
    return added


def _with_replicas(
    transaction: Transaction, secret: Secret, replicas: list[Replica], *, overwrite: bool
) -> Secret:
    transaction.put(secret)
    before, secret = secret, secret._replace(primary_region=secret.region)
    made = tuple(
        add_replica(transaction, secret, replica, secret.created_ms, overwrite=overwrite)
        for replica in replicas
    )
    secret = secret._replace(replicas=made)
    transaction.put(secret, before)
    return secret


def _answer_again(
    session: Session,
    transaction: Transaction,
    existing: Secret,
    token: str,
    value: Value | None,
) -> Result:
    """Answer a repeated request as the first time, refuse any other for an existing name."""
    if existing.delete_after_ms is not None:
        raise ServiceError(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled "
            "for deletion.",
        )
    version = staging.by_id(existing.versions, token)
    if version is None or not version.pin or value is None:
        raise ServiceError(
            "ResourceExistsException",
            f"The operation failed because the secret {existing.name} already exists.",
        )
    if transaction.value(existing, version) != value:
        raise ServiceError(
            "ResourceExistsException",
            f"You can't use ClientRequestToken {token} because that value is already in use "
            f"for a version of secret {arn(session, existing)}.",
        )
    return _created(session, existing, token)


def _created(session: Session, secret: Secret, version_id: str | None) -> Result:
    result = identity(session, secret)
    if version_id is not None:
        result["VersionId"] = version_id
    if secret.replicas:
        result["ReplicationStatus"] = replication_status(secret)
    return result


def _delete_nothing(session: Session, secret_id: str, days: int | None) -> Result:
    """Answer a forced deletion of what is not there as AWS does; refuse any other."""
    if days is not None:
        raise ServiceError("ResourceNotFoundException", NOT_FOUND)
    account = session.vault.account
    meant = names.parse_secret_id(secret_id, region=session.region, account=account)[0]
    suffix = meant.suffix or names.suffix(session.context.random)
    return {
        "ARN": names.arn(session.region, account, meant.name, suffix),
        "Name": meant.name,
        "DeletionDate": moment(session.context.now_ms()),
    }


def _reencrypted(transaction: Transaction, secret: Secret, kms_key_id: str) -> Secret:
    """Return *secret* under another key; the versions in use are sealed anew, as AWS does."""
    versions = []
    for version in secret.versions:
        if version.pin and any(stage in _REENCRYPTED for stage in version.stages):
            value = transaction.value(secret, version)
            pin = transaction.put_value(secret, version.serial, kms_key_id, value)
            version = version._replace(kms_key_id=kms_key_id, pin=pin)  # noqa: PLW2901 the changed record takes its place
        versions.append(version)
    return secret._replace(kms_key_id=kms_key_id, versions=tuple(versions))
