"""CreateSecret."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.domain import deletion, kms, names, staging
from secretctl.domain.secret import Replica, Secret
from secretctl.domain.staging import CURRENT
from secretctl.domain.tags import Tags, tag
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.entries import replication_status
from secretctl.service.replicas import add_replica, is_replica
from secretctl.service.replication import check_keys, wanted_replicas
from secretctl.service.secrets import (
    answered,
    arn,
    changing,
    found,
    identity,
    replacing,
)
from secretctl.service.session import Session
from secretctl.service.versions import add_version, given_value, in_use, require_token
from secretctl.vault.codec import Value
from secretctl.vault.transaction import Transaction
from secretctl.vault.view import View


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
    token, value, replicas, tagged = check(
        session.region,
        name=name,
        client_request_token=client_request_token,
        secret_binary=secret_binary,
        secret_string=secret_string,
        tags=tags,
        add_replica_regions=add_replica_regions,
        cross_account_primary_arn=cross_account_primary_arn,
    )
    kms.check_key_id(kms_key_id, session.region, session.vault.account)
    check_keys(session, replicas)
    with changing(session) as transaction:
        now_ms = session.context.now_ms()
        secret = Secret(
            region=session.region,
            name=name,
            suffix=names.suffix(session.context.random),
            number=0,
            created_ms=now_ms,
            changed_ms=now_ms,
            description=description,
            kms_key_id=kms_key_id,
            type=type,
            tags=tagged,
        )
        _authorize(session, transaction, secret)
        existing = _existing(session, transaction, name)
        if existing is not None:
            return _answer_again(session, transaction, existing, token, value)
        secret = secret._replace(number=transaction.next_number())
        found(session, secret)
        if value is not None:
            secret = _first_version(session, transaction, secret, token, value)
        if replicas:
            may = replacing(session, transaction) if force_overwrite_replica_secret else None
            secret = _with_replicas(transaction, secret, replicas, may)
        else:
            transaction.put(secret)
        return _created(session, transaction, secret, None if value is None else token)


def check(  # noqa: PLR0913 the operation's members
    region: str,
    *,
    name: str,
    client_request_token: str | None = None,
    secret_binary: bytes | None = None,
    secret_string: str | None = None,
    tags: list[dict[str, str]] | None = None,
    add_replica_regions: list[dict[str, str]] | None = None,
    cross_account_primary_arn: str | None = None,
    **_others: object,
) -> tuple[str, Value | None, list[Replica], Tags | None]:
    """Check what can be checked of a request without a vault.

    Returns:
        The token, the value, the replicas and the tags that are wanted.

    Raises:
        ServiceError: An empty vault would refuse the request too.
    """
    token = require_token(client_request_token)
    names.check_name(name)
    value = given_value(secret_string, secret_binary)
    if cross_account_primary_arn is not None:
        raise ServiceError(
            "InvalidRequestException",
            "This vault holds one account. A secret can't follow one of another account.",
        )
    replicas = wanted_replicas(region, add_replica_regions or [])
    return token, value, replicas, tag(None, tags) if tags is not None else None


def _authorize(session: Session, view: View, secret: Secret) -> None:
    act = session.recorder.act
    if act is not None and session.caller.is_bound:
        from secretctl.service.authorizing import on_new_secret

        on_new_secret(session, view, act, secret)


def _existing(session: Session, transaction: Transaction, name: str) -> Secret | None:
    """Return the secret that has the name already; one whose recovery window is over goes first."""
    existing = transaction.find(session.region, name)
    if existing is None:
        return None
    found(session, existing)
    if not deletion.is_gone(existing, session.context.now_ms()):
        return existing
    transaction.purge(existing)
    return None


def _first_version(
    session: Session, transaction: Transaction, secret: Secret, token: str, value: Value
) -> Secret:
    added = add_version(session, transaction, secret, token, value, (CURRENT,), str, names_key=True)
    assert added is not None, "a new secret has no version yet"
    return added


def _with_replicas(
    transaction: Transaction,
    secret: Secret,
    replicas: list[Replica],
    may: Callable[[Secret], None] | None,
) -> Secret:
    transaction.put(secret)
    before, secret = secret, secret._replace(primary_region=secret.region)
    made = tuple(
        add_replica(transaction, secret, replica, secret.created_ms, may) for replica in replicas
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
    if version is None or not version.pin or value is None or is_replica(existing):
        raise ServiceError(
            "ResourceExistsException",
            f"The operation failed because the secret {existing.name} already exists.",
        )
    if transaction.value(existing, version) != value:
        raise ServiceError(
            "ResourceExistsException",
            in_use(token, arn(session, existing)),
        )
    return _created(session, transaction, existing, token)


def _created(session: Session, view: View, secret: Secret, version_id: str | None) -> Result:
    result = identity(session, secret)
    if version_id is not None:
        result["VersionId"] = version_id
    if secret.replicas:
        result["ReplicationStatus"] = replication_status(view, secret)
    return answered(session, result)
