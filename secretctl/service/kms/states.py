"""KMS's operations that take keys out of use, for a while or for good."""

from __future__ import annotations

from secretctl.domain import kms
from secretctl.domain.secret import DAY_MS
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.kms import finding
from secretctl.service.secrets import answered, moment
from secretctl.service.session import Session

_SHORTEST_DAYS, _LONGEST_DAYS = 7, 30


def enable_key(session: Session, *, key_id: str) -> Result:
    """Take a disabled key into use again.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html
    """
    return _set(session, key_id, "EnableKey", kms.ENABLED)


def disable_key(session: Session, *, key_id: str) -> Result:
    """Take a key out of use.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
    """
    return _set(session, key_id, "DisableKey", kms.DISABLED)


def schedule_key_deletion(
    session: Session, *, key_id: str, pending_window_in_days: int = _LONGEST_DAYS
) -> Result:
    """Schedule the deletion of a key, which decrypts nothing any more from now on.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    """
    days = pending_window_in_days
    if not _SHORTEST_DAYS <= days <= _LONGEST_DAYS:
        raise ServiceError(
            "ValidationException",
            f"PendingWindowInDays must be between {_SHORTEST_DAYS} and {_LONGEST_DAYS} days "
            "(inclusive).",
        )
    with finding.owner_changing(session) as transaction:
        found = finding.key_or_default(session, transaction, key_id)
        finding.check_not_managed(session, transaction, found, "ScheduleKeyDeletion")
        finding.check_not_pending(session, found)
        until = session.context.now_ms() + days * DAY_MS
        changed = found._replace(state=kms.PENDING_DELETION, delete_after_ms=until)
        finding.keep(transaction, changed)
        result: Result = {
            "KeyId": finding.arn(session, found.id),
            "DeletionDate": moment(until),
            "KeyState": kms.PENDING_DELETION,
            "PendingWindowInDays": days,
        }
        return answered(session, result)


def cancel_key_deletion(session: Session, *, key_id: str) -> Result:
    """Take back the scheduled deletion of a key, which is disabled then.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html
    """
    with finding.owner_changing(session) as transaction:
        found = finding.key_or_default(session, transaction, key_id)
        shown = finding.arn(session, found.id)
        if found.state != kms.PENDING_DELETION:
            raise ServiceError("KMSInvalidStateException", f"{shown} is not pending deletion.")
        finding.keep(transaction, found._replace(state=kms.DISABLED, delete_after_ms=None))
        return answered(session, {"KeyId": shown})


def _set(session: Session, key_id: str, action: str, state: str) -> Result:
    with finding.owner_changing(session) as transaction:
        found = finding.key_or_default(session, transaction, key_id)
        finding.check_not_managed(session, transaction, found, action)
        finding.check_not_pending(session, found)
        finding.keep(transaction, found._replace(state=state))
    return {}
