"""Adding a version to a secret, once for each ClientRequestToken."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.domain import names, staging
from secretctl.domain.secret import Secret, Version
from secretctl.domain.staging import CURRENT, PENDING
from secretctl.domain.versions import prune
from secretctl.errors import ServiceError
from secretctl.service.session import Session
from secretctl.vault.codec import Value
from secretctl.vault.transaction import Transaction

_NO_TOKEN = "You must provide a ClientRequestToken value. We recommend a UUID-type value."  # noqa: S105 a sentence, not a token


def require_token(token: str | None, code: str = "InvalidRequestException") -> str:
    """Return the ClientRequestToken, which is the new version's id.

    Raises:
        ServiceError: *code*, when there is none; ValidationException, a character that no token
            may hold.
    """
    if token is None:
        raise ServiceError(code, _NO_TOKEN)
    names.check_token(token)
    return token


def in_use(token: str, arn: str) -> str:
    """Return AWS's sentence for the id of a version that there is already."""
    return (
        f"You can't use ClientRequestToken {token} because that value is already in use "
        f"for a version of secret {arn}."
    )


def given_value(secret_string: str | None, secret_binary: bytes | None) -> Value | None:
    """Return the value that a request carries, if any.

    Raises:
        ServiceError: InvalidParameterException, when it carries two.
    """
    if secret_string is not None and secret_binary is not None:
        raise ServiceError(
            "InvalidParameterException",
            "You can't specify both a binary secret value and a string secret value in the same "
            "secret.",
        )
    if secret_string is not None:
        return Value(secret_string.encode(), is_text=True)
    return None if secret_binary is None else Value(secret_binary, is_text=False)


def add_version(  # noqa: PLR0913 each is a fact of the new version
    session: Session,
    transaction: Transaction,
    secret: Secret,
    token: str,
    value: Value,
    stages: tuple[str, ...],
    arn: Callable[[], str],
    *,
    names_key: bool = False,
) -> Secret | None:
    """Return *secret* with a new version, None when the same request was answered before.

    The request *names_key*, which the secret's record has already; else that must be the key of the
    present value.

    Raises:
        ServiceError: The token is in use for another value, or a limit is reached.
        ValueDamagedError: The record names another key than the present value is under.
        VaultDamagedError: The owner does not vouch for the KMS keys that are there.
    """
    version = staging.by_id(secret.versions, token)
    if version is not None and version.pin and _same_value(transaction, secret, version, value):
        return None
    # An empty one without these is of a rotation given up, with which a value would go on.
    if version is not None and (version.pin or not {PENDING, CURRENT} & set(version.stages)):
        raise ServiceError("ResourceExistsException", in_use(token, arn()))
    if not names_key:
        from secretctl.vault.resealing import check_destination

        transaction.check_keys()
        check_destination(transaction, secret)
    now_ms = session.context.now_ms()
    serial = version.serial if version else secret.free_serial()
    pin = transaction.put_value(secret, serial, secret.kms_key_id, value, token)
    filled = (version or Version(token, now_ms))._replace(
        kms_key_id=secret.kms_key_id, serial=serial, pin=pin
    )
    if version is None:
        versions = (*secret.versions, filled)
    else:
        versions = tuple(filled if each.id == token else each for each in secret.versions)
    before = secret
    secret = secret._replace(
        versions=staging.put(versions, token, stages),
        next_serial=max(secret.next_serial, serial + 1),
    )
    if secret.rotation is not None and CURRENT in stages:
        from secretctl.domain.retries import after_change
        from secretctl.service.rotating import changed_by_hand

        secret = secret._replace(rotation=after_change(secret.rotation, now_ms))
        secret = changed_by_hand(session, before, secret)
    staging.check_limit(secret.versions)
    return pruned(transaction, secret, now_ms)


def pruned(transaction: Transaction, secret: Secret, now_ms: int) -> Secret:
    """Return *secret* without the versions that are too old and too many."""
    kept, removed = prune(secret.versions, now_ms)
    for version in removed:
        if version.pin:
            transaction.delete_value(secret, version.serial)
    return secret._replace(versions=tuple(kept))


def _same_value(transaction: Transaction, secret: Secret, version: Version, value: Value) -> bool:
    return transaction.value(secret, version) == value
