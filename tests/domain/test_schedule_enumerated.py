"""Next dates beside those found by looking at every day and every hour."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from secretctl.domain import schedule
from secretctl.domain.secret import Rotation
from secretctl.errors import ServiceError
from tests.domain.slow_schedule import WINDOWS, Windows, next_end, next_end_by_rate

FIRST = date(2000, 1, 1)
LAST_HOURS = 108 * 366 * 24
MOMENTS = st.builds(
    lambda hours, more: datetime(1999, 12, 30, tzinfo=UTC) + timedelta(hours=hours) + more,
    st.integers(0, LAST_HOURS),
    st.integers(0, 3_599_999).map(lambda ms: timedelta(milliseconds=ms)),
)
AGES = st.none() | st.timedeltas(timedelta(0), timedelta(days=500))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def milliseconds(moment: datetime | None) -> int | None:
    """Return a moment as the vault keeps it."""
    return None if moment is None else (moment - EPOCH) // MS


def refused(expression: str, duration: int | None) -> bool:
    """Tell whether the rules are refused."""
    try:
        schedule.check_rules(None, None if duration is None else f"{duration}h", expression)
    except ServiceError as error:
        return error.code == "InvalidParameterException"
    return False


def rules(expression: str, duration: int | None) -> Rotation:
    """Return rules."""
    written = "" if duration is None else f"{duration}h"
    return Rotation(enabled=True, schedule_expression=expression, duration=written)


@settings(max_examples=40, deadline=None)
@given(WINDOWS)
def test_what_is_taken_is_what_leaves_room(windows: Windows) -> None:
    """Four hours between windows, which reach neither into the next one nor into the next day."""
    comes = next(windows.all(FIRST), None) is not None
    expected = comes and windows.are_apart(FIRST) and windows.fit(FIRST)
    assert refused(windows.expression, windows.duration) == (not expected)


@settings(deadline=None)
@given(WINDOWS, MOMENTS, AGES)
def test_the_next_date_of_cron_is_the_first_that_is_found(
    windows: Windows, now: datetime, age: timedelta | None
) -> None:
    """The last second of a window, through leap days, ends of months and turns of centuries."""
    assume(not refused(windows.expression, windows.duration))
    last = None if age is None else now - age
    found = schedule.next_rotation_ms(
        rules(windows.expression, windows.duration), milliseconds(last), milliseconds(now) or 0
    )
    assert found == milliseconds(next_end(windows, last, now))


@given(
    st.sampled_from(["hours", "days"]),
    st.integers(1, 999),
    st.none() | st.integers(1, 24),
    MOMENTS,
    st.timedeltas(timedelta(0), timedelta(days=60)),
)
def test_the_next_date_of_a_rate_is_the_first_that_is_found(
    unit: str, every: int, duration: int | None, last: datetime, age: timedelta
) -> None:
    """So many hours or days on; once that is over, the first that ends after now."""
    expression = f"rate({every} {unit})"
    assume(not refused(expression, duration))
    now, one = last + age, timedelta(**{unit: 1})
    expected = next_end_by_rate(every, one, duration, last, now)
    found = schedule.next_rotation_ms(
        rules(expression, duration), milliseconds(last), milliseconds(now) or 0
    )
    assert found == milliseconds(expected)


@given(WINDOWS, MOMENTS, st.sampled_from([-1, 0, 1]))
def test_a_window_lasts_until_its_last_second(windows: Windows, now: datetime, offset: int) -> None:
    """One millisecond before that second it is still the next; in it, the one behind is."""
    assume(not refused(windows.expression, windows.duration))
    given_rules = rules(windows.expression, windows.duration)
    end_ms = schedule.next_rotation_ms(given_rules, None, milliseconds(now) or 0)
    assert end_ms is not None
    again_ms = schedule.next_rotation_ms(given_rules, None, end_ms + offset)
    assert again_ms is not None
    assert (again_ms == end_ms) == (offset < 0)
    assert schedule.window_start_ms(
        given_rules, end_ms
    ) == end_ms + 1000 - 3_600_000 * windows.length(min(windows.hours.values))


@pytest.mark.parametrize("duration", range(1, 25))
@pytest.mark.parametrize(
    ("expression", "room"),
    [
        ("rate(4 hours)", 4), ("rate(30 hours)", 24), ("rate(1 day)", 24), ("rate(10 days)", 24),
        ("cron(0 0 * * ? *)", 24), ("cron(0 20 L * ? *)", 4), ("cron(0 23 ? * 2#1 *)", 1),
        ("cron(0 0/6 * * ? *)", 6), ("cron(0 3,8,20 1 * ? *)", 4), ("cron(0 3,8,14 1 * ? *)", 5),
    ],
)  # fmt: skip
def test_a_duration_is_taken_as_far_as_there_is_room(
    expression: str, room: int, duration: int
) -> None:
    """Every one from 1h to 24h: up to the next window, and up to the end of the day."""
    assert refused(expression, duration) == (duration > room)
