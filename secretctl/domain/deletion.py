"""The recovery window between DeleteSecret and the end.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
"""

from __future__ import annotations

from secretctl.domain.secret import DAY_MS, Secret
from secretctl.errors import ServiceError

DEFAULT_DAYS = 30
FEWEST_DAYS = 7
MOST_DAYS = 30


def window_days(recovery_window_in_days: int | None, force: bool | None) -> int | None:  # noqa: FBT001 the API's two members, in its order
    """Return the length of the recovery window in days; None for deletion at once.

    The range is checked first, forced or not, as AWS does.

    Raises:
        ServiceError: ``InvalidParameterException``, outside 7 to 30 days, or both are given.
    """
    if recovery_window_in_days is None:
        return None if force else DEFAULT_DAYS
    if not FEWEST_DAYS <= recovery_window_in_days <= MOST_DAYS:
        raise ServiceError(
            "InvalidParameterException",
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        )
    if force:
        raise ServiceError(
            "InvalidParameterException",
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        )
    return recovery_window_in_days


def is_gone(secret: Secret, now_ms: int) -> bool:
    """Tell whether the recovery window of a deleted secret is over."""
    return secret.delete_after_ms is not None and now_ms >= secret.delete_after_ms


def check_not_deleted(secret: Secret) -> None:
    """Check that deletion of the secret is not scheduled.

    Raises:
        ServiceError: ``InvalidRequestException``.
    """
    if secret.delete_after_ms is not None:
        raise ServiceError(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        )


def schedule(secret: Secret, now_ms: int, days: int) -> Secret:
    """Return the secret with its deletion scheduled in that many days."""
    return secret._replace(deleted_ms=now_ms, delete_after_ms=now_ms + days * DAY_MS)


def restore(secret: Secret) -> Secret:
    """Return the secret with no deletion scheduled; none may have been."""
    return secret._replace(deleted_ms=None, delete_after_ms=None)
