"""GetSecretValue, PutSecretValue."""

from __future__ import annotations

from secretctl.domain import staging
from secretctl.errors import SecretctlError, ServiceError
from secretctl.service.reading import choose, release
from secretctl.service.secrets import answered, arn, changing, find_to_change, identity, keep
from secretctl.service.session import Session
from secretctl.service.versions import CURRENT, add_version, given_value, require_token

Result = dict[str, object]


def get_secret_value(
    session: Session,
    *,
    secret_id: str,
    version_id: str | None = None,
    version_stage: str | None = None,
) -> Result:
    """Return the value of the version that *version_id* or *version_stage* names.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    """
    request: Result = {"SecretId": secret_id}
    if version_id is not None:
        request["VersionId"] = version_id
    if version_stage is not None:
        request["VersionStage"] = version_stage
    with session.vault.read() as view:
        (answer,) = release(session, view, [choose(session, view, request)])
    session.recorder.recorded()
    if isinstance(answer, SecretctlError):
        raise answer
    return answer


def put_secret_value(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    secret_id: str,
    client_request_token: str | None = None,
    secret_binary: bytes | None = None,
    secret_string: str | None = None,
    version_stages: list[str] | None = None,
    rotation_token: str | None = None,  # noqa: ARG001 nobody else's role is assumed here
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
