"""What ``rotation status`` shows of each secret."""

from secretctl.cli.audit_table import draw
from secretctl.cli.functions import Known, lacking_of
from secretctl.context import Context
from secretctl.domain import retries, schedule
from secretctl.domain.secret import Rotation, Secret
from secretctl.errors import ConfigError
from secretctl.rotation import functions
from secretctl.service.secrets import arn, moment
from secretctl.service.session import Session

_LAST, _NEXT = "LAST (UTC)", "NEXT WINDOW (UTC)"
_HEADINGS = ("SECRET", "FUNCTION", _LAST, _NEXT, "STATE")
_REASONS = ("SECRET", "WHY")
_MINUTES = 16
"""Length of a time to the minute."""

_UNKNOWN = "its function is not registered here"
_NOT_SET = "its function has no settings for it here"
_AHEAD = "it was rotated while the clock was ahead, and waits for that time: rotate-secret helps"
OFF, WAITING, DUE, OVERDUE, FAILING = "off", "waiting", "due", "overdue", "failing"

Row = dict[str, object]


def status_rows(session: Session, secrets: list[Secret], found: Known) -> list[Row]:
    """Return what there is to say of each of *secrets*, which have a rotation.

    Args:
        session: Of the caller.
        secrets: Those of the region.
        found: What the configuration file says of functions.

    Returns:
        For each ``Name``, ``ARN``, ``Function``, ``State`` (off, waiting, due, overdue, failing);
        where known ``LastRotatedDate``, ``WindowStart``, ``NextRotationDate`` (the window's end),
        and of one that is not complete ``VersionId``, ``FailedTries``, ``FailedStep``,
        ``FailedReason``, ``NextTry``; ``Problem``, where nothing here rotates it in time.
        Times are ISO 8601.
    """
    now_ms = session.context.now_ms()
    return [
        _row(secret, secret.rotation, arn(session, secret), now_ms)
        | _problem(secret, secret.rotation, found, now_ms)
        for secret in secrets
        if secret.rotation is not None
    ]


def write_table(rows: list[Row], color: str, context: Context) -> None:
    """Write *rows* as a table, and below it why one fails: a sentence needs the whole width."""
    draw(_HEADINGS, [_cells(row) for row in rows], color, context, (_NEXT, _LAST))
    reasons: list[tuple[str, ...]] = [(str(row["Name"]), why) for row in rows if (why := _why(row))]
    if reasons:
        context.stdout.write("\n")
        draw(_REASONS, reasons, color, context)


def _row(secret: Secret, rotation: Rotation, secret_id: str, now_ms: int) -> Row:
    row: Row = {"Name": secret.name, "ARN": secret_id, "Function": rotation.function}
    pending = retries.under_way(secret)
    end_ms = rotation.next_rotation_ms
    row["State"] = _state(secret, rotation, now_ms)
    if rotation.last_rotated_ms is not None:
        row["LastRotatedDate"] = _written(rotation.last_rotated_ms)
    if rotation.enabled and end_ms is not None:
        row["WindowStart"] = _written(schedule.window_start_ms(rotation, end_ms))
        row["NextRotationDate"] = _written(end_ms)
    if pending is not None:
        row["VersionId"] = pending.id
    if rotation.failed_tries:
        row |= {"FailedTries": rotation.failed_tries, "FailedStep": rotation.failed_step}
        row["FailedReason"] = rotation.failed_why
        row["NextTry"] = "" if rotation.next_try_ms is None else _written(rotation.next_try_ms)
    return row


def _problem(secret: Secret, rotation: Rotation, found: Known, now_ms: int) -> Row:
    try:
        if lacking_of(found, rotation.function, secret.name):
            is_ours = functions.is_named(rotation.function)
            return {"Problem": _NOT_SET if is_ours else _UNKNOWN}
    except ConfigError as error:
        return {"Problem": error.message}
    waits = rotation.enabled and rotation.next_rotation_ms is not None
    is_ahead = (rotation.last_rotated_ms or 0) > now_ms + schedule.DAY_MS
    return {"Problem": _AHEAD} if waits and is_ahead else {}


def _state(secret: Secret, rotation: Rotation, now_ms: int) -> str:
    if not rotation.enabled:
        return OFF
    if rotation.failed_tries:
        return FAILING
    if not retries.is_due(secret, now_ms):
        return WAITING
    end_ms = rotation.next_rotation_ms
    return OVERDUE if end_ms is not None and end_ms < now_ms else DUE


def _cells(row: Row) -> tuple[str, ...]:
    last = _minute(row["LastRotatedDate"]) if "LastRotatedDate" in row else "never"
    return str(row["Name"]), str(row["Function"]), last, _window(row), str(row["State"])


def _window(row: Row) -> str:
    if "WindowStart" not in row:
        return ""
    start, end = _minute(row["WindowStart"]), _minute(row["NextRotationDate"])
    day = start.partition(" ")[0]
    return f"{start} to {end.removeprefix(f'{day} ')}"


def _why(row: Row) -> str:
    why = ""
    if "FailedStep" in row:
        told = f": {row['FailedReason']}" if row["FailedReason"] else ""
        again = f"; next try {_minute(row['NextTry'])}" if row["NextTry"] else ""
        why = f"{row['FailedTries']} x in {row['FailedStep']}{told}{again}"
    elif "VersionId" in row:
        why = "not complete"
    return "; ".join(filter(None, (why, str(row.get("Problem", "")))))


def _minute(written: object) -> str:
    """Return a time of a row without its seconds; it is one of UTC."""
    return str(written)[:_MINUTES].replace("T", " ")


def _written(milliseconds: int) -> str:
    return moment(milliseconds).isoformat(timespec="seconds")
