"""UpdateSecretVersionStage: moving staging labels between versions."""

from __future__ import annotations

from secretctl.domain import staging
from secretctl.domain.secret import Secret
from secretctl.domain.staging import CURRENT, PENDING
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.secrets import answered, changing, find_to_change, identity, keep
from secretctl.service.session import Session
from secretctl.service.versions import pruned

_GIVEN_UP = "The rotation that made this version was abandoned."


def update_secret_version_stage(
    session: Session,
    *,
    secret_id: str,
    version_stage: str,
    remove_from_version_id: str | None = None,
    move_to_version_id: str | None = None,
) -> Result:
    """Move a label to another version, or take it away.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
    """
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        if version_stage == CURRENT and session.caller.is_function:
            _check_pending(before, move_to_version_id or "")
        versions = staging.move(
            before.versions, version_stage, remove_from_version_id, move_to_version_id
        )
        staging.check_limit(versions)
        now_ms = session.context.now_ms()
        secret = pruned(transaction, before._replace(versions=versions), now_ms)
        if secret.rotation is not None:
            from secretctl.service.rotating import changed_by_hand

            secret = changed_by_hand(session, before, secret)
        secret = keep(session, transaction, secret, before)
        return answered(session, identity(session, secret))


def _check_pending(secret: Secret, version_id: str) -> None:
    """See that a function makes no version current whose rotation was given up meanwhile.

    Raises:
        ServiceError: InvalidRequestException; ours, AWS lets a function do so.
    """
    version = staging.by_id(secret.versions, version_id)
    if version is not None and not {PENDING, CURRENT} & set(version.stages):
        raise ServiceError("InvalidRequestException", _GIVEN_UP)
