"""Timestamps as requests give them, and spans of time up to now.

AWS's tool takes ISO 8601, seconds since 1970 and what people write, with the month first; a time
without a zone is UTC, as with botocore. Of what it takes besides, nothing is guessed here: a time
without its day, a month without one, two numbers that could be either.
See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-types.html
"""

from __future__ import annotations

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import UTC, datetime, timedelta
else:
    try:  # ``datetime`` in Python 3.11 defines all of it a second time, in Python
        from _datetime import UTC, datetime, timedelta
    except ImportError:  # pragma: no cover - another interpreter
        from datetime import UTC, datetime, timedelta

__all__ = [
    "HINT",
    "UTC",
    "datetime",
    "is_moment",
    "milliseconds",
    "moment",
    "since",
    "timedelta",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LAST_SECOND = 253_402_300_799
_TWO_DAYS_MS = 172_800_000
_LONGEST = 40
_DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%m-%d-%Y", "%m/%d/%Y"),
    *("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%a %d %b %Y"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M%p", " %I:%M:%S %p", " %I:%M:%S%p")
_ZONES = ("Z", "UTC", "GMT")
HINT = "a time is for example 2026-11-24T22:52:24Z, 2026-11-24, '11/24/2026, 10:52 PM', 1795560744"
"""Of an error about what is no time."""


def milliseconds(value: object) -> int:
    """Return the milliseconds since 1970 that a timestamp of the API means.

    Args:
        value: A ``datetime``, a number of seconds, or text that is one of the two.

    Raises:
        ValueError, TypeError: It is none of them. The message holds nothing of it.
    """
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return round((aware - _EPOCH).total_seconds() * 1000)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("not a timestamp")
    seconds = _number(value) if isinstance(value, str) else float(value)
    if seconds is None:
        return milliseconds(_iso(str(value)))
    if not -_LAST_SECOND <= seconds <= _LAST_SECOND:
        raise ValueError("out of range")
    return round(seconds * 1000)


def since(text: str, now_ms: int) -> int:
    """Return when a span of time up to now began: ``45s``, ``30m``, ``2h``, ``3d``, ``1w``.

    Args:
        text: The span, or a timestamp.
        now_ms: The end of the span, milliseconds since 1970.

    Raises:
        ValueError: It is neither.
    """
    amount, unit = text[:-1], text[-1:]
    if unit in _SECONDS and amount.isascii() and amount.isdigit() and len(amount) < _LONGEST:
        return max(0, now_ms - int(amount) * _SECONDS[unit] * 1000)
    return milliseconds(text)


def moment(now_ms: int) -> datetime:
    """Return milliseconds since 1970 as a timestamp of the API."""
    return datetime.fromtimestamp(now_ms / 1000, UTC)


def is_moment(now_ms: int) -> bool:
    """Tell whether milliseconds since 1970 are a time in every time zone."""
    return 0 <= now_ms <= _LAST_SECOND * 1000 - _TWO_DAYS_MS


def _number(text: str) -> float | None:
    digits = text.removeprefix("-").replace(".", "", 1)
    is_number = digits.isascii() and digits.isdigit() and len(digits) < _LONGEST
    return float(text) if is_number else None


def _iso(text: str) -> datetime:
    zone = next((each for each in _ZONES if text.endswith(each)), "")
    bare = text.removesuffix(zone).rstrip() if zone else text
    try:
        found = datetime.fromisoformat(bare)
    except ValueError:
        found = _written_out(bare)
    if zone and found.tzinfo is not None:
        raise ValueError("not a timestamp")
    return found


def _written_out(text: str) -> datetime:
    """Read a date as people write it, with or without a time: ``Jan 27, 2015 01:16 PM``."""
    spaced = " ".join(text.replace(",", " ").split())
    if len(spaced) < _LONGEST and spaced.isascii():
        for form in (date + time for time in _TIMES for date in _DATES):
            try:
                return datetime.strptime(spaced, form)  # noqa: DTZ007 its zone is taken off before
            except ValueError:
                continue
    raise ValueError("not a timestamp")
