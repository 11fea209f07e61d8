"""Numbers and times: what is read, in which order it is, and that no length is too much."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.policy import grammar, quantities
from secretctl.policy.grammar import MAX_CHARACTERS
from tests.policy.cases import document, meets, statement

SIGNS = st.sampled_from(["", "+", "-"])
DIGITS = st.text("019", min_size=1, max_size=4)
NUMBERS = st.builds(
    "{}{}{}{}".format,
    SIGNS,
    DIGITS,
    st.just("") | DIGITS.map(".{}".format),
    st.just("") | st.builds("{}{}{}".format, st.sampled_from("eE"), SIGNS, st.integers(0, 5)),
)


@given(NUMBERS, NUMBERS)
def test_numbers_have_their_order(one: str, other: str) -> None:
    """However they are written: with zeros, a point, a power of ten."""
    read, other_read = quantities.number(one), quantities.number(other)
    assert read is not None
    assert other_read is not None
    assert (read < other_read) == (Fraction(one) < Fraction(other))
    assert (read == other_read) == (Fraction(one) == Fraction(other))


@pytest.mark.parametrize("length", [41, 65, 4301, MAX_CHARACTERS])
def test_number_of_any_length_is_read(length: int) -> None:
    """Exactly, to its last digit: Python makes no integer of more than 4,300."""
    many, fewer = "9" * length, "9" * (length - 1) + "8"
    for small, large in ((fewer, many), ("-" + many, "-" + fewer), (f"0.{fewer}", f"0.{many}")):
        read_small, read_large = quantities.number(small), quantities.number(large)
        assert read_small is not None
        assert read_large is not None
        assert read_small < read_large
    assert meets("NumericEquals", "7", {"k": "0" * length + "7." + "0" * length})
    assert meets("NumericGreaterThan", "7", {"k": many})


def test_long_number_in_a_policy_is_well_formed() -> None:
    """As long as the document may be."""
    condition = {"NumericLessThan": {"k": "9" * (MAX_CHARACTERS - 200)}}
    policy, faults = grammar.read(document(statement(Condition=condition)), "identity")
    assert policy is not None, faults
    assert meets("NumericLessThan", "9" * 5000, {"k": "9" * 4999})


@pytest.mark.parametrize(
    ("small", "large"), [("9e-999999", "1e-9"), ("1e9", "1e999999999"), ("-1e999999999", "-1e9")]
)
def test_power_of_any_size_is_cheap(small: str, large: str) -> None:
    """Nobody writes out its zeros."""
    assert meets("NumericLessThan", large, {"k": small})
    assert not meets("NumericLessThan", small, {"k": large})


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "+-1", "-+1", "--1", ".5", "5.", "1..1", "1.-1", "1_0", " 1", "1 ", "1\n"),
        *("e1", "1e", "1e+", "1e--1", "1e1.5", "0x1", "nan", "Infinity", "\uff11"),
        *("1e" + "1" * 19, "1e" + "1" * 5000, "1" * 5000 + "x"),
    ],
    ids=lambda text: repr(text[:9]),
)
def test_what_is_no_number_is_not_read(text: str) -> None:
    """Nothing is guessed, and nothing raised."""
    assert quantities.number(text) is None
    assert quantities.moment(text) is None


TIMES = st.datetimes(datetime(1960, 1, 1), datetime(1980, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 it gets its zone here
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(TIMES, OFFSETS)
def test_times_are_seconds_since_1970(time: datetime, offset: timezone) -> None:
    """In any zone, on both sides of 1970, to the last digit of a fraction."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    millionths = (time - epoch) // timedelta(microseconds=1)
    read = quantities.moment(time.astimezone(offset).isoformat())
    assert read == quantities.moment(f"{millionths}e-6")
    assert quantities.moment(time.replace(tzinfo=None).isoformat() + "Z") == read


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026", "2026-01-01T00:00:00Z"),
        ("1970", "0"),
        ("2026-03", "2026-03-01T00:00:00Z"),
        ("2026-03-01", "2026-03-01T00:00Z"),
        ("2024-02-29", "1709164800"),
        ("0001-01-01", "-62135596800"),
        ("2026-03-01T12:00+00:00", "2026-03-01T12:00:00.000Z"),
        ("2026-03-01T00:30+01:00", "2026-02-28T23:30:00Z"),
        ("1969-12-31T23:59:59.25Z", "-0.75"),
        ("1969-12-31T23:59:59." + "0" * 5000 + "Z", "-1"),
        ("2026-03-01T12:00:00." + "5" * 5000 + "Z", "1772366400." + "5" * 5000),
        ("17723", "17723.0"),
    ],
    ids=lambda text: text[:25],
)
def test_forms_of_a_time(text: str, same: str) -> None:
    """Those of W3C's profile, and seconds; four digits are a year."""
    assert quantities.moment(text) == quantities.moment(same) is not None


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-01T12:00:00", "2026-03-01T12:00", "2026-03-01T12:00:00+0200"),
        *("2026-03-01T12:00:00+02", "2026-03-01T12:00:00 02:00", "2026-03-01T12:00:00+24:00"),
        *("2026-03-01T12:00:00+02:60", "2026-03-01T12:00:00z", "2026-03-01t12:00:00Z"),
        *("2026-03-01 12:00:00Z", "2026-03-01T12Z", "2026-03-01T12:00.5Z", "2026-03-01T12:00:00.Z"),
        *("2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:60Z"),
        *("2026-03-01T12:0Z", "2026-03-01T12:00:Z", "2026-03-01T12:00:000Z", "2026-03-01T1200Z"),
        *("2026-03-01T", "2026-03-01TZ", "2026-03-01T+00:00", "2026-03T12:00Z", "2026T12:00Z"),
        *("2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-1-1", "2026-", "2026-03-"),
        *("2026-03-01-01", "0000", "0000-01-01", "2026-W09-7", "20260301T120000Z", "+2026-03-01"),
        *("2026-03-01Z", "\uff12026-03-01", "2026-03-01\n", "2026-03-01T12:00:00Z\n"),
        *("2026-03-01T12:00ZZ", "2026-03-01T12:00:00:00Z"),
    ],
    ids=repr,
)
def test_what_is_no_time_is_malformed_in_a_policy_and_unread_in_a_request(text: str) -> None:
    """A time without a zone is one of them: it is at another moment everywhere."""
    condition = {"DateLessThan": {"k": text}}
    policy, faults = grammar.read(document(statement(Condition=condition)), "identity")
    assert policy is None
    assert [fault.message for fault in faults] == ["the value is not a time"]
    assert not meets("DateLessThan", "9999-12-31", {"k": text})
    assert not meets("DateGreaterThan", "1970-01-01", {"k": text})


def test_network_of_any_length_is_refused_quietly() -> None:
    """A prefix of thousands of digits is none."""
    assert quantities.network("10.0.0.0/" + "0" * 5000 + "8") is None
