"""The examples of AWS's page about schedules, and leap days.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
"""

import pytest

from secretctl.domain import schedule
from tests.domain.test_schedule import iso, ms, rules

BEGIN = "2024-01-31T23:00:00"


def openings(expression: str, begin: str, count: int) -> list[str]:
    """Return when the first windows behind a moment open; each is rotated at its very end."""
    found, last_ms = [], ms(begin)
    given = rules(expression)
    for _ in range(count):
        end_ms = schedule.next_rotation_ms(given, last_ms, last_ms)
        assert end_ms is not None
        found.append(iso(schedule.window_start_ms(given, end_ms)).removesuffix(":00:00"))
        last_ms = end_ms
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # The table of examples: every eight hours from midnight, and from 8:00
        ("cron(0 /8 * * ? *)", "2024-02-01T00 2024-02-01T08 2024-02-01T16 2024-02-02T00"),
        ("cron(0 8/8 * * ? *)", "2024-02-01T08 2024-02-01T16 2024-02-02T08 2024-02-02T16"),
        # every ten hours from 2:00, and every twelve from 4:00; both begin anew each day
        ("cron(0 2/10 * * ? *)", "2024-02-01T02 2024-02-01T12 2024-02-01T22 2024-02-02T02"),
        ("cron(0 4/12 * * ? *)", "2024-02-01T04 2024-02-01T16 2024-02-02T04 2024-02-02T16"),
        # every day at 10:00; every Saturday at 18:00
        ("cron(0 10 * * ? *)", "2024-02-01T10 2024-02-02T10 2024-02-03T10 2024-02-04T10"),
        ("cron(0 18 ? * SAT *)", "2024-02-03T18 2024-02-10T18 2024-02-17T18 2024-02-24T18"),
        # the first of every month; every three months on the first Sunday
        ("cron(0 8 1 * ? *)", "2024-02-01T08 2024-03-01T08 2024-04-01T08 2024-05-01T08"),
        ("cron(0 1 ? 1/3 SUN#1 *)", "2024-04-07T01 2024-07-07T01 2024-10-06T01 2025-01-05T01"),
        # the last of every month; Monday to Friday
        ("cron(0 17 L * ? *)", "2024-02-29T17 2024-03-31T17 2024-04-30T17 2024-05-31T17"),
        ("cron(0 8 ? * MON-FRI *)", "2024-02-01T08 2024-02-02T08 2024-02-05T08 2024-02-06T08"),
        # the first and 15th; the first Sunday of every month
        ("cron(0 16 1,15 * ? *)", "2024-02-01T16 2024-02-15T16 2024-03-01T16 2024-03-15T16"),
        ("cron(0 0 ? * SUN#1 *)", "2024-02-04T00 2024-03-03T00 2024-04-07T00 2024-05-05T00"),
        # The table of wildcards: days 1 to 15, every two days from 1
        ("cron(0 8 1-15 * ? *)", "2024-02-01T08 2024-02-02T08 2024-02-03T08 2024-02-04T08"),
        ("cron(0 8 14-15 * ? *)", "2024-02-14T08 2024-02-15T08 2024-03-14T08 2024-03-15T08"),
        ("cron(0 8 1/2 * ? *)", "2024-02-01T08 2024-02-03T08 2024-02-05T08 2024-02-07T08"),
        ("cron(0 8 27/2 * ? *)", "2024-02-27T08 2024-02-29T08 2024-03-27T08 2024-03-29T08"),
        # the last Sunday; the third Tuesday
        ("cron(0 8 ? * SUNL *)", "2024-02-25T08 2024-03-31T08 2024-04-28T08 2024-05-26T08"),
        ("cron(0 8 ? * TUE#3 *)", "2024-02-20T08 2024-03-19T08 2024-04-16T08 2024-05-21T08"),
        # four months by name; months 1 to 3; every third month
        ("cron(0 8 1 JAN,APR,JUL,OCT ? *)", "2024-04-01T08 2024-07-01T08 2024-10-01T08"),
        ("cron(0 8 1 1-3 ? *)", "2024-02-01T08 2024-03-01T08 2025-01-01T08 2025-02-01T08"),
        ("cron(0 8 1 1/3 ? *)", "2024-04-01T08 2024-07-01T08 2024-10-01T08 2025-01-01T08"),
        # the first and fourth day of the week, 1 to 4, every second, the last; any
        ("cron(0 8 ? * 1,4 *)", "2024-02-04T08 2024-02-07T08 2024-02-11T08 2024-02-14T08"),
        ("cron(0 8 ? * 1-4 *)", "2024-02-04T08 2024-02-05T08 2024-02-06T08 2024-02-07T08"),
        ("cron(0 8 ? * 1/2 *)", "2024-02-01T08 2024-02-03T08 2024-02-04T08 2024-02-06T08"),
        ("cron(0 8 ? * L *)", "2024-02-03T08 2024-02-10T08 2024-02-17T08 2024-02-24T08"),
        ("cron(0 8 ? * * *)", "2024-02-01T08 2024-02-02T08 2024-02-03T08 2024-02-04T08"),
        # Rates: the window opens on the hour, or at midnight, so much later
        ("rate(4 hours)", "2024-02-01T03 2024-02-01T07 2024-02-01T11 2024-02-01T15"),
        ("rate(1 day)", "2024-02-01T00 2024-02-02T00 2024-02-03T00 2024-02-04T00"),
        ("rate(10 days)", "2024-02-10T00 2024-02-20T00 2024-03-01T00 2024-03-11T00"),
    ],
)
def test_an_example_of_aws_opens_when_its_words_say(expression: str, expected: str) -> None:
    """One after the other, over the end of a February with 29 days."""
    wanted = expected.split()
    assert openings(expression, BEGIN, len(wanted)) == wanted


@pytest.mark.parametrize(
    ("expression", "begin", "expected"),
    [
        ("cron(0 0 29 2 ? *)", "2023-03-01", "2024-02-29T00 2028-02-29T00 2032-02-29T00"),
        ("cron(0 0 29 2 ? *)", "2092-03-01", "2096-02-29T00 2104-02-29T00 2108-02-29T00"),
        ("cron(0 6 L 2 ? *)", "2098-03-01", "2099-02-28T06 2100-02-28T06 2101-02-28T06"),
        ("cron(0 6 L 2 ? *)", "1998-03-01", "1999-02-28T06 2000-02-29T06 2001-02-28T06"),
        ("cron(0 0 ? 2 THU#5 *)", "2023-03-01", "2024-02-29T00 2052-02-29T00 2080-02-29T00"),
        ("cron(0 0 ? 2 5#5 *)", "2080-03-01", "2120-02-29T00 2148-02-29T00"),
        ("cron(0 0 31 * ? *)", "2024-01-31", "2024-03-31T00 2024-05-31T00 2024-07-31T00"),
        ("rate(365 days)", "2023-03-01", "2024-02-29T00 2025-02-28T00 2026-02-28T00"),
        ("rate(24 hours)", "2024-02-28", "2024-02-29T00 2024-03-01T00 2024-03-02T00"),
    ],
)
def test_leap_days_come_when_they_come(expression: str, begin: str, expected: str) -> None:
    """Every four years, not in 2100, and in 2000; a month has its last day where it has."""
    wanted = expected.split()
    assert openings(expression, begin, len(wanted)) == wanted
