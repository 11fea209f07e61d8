"""When a rotation is due, and when one that failed is tried again. Pure.

AWS retries a rotation some times within the open window and does not say when. Here it is after a
minute, five, thirty, then every hour for a day from its beginning; then in the next window.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
"""

from __future__ import annotations

from secretctl.domain import schedule, staging
from secretctl.domain.secret import ROTATING, TESTING, Rotation, Secret, Version

_MINUTE_MS = 60 * 1000
_FIRST_MINUTES = (1, 5, 30)


def under_way(secret: Secret) -> Version | None:
    """Return the version of a rotation that is not complete: pending, and not current."""
    pending = staging.by_stage(secret.versions, staging.PENDING)
    if pending is None or staging.CURRENT in pending.stages:
        return None
    return pending


def stands_in_the_way(secret: Secret, token: str, *, tries_out: bool) -> bool:
    """Tell whether a rotation that is not complete keeps the one of *token* from being begun.

    Its own version is gone on with. But what a function was tried on is taken away, which may be a
    copy that an earlier try has left, and not the version of a rotation.
    """
    pending = under_way(secret)
    if pending is None:
        return False
    is_copy = secret.rotation is not None and secret.rotation.doing == TESTING
    return pending.id != token or (tries_out and not is_copy)


def unfinished(secret: Secret) -> Version | None:
    """Return the version of a rotation that is to be gone on with.

    One that is current already was left behind by a kill, unless somebody labelled it so.
    """
    pending, rotation = staging.by_stage(secret.versions, staging.PENDING), secret.rotation
    is_ours = rotation is not None and rotation.doing == ROTATING
    return pending if is_ours else under_way(secret)


def is_due(secret: Secret, now_ms: int) -> bool:
    """Tell whether a rotation is to be begun, or tried again."""
    at_ms = due_ms(secret)
    return at_ms is not None and at_ms <= now_ms


def due_ms(secret: Secret) -> int | None:
    """Return from when on a rotation is to be begun, or tried again; None where it is not to be."""
    rotation = secret.rotation
    if rotation is None or not rotation.enabled or secret.delete_after_ms is not None:
        return None
    if secret.primary_region not in ("", secret.region):  # of a replica, the primary is rotated
        return None
    if unfinished(secret) is not None:
        return rotation.next_try_ms or 0
    if rotation.next_rotation_ms is None:
        return None
    return schedule.window_start_ms(rotation, rotation.next_rotation_ms)


def wait_ms(tries: int) -> int:
    """Return for how many milliseconds to wait after that many tries, one at least."""
    if tries > len(_FIRST_MINUTES):
        return schedule.HOUR_MS
    return _FIRST_MINUTES[tries - 1] * _MINUTE_MS


def after_failure(rotation: Rotation, began_ms: int, step: str, why: str, now_ms: int) -> Rotation:
    """Return *rotation* after one more try that failed.

    Args:
        rotation: As it was.
        began_ms: When the rotation began, milliseconds since 1970.
        step: In which it failed.
        why: A static sentence.
        now_ms: Milliseconds since 1970.
    """
    tries = rotation.failed_tries + 1
    at_ms = now_ms + wait_ms(tries)
    if at_ms > began_ms + schedule.DAY_MS:
        end_ms = rotation.next_rotation_ms
        if end_ms is None or end_ms <= now_ms:
            end_ms = schedule.next_rotation_ms(rotation, now_ms, now_ms)
        if end_ms is not None:
            at_ms = max(at_ms, schedule.window_start_ms(rotation, end_ms))
    return rotation._replace(
        failed_tries=tries, next_try_ms=at_ms, failed_step=step, failed_why=why
    )


def after_change(rotation: Rotation, now_ms: int) -> Rotation:
    """Return *rotation* after the value changed just now, by a rotation or by hand."""
    if not rotation.enabled:
        return begun_anew(rotation)
    next_ms = schedule.next_rotation_ms(rotation, now_ms, now_ms)
    return begun_anew(rotation)._replace(next_rotation_ms=next_ms)


def begun_anew(rotation: Rotation) -> Rotation:
    """Return *rotation* with nothing under way, and no try that failed."""
    return rotation._replace(
        failed_tries=0, next_try_ms=None, failed_step="", doing="", failed_why=""
    )
