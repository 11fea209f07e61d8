"""Rotation schedules."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.domain import cron, schedule
from secretctl.domain.secret import Rotation
from secretctl.errors import ServiceError

HOUR = 60 * 60 * 1000
DAY = 24 * HOUR


def ms(text: str) -> int:
    """Return the milliseconds of an ISO 8601 time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def iso(moment_ms: int | None) -> str:
    """Undo :func:`ms`."""
    assert moment_ms is not None
    return datetime.fromtimestamp(moment_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def rules(
    expression: str = "", *, days: int | None = None, duration: str = "", check: bool = True
) -> Rotation:
    """Return rules, checked."""
    if check:
        schedule.check_rules(days, duration, expression)
    return Rotation(
        enabled=True,
        automatically_after_days=days,
        duration=duration,
        schedule_expression=expression,
    )


@pytest.mark.parametrize(
    ("rotation", "last", "expected"),
    [
        (rules(days=30), "2026-01-22T06:42:22", "2026-02-21T23:59:59"),
        (rules(days=30), "2024-02-22T07:16:00", "2024-03-23T23:59:59"),
        (rules("cron(0 0 ? * 2 *)"), "2023-10-16T10:00:00", "2023-10-23T23:59:59"),
    ],
)
def test_next_date_is_as_recorded_from_aws(rotation: Rotation, last: str, expected: str) -> None:
    """The last second of the window."""
    assert expected == iso(schedule.next_rotation_ms(rotation, ms(last), ms(last)))


@pytest.mark.parametrize(
    ("rotation", "last", "now", "expected"),
    [
        (rules("rate(1 day)"), "2024-02-28T12:00:00", None, "2024-02-29T23:59:59"),
        (rules("rate(10 days)", duration="3h"), "2024-03-01T12:00:00", None, "2024-03-11T02:59:59"),
        (rules("rate(4 hours)"), "2024-03-01T06:42:00", None, "2024-03-01T10:59:59"),
        (rules("rate(4 hours)", duration="2h"), "2024-03-01T22:00:00", None, "2024-03-02T03:59:59"),
        (rules(days=1, duration="24h"), "2024-03-01T00:00:00", None, "2024-03-02T23:59:59"),
        (rules(days=30), "2024-01-01T00:00:00", "2024-06-01T12:00:00", "2024-06-01T23:59:59"),
        (
            rules(days=30, duration="3h"),
            "2024-01-01T00:00:00",
            "2024-06-01T12:00:00",
            "2024-06-02T02:59:59",
        ),
        (
            rules("rate(4 hours)"),
            "2024-01-01T00:00:00",
            "2024-06-01T12:30:00",
            "2024-06-01T12:59:59",
        ),
        (
            rules("rate(4 hours)", duration="3h"),
            "2024-06-01T08:10:00",
            "2024-06-01T13:30:00",
            "2024-06-01T14:59:59",
        ),
        (rules("cron(0 8/8 * * ? *)"), "2024-03-01T08:10:00", None, "2024-03-01T16:59:59"),
        (rules("cron(0 8/8 * * ? *)"), "2024-03-01T16:10:00", None, "2024-03-02T08:59:59"),
        (rules("cron(0 2/10 * * ? *)"), "2024-03-01T12:10:00", None, "2024-03-01T22:59:59"),
        (rules("cron(0 /8 * * ? *)"), "2024-03-01T16:10:00", None, "2024-03-02T00:59:59"),
        (rules("cron(0 8 1/7 * ? *)"), "2024-03-01T08:10:00", None, "2024-03-08T23:59:59"),
        (rules("cron(0 16 L * ? *)"), "2024-02-01T00:00:00", None, "2024-02-29T23:59:59"),
        (rules("cron(0 0 ? * SUN#1 *)"), "2024-03-03T01:00:00", None, "2024-04-07T23:59:59"),
        (
            rules("cron(0 6 ? * 2#1 *)", duration="5h"),
            "2024-03-01T00:00:00",
            None,
            "2024-03-04T10:59:59",
        ),
        (rules("cron(0 0 ? * SUNL *)"), "2024-03-01T00:00:00", None, "2024-03-31T23:59:59"),
        (rules("cron(0 0 ? * L *)"), "2024-03-01T00:00:00", None, "2024-03-02T23:59:59"),
        (
            rules("cron(0 12 ? JAN,JUL MON-FRI *)"),
            "2024-03-01T00:00:00",
            None,
            "2024-07-01T23:59:59",
        ),
        (rules("cron(0 0 1 */3 ? *)"), "2024-03-01T00:00:00", None, "2024-04-01T23:59:59"),
        (rules("cron(0 0 29 2 ? *)"), "2096-03-01T00:00:00", None, "2104-02-29T23:59:59"),
    ],
)
def test_next_date_by_expression(
    rotation: Rotation, last: str, now: str | None, expected: str
) -> None:
    """Every wildcard; windows of an hour, a day, a duration; an overdue rotation comes soon."""
    assert expected == iso(schedule.next_rotation_ms(rotation, ms(last), ms(now or last)))


def test_next_date_without_a_last_rotation_counts_from_now() -> None:
    """An open window of a cron expression still counts."""
    now = ms("2024-03-01T08:10:00")
    assert iso(schedule.next_rotation_ms(rules(days=2), None, now)) == "2024-03-03T23:59:59"
    daily = rules("cron(0 8 * * ? *)")
    assert iso(schedule.next_rotation_ms(daily, None, now)) == "2024-03-01T23:59:59"


def test_no_schedule_has_no_next_date() -> None:
    """And a calendar that ends is no error."""
    assert schedule.next_rotation_ms(rules(), 0, 0) is None
    daily = rules("cron(0 8 * * ? *)")
    assert schedule.next_rotation_ms(daily, None, 10**17) is None
    assert schedule.next_rotation_ms(daily, None, ms("9999-12-31T00:00:00")) is None


@pytest.mark.parametrize(
    "expression",
    [
        "rate(3 hours)", "rate(1 hours)", "rate(0 days)", "rate(1000 days)", "rate(23977 hours)",
        "rate(99999 days)", "rate(1 week)", "rate(-1 days)", "rate(1.5 days)", "rate(days)",
        "rate(\u0663 days)", "Rate(1 day)", "rate(1 day) ", "rate(1day)",
        "cron()", "cron(* * * * * *)", "cron(0 8 * * ?)", "cron(0 8 * * ? * *)",
        "cron(5 8 * * ? *)", "cron(0 8 * * ? 2026)", "cron(0 8 * * * *)", "cron(0 8 ? * ? *)",
        "cron(0 24 * * ? *)", "cron(0 8 0 * ? *)", "cron(0 8 32 * ? *)", "cron(0 8 * 13 ? *)",
        "cron(0 8 * FOO ? *)", "cron(0 8 ? * 0 *)", "cron(0 8 ? * 8 *)", "cron(0 8 ? * MON#6 *)",
        "cron(0 8 ? * MON#0 *)", "cron(0 8 15W * ? *)", "cron(0 8 30 2 ? *)", "cron(0 8 */0 * ? *)",
        "cron(0 8 5-3 * ? *)", "cron(0 8 1, * ? *)", "cron(0 ? * * ? *)", "cron(0 * * * ? *)",
        "cron(0 8,10 * * ? *)", "cron(0 8 MON * ? *)", "cron(0 8 ? * FRI-MON *)", "", "x" * 256,
        "cron(0 0,22 * * ? *)",
        "cron(0 8 * * ? *", "cron(0 8 -L * ? *)", "cron(0 8 ? * 9L *)",
    ],
)  # fmt: skip
def test_bad_expression_is_refused_without_echo(expression: str) -> None:
    """What breaks the dialect, comes too often or never is InvalidParameterException."""
    with pytest.raises(ServiceError) as caught:
        schedule.parse(expression)
    assert caught.value.code == "InvalidParameterException"
    assert caught.value.message.startswith("The ScheduleExpression is not valid: ")
    assert not expression or expression not in caught.value.message


@pytest.mark.parametrize(
    ("expression", "duration"),
    [
        ("rate(4 hours)", "4h"),
        ("rate(1 day)", "24h"),
        ("cron(0 8 * * ? *)", "16h"),
        ("cron(0 8/8 * * ? *)", "8h"),
        ("cron(0 2/10 * * ? *)", "2h"),
        ("cron(0 0,4 * * ? *)", "4h"),
        ("cron(0 0,22 1,15 * ? *)", "2h"),
    ],
)
def test_window_may_fill_its_room_and_no_more(expression: str, duration: str) -> None:
    """Neither into the next UTC day nor into the next window."""
    schedule.check_rules(None, duration, expression)
    longer = f"{int(duration[:-1]) + 1}h"
    with pytest.raises(ServiceError) as caught:
        schedule.check_rules(None, longer, expression)
    assert caught.value.code == "InvalidParameterException"


@pytest.mark.parametrize("duration", ["0h", "25h", "3", "h", "3m", "-1h", "\u0661h", "3h "])
def test_duration_is_one_to_twenty_four_hours(duration: str) -> None:
    """Written ``3h``."""
    with pytest.raises(ServiceError, match="Duration must be between 1h and 24h"):
        schedule.check_rules(7, duration, None)


def test_days_and_expression_exclude_each_other() -> None:
    """In AWS's words; a duration alone has nothing to measure."""
    with pytest.raises(ServiceError) as caught:
        schedule.check_rules(7, None, "rate(7 days)")
    assert (caught.value.code, caught.value.message) == (
        "InvalidParameterException",
        "You cannot specify both rotation frequency and schedule expression together.",
    )
    with pytest.raises(ServiceError):
        schedule.check_rules(None, "3h", None)
    schedule.check_rules(None, None, None)


EXPRESSIONS = st.sampled_from(
    [
        "cron(0 8 * * ? *)",
        "cron(0 0/6 * * ? *)",
        "cron(0 3 L * ? *)",
        "cron(0 23 ? * TUE#5 *)",
        "cron(0 0 ? 2,6 FRIL *)",
        "cron(0 5 31 * ? *)",
        "cron(0 4,20 ? * MON-WED *)",
    ]
)
MOMENTS = st.integers(0, ms("2200-01-01T00:00:00"))


@settings(max_examples=80)
@given(EXPRESSIONS, MOMENTS, st.none() | st.integers(0, 400 * DAY))
def test_next_cron_window_ends_after_now_and_is_the_first(
    expression: str, now: int, age: int | None
) -> None:
    """It opens on a day and hour of the expression, after the last rotation; none is skipped."""
    last = None if age is None else max(0, now - age)
    end = schedule.next_rotation_ms(rules(expression), last, now)
    assert end is not None
    assert end > now
    parsed = schedule.parse(expression)
    assert isinstance(parsed, cron.Cron)
    length = HOUR if len(parsed.hours) > 1 else DAY - parsed.hours[0] * HOUR
    start = end + 1000 - length
    assert last is None or start > last
    assert start % DAY // HOUR in parsed.hours
    day = datetime.fromtimestamp(start / 1000, UTC).date()
    assert cron.opens_on(parsed, day)
    earliest = datetime.fromtimestamp(now / 1000, UTC).date()
    for offset in range((day - earliest).days):
        between = earliest + timedelta(days=offset)
        if offset:
            assert not cron.opens_on(parsed, between)


@given(
    st.one_of(
        st.integers(1, 999).map(lambda days: (f"rate({days} days)", days * 24)),
        st.integers(4, 9999).map(lambda hours: (f"rate({hours} hours)", hours)),
    ),
    MOMENTS,
)
def test_next_rate_window_is_one_interval_on(rate: tuple[str, int], last: int) -> None:
    """Within an interval and one window of the last rotation, and after it."""
    expression, hours = rate
    end = schedule.next_rotation_ms(rules(expression), last, last)
    assert end is not None
    window = 24 if "days" in expression else 1
    assert hours * HOUR - window * HOUR < end + 1000 - last - window * HOUR <= hours * HOUR
    assert end % 1000 == 0


def refused_with(expression: str) -> str | None:
    """Return the code with which an expression is refused; None if it is read."""
    try:
        schedule.parse(expression)
    except ServiceError as error:
        return error.code
    return None


@given(st.text("0123456789 ()*?,-/#LWMONratecdys", max_size=40))
def test_no_expression_makes_anything_but_a_refusal(text: str) -> None:
    """Whatever is given, it parses or is a service error."""
    for expression in (text, f"cron({text})", f"rate({text})", f"cron(0 8 {text} * ? *)"):
        assert refused_with(expression) in (None, "InvalidParameterException")


def test_days_of_the_week_count_from_sunday() -> None:
    """1 is Sunday, 7 is Saturday."""
    sunday = date(2024, 3, 3)
    for number in range(1, 8):
        day = sunday + timedelta(days=number - 1)
        parsed = cron.parse(f"0 0 ? * {number} *")
        assert cron.opens_on(parsed, day)
        assert not cron.opens_on(parsed, day + timedelta(days=1))
