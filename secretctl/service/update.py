"""UpdateSecret."""

from __future__ import annotations

from secretctl.domain import kms
from secretctl.domain.secret import Secret
from secretctl.domain.staging import CURRENT
from secretctl.model.shapes import Result
from secretctl.service.secrets import (
    answered,
    arn,
    changing,
    find_to_change,
    identity,
    keep,
)
from secretctl.service.session import Session
from secretctl.service.versions import add_version, given_value, require_token
from secretctl.vault import resealing
from secretctl.vault.transaction import Transaction

_REENCRYPTED = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")


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
    kms.check_key_id(kms_key_id or "", session.region, session.vault.account)
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        secret = before
        if description is not None:
            secret = secret._replace(description=description)
        if type is not None:
            secret = secret._replace(type=type)
        if kms_key_id is not None:
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
                    names_key=kms_key_id is not None,
                )
                or secret
            )
        secret = keep(session, transaction, secret, before)
        result = identity(session, secret)
        if value is not None:
            result["VersionId"] = token
        return answered(session, result)


def _reencrypted(transaction: Transaction, secret: Secret, kms_key_id: str) -> Secret:
    """Return *secret* under another key; the versions in use are sealed anew, as AWS does.

    What the record says of their keys is not believed, but what they are really under.
    """
    transaction.check_keys()
    versions = []
    for version in secret.versions:
        is_used = version.pin and any(stage in _REENCRYPTED for stage in version.stages)
        if is_used and not resealing.is_under(transaction, secret, version, kms_key_id):
            value = resealing.value_to_move(transaction, secret, version, kms_key_id)
            pin = transaction.put_value(secret, version.serial, kms_key_id, value, version.id)
            version = version._replace(kms_key_id=kms_key_id, pin=pin)  # noqa: PLW2901 the changed record takes its place
        versions.append(version)
    return secret._replace(kms_key_id=kms_key_id, versions=tuple(versions))
