"""Schedules by looking at every day and every hour: slow, and written apart from ours.

An expression is drawn together with what it means, so that none is ever read here.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise, takewhile
from typing import NamedTuple

from hypothesis import strategies as st

HOUR_S = 3600
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
YEARS = 41
"""29 February as one day of the week is at most forty years away."""

SOME_YEARS = 9


class Field(NamedTuple):
    """A field of an expression: how it is written, and which values it means."""

    text: str
    values: frozenset[int]


class Days(NamedTuple):
    """The two fields for days: how they are written, and which days they mean."""

    of_month: str
    of_week: str
    kind: str
    """``month``: days of the month. ``last``: its last day. ``week``: days of the week. ``nth``,
    ``final``: one of these, counted in its month, or the last there."""

    values: frozenset[int]
    nth: int = 0


class Windows(NamedTuple):
    """When windows open, and for how many hours."""

    hours: Field
    months: Field
    days: Days
    duration: int | None = None

    @property
    def expression(self) -> str:
        """The expression."""
        days = self.days
        fields = ("0", self.hours.text, days.of_month, self.months.text, days.of_week, "*")
        return f"cron({' '.join(fields)})"

    def opening(self, month: list[date]) -> list[date]:
        """Return the days of a whole month on which windows open."""
        if month[0].month not in self.months.values:
            return []
        days = self.days
        if days.kind == "last":
            return month[-1:]
        if days.kind == "month":
            return [each for each in month if each.day in days.values]
        named = [each for each in month if each.isoweekday() % 7 + 1 in days.values]
        if days.kind == "week":
            return named
        return named[-1:] if days.kind == "final" else named[days.nth - 1 : days.nth]

    def all(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield beginning and end of each window from a day on."""
        for month in months_from(first):
            for day in self.opening(month):
                midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
                for hour in range(24):
                    if hour in self.hours.values and day >= first:
                        start = midnight + timedelta(hours=hour)
                        yield start, start + timedelta(hours=self.length(hour))

    def some(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the windows of some years: how far they are apart shows in these."""
        return takewhile(lambda window: window[0].year < first.year + SOME_YEARS, self.all(first))

    def length(self, hour: int) -> int:
        """Return the hours of a window that opens at *hour*."""
        if self.duration is not None:
            return self.duration
        return 1 if len(self.hours.values) > 1 else 24 - hour

    def are_apart(self, first: date) -> bool:
        """Tell whether at least four hours lie between the beginnings of all windows."""
        starts = [start for start, _ in self.some(first)]
        return all(later - earlier >= timedelta(hours=4) for earlier, later in pairwise(starts))

    def fit(self, first: date) -> bool:
        """Tell whether no window reaches into the next one, or into the next day."""
        found = list(self.some(first))
        ends_in_day = all(
            (end - timedelta(seconds=1)).date() == start.date() for start, end in found
        )
        return ends_in_day and all(end <= later for (_, end), (later, _) in pairwise(found))


def next_end(windows: Windows, last: datetime | None, now: datetime) -> datetime | None:
    """Return the last second of the first window that ends after *now* and opens after *last*."""
    for start, end in windows.all(now.date() - timedelta(days=1)):
        final = end - timedelta(seconds=1)
        if final > now and (last is None or start > last):
            return final
    return None


def next_end_by_rate(
    every: int, unit: timedelta, duration: int | None, last: datetime, now: datetime
) -> datetime:
    """Return the same for a rate: hours begin on the hour, days at midnight.

    Once the window is over, there is one in each hour or day, from that of *now* on.
    """
    length = unit if duration is None else timedelta(hours=duration)
    final = length - timedelta(seconds=1)
    start = beginning(last, unit) + every * unit
    if start + final <= now:
        start = beginning(now, unit)
    while start + final <= now:
        start += unit
    return start + final


def beginning(moment: datetime, unit: timedelta) -> datetime:
    """Return when the hour or day of a moment begins."""
    hour = moment.hour if unit == timedelta(hours=1) else 0
    return moment.replace(hour=hour, minute=0, second=0, microsecond=0)


def months_from(first: date) -> Iterator[list[date]]:
    """Yield the days of each month, from that of *first* on."""
    days = (first.replace(day=1) + timedelta(days=offset) for offset in range(YEARS * 366))
    for _, month in groupby(days, lambda day: (day.year, day.month)):
        yield list(month)


@st.composite
def fields(draw: st.DrawFn, low: int, high: int, names: list[str]) -> Field:
    """Draw a field of numbers or names, ranges and steps."""
    items = draw(st.lists(items_of(low, high, names), min_size=1, max_size=3))
    return Field(
        ",".join(each.text for each in items),
        frozenset(value for each in items for value in each.values),
    )


@st.composite
def items_of(draw: st.DrawFn, low: int, high: int, names: list[str]) -> Field:
    """Draw one item of a field's list."""

    def written(value: int) -> str:
        is_named = draw(st.booleans()) and bool(names)
        return names[value - low] if is_named else str(value)

    first = draw(st.integers(low, high))
    last = draw(st.integers(first, high))
    step = draw(st.integers(1, high))
    kind = draw(st.sampled_from(["one", "all", "range", "from", "steps", "range steps"]))
    every = "*" if draw(st.booleans()) else ""
    text, values = {
        "one": (written(first), range(first, first + 1)),
        "all": ("*", range(low, high + 1)),
        "range": (f"{written(first)}-{written(last)}", range(first, last + 1)),
        "from": (f"{written(first)}/{step}", range(first, high + 1, step)),
        "steps": (f"{every}/{step}", range(low, high + 1, step)),
        "range steps": (
            f"{written(first)}-{written(last)}/{step}",
            range(first, last + 1, step),
        ),
    }[kind]
    return Field(text, frozenset(values))


@st.composite
def days_of(draw: st.DrawFn) -> Days:
    """Draw the two fields for days."""
    kind = draw(st.sampled_from(["month", "last", "week", "saturday", "nth", "final"]))
    if kind == "month":
        field = draw(fields(1, 31, []))
        return Days(field.text, "?", kind, field.values)
    if kind == "last":
        return Days("L", "?", kind, frozenset())
    if kind == "week":
        field = draw(fields(1, 7, WEEKDAYS))
        return Days("?", field.text, kind, field.values)
    if kind == "saturday":
        return Days("?", "L", "week", frozenset({7}))
    weekday = draw(st.integers(1, 7))
    name = draw(st.sampled_from([str(weekday), WEEKDAYS[weekday - 1]]))
    if kind == "final":
        return Days("?", f"{name}L", kind, frozenset({weekday}))
    nth = draw(st.integers(1, 5))
    return Days("?", f"{name}#{nth}", kind, frozenset({weekday}), nth)


@st.composite
def few_hours(draw: st.DrawFn) -> Field:
    """Draw hours, mostly so far apart that they may be used."""
    first, step = draw(st.integers(0, 23)), draw(st.integers(4, 23))
    steps = Field(f"{first}/{step}", frozenset(range(first, 24, step)))
    one = Field(str(first), frozenset({first}))
    return draw(st.sampled_from([steps, one]) | fields(0, 23, []))


WINDOWS = st.builds(
    Windows,
    few_hours(),
    fields(1, 12, MONTHS),
    days_of(),
    st.none() | st.integers(1, 24),
)
