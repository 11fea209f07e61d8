"""Secrets Manager's dialect of ``cron(Minutes Hours Day-of-month Month Day-of-week Year)``.

* Minutes are 0 and the year is ``*``; windows open on the hour, in UTC.
* Hours 0-23, days of the month 1-31, months 1-12 or JAN-DEC, days of the week 1-7 or SUN-SAT,
  with ``*``, lists, ranges and steps; ``/8`` is ``*/8``. Steps of hours begin anew each day.
* Just one of day-of-month and day-of-week is ``?``.
* Day of the month ``L`` is the last one. Day of the week ``L`` is Saturday, ``SUNL`` the last
  Sunday of the month, ``2#1`` its first Monday.
* ``W`` (nearest weekday) is not among the wildcards AWS lists, and refused.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = 6
_LAST = -1
_WEEK = timedelta(days=7)
_SEARCHED_DAYS = 41 * 366
"""29 February may be eight years away (2096 to 2104), and as one weekday forty."""

_ITEM = re.compile(r"(?:\*|([A-Z]{3}|[0-9]{1,2})(?:-([A-Z]{3}|[0-9]{1,2}))?)?(?:/([0-9]{1,2}))?")
_LAST_WEEKDAY = re.compile(r"([A-Z]{3}|[0-9])L")
_NTH_WEEKDAY = re.compile(r"([A-Z]{3}|[0-9])#([1-5])")


class CronError(ValueError):
    """The expression is not one; the message says which field, and never what was given."""


class Cron(NamedTuple):
    """When windows open."""

    hours: tuple[int, ...]
    months: frozenset[int]
    days: frozenset[int] | None
    """Days of the month, -1 the last; None for ``?``."""

    weekdays: frozenset[int] | None
    """Days of the week, Sunday 1; None for ``?``."""

    nth: int = 0
    """Which such weekday of the month, -1 the last; 0 for every one."""


def parse(fields: str) -> Cron:
    """Read what stands between the parentheses.

    Raises:
        CronError: It breaks the dialect, or means a day that never comes.
    """
    parts = fields.split()
    if len(parts) != _FIELDS:
        raise CronError("cron needs six fields")
    minutes, hours, days, months, weekdays, year = parts
    if minutes != "0":
        raise CronError("the minutes must be 0")
    if year != "*":
        raise CronError("the year must be *")
    if (days == "?") == (weekdays == "?"):
        raise CronError("one of day-of-month and day-of-week must be ?")
    weekday_set, nth = _weekdays(weekdays)
    cron = Cron(
        hours=tuple(sorted(_values(hours, "hours", 0, 23))),
        months=_values(months, "month", 1, 12, _MONTHS),
        days=_days(days),
        weekdays=weekday_set,
        nth=nth,
    )
    if next(days_from(cron, date(2000, 1, 1)), None) is None:
        raise CronError("that day never comes")
    return cron


def opens_on(cron: Cron, day: date) -> bool:
    """Tell whether a window opens on that day (UTC)."""
    if day.month not in cron.months:
        return False
    if cron.days is not None:
        last = (day + timedelta(days=1)).month != day.month
        return day.day in cron.days or (last and _LAST in cron.days)
    if cron.weekdays is not None and day.isoweekday() % 7 + 1 not in cron.weekdays:
        return False
    if cron.nth == _LAST:
        return (day + _WEEK).month != day.month
    return cron.nth in (0, (day.day - 1) // 7 + 1)


def days_from(cron: Cron, first: date) -> Iterator[date]:
    """Yield the days on which windows open, from *first* on, for 41 years."""
    # The rules look a week ahead.
    end = min(first.toordinal() + _SEARCHED_DAYS, (date.max - _WEEK).toordinal())
    for ordinal in range(first.toordinal(), end):
        day = date.fromordinal(ordinal)
        if opens_on(cron, day):
            yield day


def _days(text: str) -> frozenset[int] | None:
    if text == "?":
        return None
    if text == "L":
        return frozenset({_LAST})
    return _values(text, "day-of-month", 1, 31)


def _weekdays(text: str) -> tuple[frozenset[int] | None, int]:
    if text == "?":
        return None, 0
    if text == "L":
        return frozenset({7}), 0
    last = _LAST_WEEKDAY.fullmatch(text)
    if last:
        return _values(last[1], "day-of-week", 1, 7, _WEEKDAYS), _LAST
    nth = _NTH_WEEKDAY.fullmatch(text)
    if nth:
        return _values(nth[1], "day-of-week", 1, 7, _WEEKDAYS), int(nth[2])
    return _values(text, "day-of-week", 1, 7, _WEEKDAYS), 0


def _values(
    text: str, field: str, low: int, high: int, names: tuple[str, ...] = ()
) -> frozenset[int]:
    """Read a list of numbers or names, ranges and steps."""
    values: set[int] = set()
    for item in text.split(","):
        values.update(_item(item, field, low, high, names))
    return frozenset(values)


def _item(item: str, field: str, low: int, high: int, names: tuple[str, ...]) -> range:
    matched = _ITEM.fullmatch(item)
    if not item or not matched:
        raise CronError(f"the {field} cannot be read")
    first, last, step = matched.groups()
    start = low if first is None else _number(first, field, low, names)
    # A step behind a single number runs to the end of the field: 2/10 is 2, 12 and 22.
    open_ended = first is None or step is not None
    stop = (high if open_ended else start) if last is None else _number(last, field, low, names)
    if not low <= start <= stop <= high or step in ("0", "00"):
        raise CronError(f"the {field} is out of range")
    return range(start, stop + 1, int(step or 1))


def _number(text: str, field: str, low: int, names: tuple[str, ...]) -> int:
    if text[0].isdigit():
        return int(text)
    if text not in names:
        raise CronError(f"the {field} cannot be read")
    return names.index(text) + low
