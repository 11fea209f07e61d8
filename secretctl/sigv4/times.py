"""Times as signatures have them, without a clock."""

from __future__ import annotations

from datetime import UTC, datetime

_BASIC_LENGTH = 16
_BASIC = "%Y%m%dT%H%M%SZ"


def basic(time_ms: int) -> str:
    """Return milliseconds since 1970 in the basic form of ISO 8601: ``20150830T123600Z``."""
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime(_BASIC)


def seconds(text: str) -> int | None:
    """Return the seconds since 1970 that such a text means; None if it is none."""
    digits = text[:8] + text[9:15]
    if len(text) != _BASIC_LENGTH or text[8] + text[15] != "TZ" or not digits.isascii():
        return None
    if not digits.isdigit():
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return None
