"""Times as signatures have them, without a clock."""

from __future__ import annotations

from datetime import UTC, datetime

_BASIC = "%Y%m%dT%H%M%SZ"
_BASIC_LENGTH = 16
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZONES = ("GMT", "-0000", "+0000")


def basic(time_ms: int) -> str:
    """Return milliseconds since 1970 in the basic form of ISO 8601: ``20150830T123600Z``."""
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime(_BASIC)


def basic_of(date: str) -> str:
    """Return the time of a ``Date`` header in the basic form, and what is none as it is.

    Args:
        date: ``Sun, 30 Aug 2015 12:36:00 GMT`` (RFC 9110, section 5.6.7), its blanks single.
    """
    words = date.split(" ")
    if len(words) != len(("Sun,", "30", "Aug", "2015", "12:36:00", "GMT")):
        return date
    _, day, month, year, time, zone = words
    if month not in _MONTHS or zone not in _ZONES:
        return date
    return f"{year}{_MONTHS.index(month) + 1:02}{day:0>2}T{time.replace(':', '')}Z"


def seconds(text: str) -> int | None:
    """Return the seconds since 1970 that a time in the basic form means; None if it is none."""
    has_form = len(text) == _BASIC_LENGTH and text[8] == "T" and text[15] == "Z"
    if not has_form or not (text[:8] + text[9:15]).isdigit():
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return None
