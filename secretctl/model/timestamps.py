"""Timestamps as requests give them, and spans of time up to now.

AWS's tool takes ISO 8601 and seconds since 1970; a time without a zone is UTC, as with botocore.
See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-types.html
"""

from __future__ import annotations

from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LAST_SECOND = 253_402_300_799
_LONGEST = 40


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


def _number(text: str) -> float | None:
    digits = text.removeprefix("-").replace(".", "", 1)
    is_number = digits.isascii() and digits.isdigit() and len(digits) < _LONGEST
    return float(text) if is_number else None


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not a timestamp") from None
