"""Timestamps are read as AWS's tool reads them."""

from datetime import UTC, datetime

import pytest
from botocore.utils import parse_to_aware_datetime
from hypothesis import given
from hypothesis import strategies as st

from secretctl.model.timestamps import milliseconds, moment, since

NOW_MS = 1_700_000_000_000


@pytest.mark.parametrize(
    "given",
    [
        *("2026-11-24", "2026-11-24T10:00:00Z", "2026-11-24T10:00:00", "2026-11-24 10:00"),
        *("2026-11-24T10:00:00.250+02:00", "20261124T100000Z", "20261124", "0", "-5"),
        *("1795560744", "1795560744.5", 1795560744, 1795560744.5),
        *("01-27-2015", "01-27-2015, 01:16 pm", "01/27/2015, 13:16"),
        *("2015-01-27, 01:16 PM", "2015-01-27, 13:16:05", "Jan 27 2015", "27 January 2015"),
        *("2015/01/27", "2015/01/27 13:16", "Tue, 27 Jan 2015 13:16:05"),
        *("January 27, 2015 12:00 AM", "2015-01-27T13:16:00 UTC", "2015-01-27 13:16 GMT"),
        *("01/02/2015", "1/2/2015", "2015-01-27T13:16:00UTC"),
        datetime(2026, 11, 24, tzinfo=UTC),
    ],
    ids=str,
)
def test_timestamp_means_what_it_means_to_botocore(given: object) -> None:
    """ISO 8601 and seconds since 1970, in UTC where no zone is named."""
    theirs = parse_to_aware_datetime(given)
    assert milliseconds(given) == round(theirs.timestamp() * 1000)


@pytest.mark.parametrize(
    "given",
    [
        *("01-27-2015", "01/27/2015, 13:16", "2015-01-27, 01:16 PM", "Jan 27 2015"),
        *("2015-01-27", "2015-01-27T13:16:00", "27 January 2015"),
    ],
)
def test_utc_behind_a_time_without_a_zone_changes_nothing(given: str) -> None:
    """It says what holds anyway, also where AWS's tool stumbles on it."""
    assert milliseconds(f"{given} UTC") == milliseconds(given)


@pytest.mark.parametrize(
    "given",
    [
        *("", "soon", "1e400", "nan", "9" * 30, "9" * 50, "²", None, True, b"1", "1.2.3", "--1"),
        *("2015-01", "13:16", "27/01/2015", "Jan 2015", "01/27/15", "Z"),
        "2015-01-27T13:16:00+02:00 UTC",
    ],
)
def test_anything_else_is_refused(given: object) -> None:
    """The message holds nothing of it."""
    with pytest.raises((ValueError, TypeError)) as caught:
        milliseconds(given)
    assert not given or str(given) not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("30m", 1800), ("2h", 7200), ("3d", 259_200), ("1w", 604_800), ("0s", 0)],
)
def test_span_ends_now(text: str, seconds: int) -> None:
    """A span is counted back from now."""
    assert since(text, NOW_MS) == NOW_MS - seconds * 1000


def test_span_may_be_a_time_or_longer_than_time() -> None:
    """A timestamp stands for itself; what began before 1970 begins there."""
    assert since("1600000000", NOW_MS) == 1_600_000_000_000
    assert since("99999999w", NOW_MS) == 0
    for text in ("h", "-2h", "2 h", "2y", "٣d", "9" * 60 + "d"):
        with pytest.raises(ValueError, match=r"timestamp|range"):
            since(text, NOW_MS)


@given(st.integers(min_value=0, max_value=253_402_300_799_000))
def test_moment_is_the_inverse(now_ms: int) -> None:
    """A timestamp of the API gives back its milliseconds."""
    assert milliseconds(moment(now_ms)) == now_ms
