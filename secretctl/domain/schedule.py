"""When a secret is to be rotated: RotationRules and the next date.

AWS rotates at some moment of a window. ``NextRotationDate`` is the last second of the next one:
"on or before".

* AutomaticallyAfterDays, ``rate(N days)``: the window opens at midnight UTC, N days after the
  day of the last rotation, and closes at the end of that day.
* ``rate(N hours)``, four or more: the window opens N hours after the hour of the last rotation
  and closes an hour later.
* ``cron(…)``: the window opens as :mod:`secretctl.domain.cron` says. It closes an hour later
  where the schedule is in hours (several a day), else at the end of the UTC day.
* Duration, ``3h``, sets another length. A window may reach neither into the next UTC day (for
  schedules in days, and for cron) nor into the next window.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
"""

import re
from datetime import date
from functools import cache
from itertools import islice, pairwise
from typing import NamedTuple

from secretctl.domain import cron
from secretctl.domain.secret import Rotation
from secretctl.errors import ServiceError

HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS

_FEWEST_HOURS = 4
_MOST_DAYS = 999
_HOURS_OF_DAY = 24
_EPOCH = date(1970, 1, 1).toordinal()
_ANY_DAY = date(2024, 1, 1)
_MANY_DAYS = 60
_SECOND_MS = 1000
_RATE = re.compile(r"rate\( *([0-9]{1,5}) +(hours?|days?) *\)")
_CRON = re.compile(r"cron\((.*)\)")
_DURATION = re.compile(r"([0-9]{1,2})h")


class Rate(NamedTuple):
    """A fixed interval."""

    every: int
    unit_ms: int
    """An hour or a day, in milliseconds."""


def check_rules(
    automatically_after_days: int | None, duration: str | None, schedule_expression: str | None
) -> None:
    """Check RotationRules.

    Args:
        automatically_after_days: Its range is the declaration's business.
        duration: ``3h``; empty or None for the default.
        schedule_expression: ``rate(…)`` or ``cron(…)``; empty or None for none.

    Raises:
        ServiceError: ``InvalidParameterException``.
    """
    if automatically_after_days is not None and schedule_expression:
        raise _invalid(
            "You cannot specify both rotation frequency and schedule expression together."
        )
    hours = _duration_hours(duration) if duration else None
    if schedule_expression:
        _check_window(parse(schedule_expression), hours)
    elif hours is not None and automatically_after_days is None:
        raise _invalid("Duration needs AutomaticallyAfterDays or a ScheduleExpression.")


@cache  # pure, and a vault has few of them
def parse(schedule_expression: str) -> Rate | cron.Cron:
    """Read a ScheduleExpression.

    Raises:
        ServiceError: ``InvalidParameterException``.
    """
    rate = _RATE.fullmatch(schedule_expression)
    if rate:
        return _rate(int(rate[1]), DAY_MS if rate[2].startswith("day") else HOUR_MS)
    crontab = _CRON.fullmatch(schedule_expression)
    if not crontab:
        raise _expression("it must be rate(value unit) or cron(fields)")
    try:
        parsed = cron.parse(crontab[1])
    except cron.CronError as error:
        raise _expression(str(error)) from None
    if any(gap < _FEWEST_HOURS for gap in (*_gaps(parsed), _overnight_gap(parsed))):
        raise _expression("windows must be at least 4 hours apart")
    return parsed


def next_rotation_ms(rules: Rotation, last_ms: int | None, now_ms: int) -> int | None:
    """Return AWS's NextRotationDate: the last second of the next window that is still to end.

    A rotation that is overdue falls into the first window that ends after *now_ms*.

    Args:
        rules: Rules that :func:`check_rules` has accepted.
        last_ms: When the value last changed by a rotation or by hand; None if it never did,
            then an interval counts from *now_ms*.
        now_ms: Milliseconds since the epoch.

    Returns:
        Milliseconds since the epoch, a whole second; None without a schedule, or when a cron
        expression has no window before the year 9999 ends.
    """
    hours = _duration_hours(rules.duration) if rules.duration else None
    if rules.schedule_expression:
        parsed = parse(rules.schedule_expression)
    elif rules.automatically_after_days is not None:
        parsed = Rate(every=rules.automatically_after_days, unit_ms=DAY_MS)
    else:
        return None
    if isinstance(parsed, Rate):
        return _next_by_rate(parsed, hours, now_ms if last_ms is None else last_ms, now_ms)
    return _next_by_cron(parsed, hours, last_ms, now_ms)


def window_start_ms(rules: Rotation, end_ms: int) -> int:
    """Return when the window opens that ends at *end_ms*, which `next_rotation_ms` gave.

    Both are milliseconds since the epoch.
    """
    behind_ms = end_ms + _SECOND_MS
    if rules.duration:
        return behind_ms - _duration_hours(rules.duration) * HOUR_MS
    if not rules.schedule_expression:
        return behind_ms - DAY_MS
    parsed = parse(rules.schedule_expression)
    if isinstance(parsed, Rate):
        return behind_ms - parsed.unit_ms
    return behind_ms - _length_hours(parsed, parsed.hours[0], None) * HOUR_MS


def _next_by_rate(rate: Rate, hours: int | None, last_ms: int, now_ms: int) -> int:
    length = rate.unit_ms if hours is None else hours * HOUR_MS
    start = (last_ms // rate.unit_ms + rate.every) * rate.unit_ms
    if start + length - _SECOND_MS <= now_ms:  # overdue: in this hour or day, if that is not over
        start = now_ms // rate.unit_ms * rate.unit_ms
    if start + length - _SECOND_MS <= now_ms:
        start += rate.unit_ms
    return start + length - _SECOND_MS


def _next_by_cron(
    parsed: cron.Cron, hours: int | None, last_ms: int | None, now_ms: int
) -> int | None:
    earliest = now_ms if last_ms is None else max(now_ms, last_ms)
    # A window that opened yesterday has ended: none reaches into the next UTC day.
    try:
        first = date.fromordinal(earliest // DAY_MS + _EPOCH)
    except (ValueError, OverflowError):
        return None
    for day in cron.days_from(parsed, first):
        midnight = (day.toordinal() - _EPOCH) * DAY_MS
        for hour in parsed.hours:
            start = midnight + hour * HOUR_MS
            end = start + _length_hours(parsed, hour, hours) * HOUR_MS - _SECOND_MS
            if end > now_ms and (last_ms is None or start > last_ms):
                return end
    return None


def _length_hours(parsed: cron.Cron, hour: int, hours: int | None) -> int:
    if hours is not None:
        return hours
    return 1 if len(parsed.hours) > 1 else _HOURS_OF_DAY - hour


def _check_window(parsed: Rate | cron.Cron, hours: int | None) -> None:
    if hours is None:
        return
    if isinstance(parsed, Rate):
        room = parsed.every if parsed.unit_ms == HOUR_MS else _HOURS_OF_DAY
    else:
        room = min(_HOURS_OF_DAY - parsed.hours[-1], *_gaps(parsed), _HOURS_OF_DAY)
    if hours > room:
        raise _invalid(
            "The rotation window must not extend into the next rotation window or the next UTC day."
        )


def _gaps(parsed: cron.Cron) -> list[int]:
    """Return the hours between the windows of one day."""
    return [
        later - earlier for earlier, later in zip(parsed.hours[:-1], parsed.hours[1:], strict=True)
    ]


def _overnight_gap(parsed: cron.Cron) -> int:
    """Return the hours from a day's last window to the next day's first; 24 where there is none."""
    days = [day.toordinal() for day in islice(cron.days_from(parsed, _ANY_DAY), _MANY_DAYS)]
    if all(later - earlier > 1 for earlier, later in pairwise(days)):
        return _HOURS_OF_DAY
    return _HOURS_OF_DAY - parsed.hours[-1] + parsed.hours[0]


def _rate(count: int, unit_ms: int) -> Rate:
    if unit_ms == HOUR_MS and count < _FEWEST_HOURS:
        raise _expression("a rate must be at least 4 hours")
    if not 0 < count * unit_ms <= _MOST_DAYS * DAY_MS:
        raise _expression("a rate must be between 1 and 999 days")
    return Rate(every=count, unit_ms=unit_ms)


def _duration_hours(duration: str) -> int:
    matched = _DURATION.fullmatch(duration)
    if not matched or not 1 <= int(matched[1]) <= _HOURS_OF_DAY:
        raise _invalid("Duration must be between 1h and 24h.")
    return int(matched[1])


def _expression(reason: str) -> ServiceError:
    return _invalid(f"The ScheduleExpression is not valid: {reason}.")


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)
