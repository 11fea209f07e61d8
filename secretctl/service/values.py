"""PutSecretValue."""

from __future__ import annotations

from secretctl.domain import staging
from secretctl.domain.staging import CURRENT
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.secrets import answered, arn, changing, find_to_change, identity, keep
from secretctl.service.session import Session
from secretctl.service.versions import add_version, given_value, require_token

_OTHER_ROTATION = "The RotationToken isn't the one of this rotation."


def put_secret_value(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    secret_id: str,
    client_request_token: str | None = None,
    secret_binary: bytes | None = None,
    secret_string: str | None = None,
    version_stages: list[str] | None = None,
    rotation_token: str | None = None,
) -> Result:
    """Add a version with a new value.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
    """
    token = require_token(client_request_token)
    value = given_value(secret_string, secret_binary)
    if value is None:
        raise ServiceError(
            "InvalidRequestException", "You must provide either SecretString or SecretBinary."
        )
    if rotation_token is not None and not session.caller.has_rotation_token(rotation_token):
        raise ServiceError("InvalidParameterException", _OTHER_ROTATION)
    stages = tuple(dict.fromkeys(version_stages or (CURRENT,)))
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        added = add_version(
            session, transaction, before, token, value, stages, lambda: arn(session, before)
        )
        secret = before if added is None else keep(session, transaction, added, before)
        version = staging.by_id(secret.versions, token)
        result = {**identity(session, secret), "VersionId": token}
        if version is not None and version.stages:
            result["VersionStages"] = list(version.stages)
        return answered(session, result)
