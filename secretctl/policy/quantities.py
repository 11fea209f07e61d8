"""Numbers, times, networks and bytes, as condition values write them.

Each function answers None for text that is no such thing; nothing is guessed. Numbers and times are
exact, however long: they are kept as digits, in a form that has their order.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from secretctl.record import NamedTuple

Number = tuple[int, int, str]
"""Sign, power of ten and significant digits; below zero the latter two are turned round."""

_DIGITS = "0123456789"
_COMPLEMENTS = str.maketrans(_DIGITS, _DIGITS[::-1])
_BEHIND_DIGITS = ":"
_LONGEST_EXPONENT = 18
_LENGTHS = [len("YYYY"), len("MM"), len("DD")]
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2
_LONGEST_NETWORK = 64
_BITS = {4: 32, 6: 128}


class Network(NamedTuple):
    """Addresses that begin with the same bits."""

    version: int
    start: int
    shift: int
    """How many bits at the end may differ; 0 for one address."""


def number(text: str) -> Number | None:
    """Return a decimal number of any length; an exponent has at most 18 digits."""
    mantissa, has_exponent, exponent = text.replace("E", "e").partition("e")
    whole, point, fraction = _unsigned(mantissa).partition(".")
    if not _are_digits(whole) or (point and not _are_digits(fraction)):
        return None
    power = _power(exponent) if has_exponent else 0
    if power is None:
        return None
    return _number(whole + fraction, power + len(whole), is_negative=mantissa.startswith("-"))


def moment(text: str) -> Number | None:
    """Return the seconds since 1970: those themselves, or a time in W3C's profile of ISO 8601.

    That is ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD``, each its first instant, or a day and
    ``Thh:mm``, ``:ss``, ``.f``, with ``Z`` or an offset ``+hh:mm``. Four digits are a year.

    See: https://www.w3.org/TR/NOTE-datetime
    """
    year = text.partition("-")[0]
    if len(year) != _LENGTHS[0] or not _are_digits(year):
        return number(text)
    date, has_time, time = text.partition("T")
    days = _days(date)
    seconds = _time(time) if has_time else (0, "")
    if days is None or seconds is None or (has_time and len(date) < len("YYYY-MM-DD")):
        return None
    whole, fraction = seconds
    return _since_1970(days * 86_400 + whole, fraction)


def truth(text: str) -> bool | None:
    """Return what ``true`` or ``false``, in small or capital letters, says."""
    return {"true": True, "false": False}.get(text.lower())


def octets(text: str) -> bytes | None:
    """Return the bytes that base64 *text* stands for (RFC 4648, section 4)."""
    from binascii import Error, a2b_base64

    try:
        return a2b_base64(text, strict_mode=True) if text.isascii() else None
    except Error:
        return None


def network(text: str) -> Network | None:
    """Return the addresses of a CIDR block, or the one of an address (RFC 4632)."""
    address, has_length, length = text.partition("/")
    found = _address(address) if len(text) <= _LONGEST_NETWORK else None
    if found is None or (has_length and not _are_digits(length)):
        return None
    version, value = found
    bits = int(length) if has_length else _BITS[version]
    if bits > _BITS[version]:
        return None
    shift = _BITS[version] - bits
    return Network(version, value >> shift, shift)


def contains(network: Network, address: Network) -> bool:
    """Tell whether every address of the second lies in the first."""
    return (
        network.version == address.version
        and address.shift <= network.shift
        and address.start >> network.shift - address.shift == network.start
    )


def _address(text: str) -> tuple[int, int] | None:
    from ipaddress import ip_address

    if "%" in text:
        return None
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.version, int(found)


def _are_digits(text: str) -> bool:
    return bool(text) and not text.strip(_DIGITS)


def _unsigned(text: str) -> str:
    return text.removeprefix("-" if text.startswith("-") else "+")


def _power(text: str) -> int | None:
    digits = _unsigned(text)
    if not _are_digits(digits) or len(digits) > _LONGEST_EXPONENT:
        return None
    return int(text)


def _number(digits: str, power: int, *, is_negative: bool) -> Number:
    """Return the number whose *digits* stand behind a point, times ten to the *power*.

    Numbers are ordered by the power of their first digit that is not zero, then by that and the
    digits behind it: no arithmetic is needed, and no limit to what Python makes integers of.
    """
    significant = digits.lstrip("0")
    power -= len(digits) - len(significant)
    significant = significant.rstrip("0")
    if not significant:
        return 0, 0, ""
    if is_negative:
        return -1, -power, significant.translate(_COMPLEMENTS) + _BEHIND_DIGITS
    return 1, power, significant


def _since_1970(seconds: int, fraction: str) -> Number | None:
    """Return *seconds*, which may be negative, and the *fraction* of a second after them."""
    fraction = fraction.rstrip("0")
    if seconds >= 0 or not fraction:
        return number(f"{seconds}.{fraction or 0}")
    rest = fraction[:-1].translate(_COMPLEMENTS) + str(10 - int(fraction[-1]))
    return number(f"-{-seconds - 1}.{rest}")


def _days(text: str) -> int | None:
    """Return the days from 1970 to a day, or to the first of a month or year.

    Years begin with March, so that the day that may be missing is their last.
    """
    parts = text.split("-")
    if [len(part) for part in parts] != _LENGTHS[: len(parts)] or not all(map(_are_digits, parts)):
        return None
    year, month, day = [*map(int, parts), 1, 1][: len(_LENGTHS)]
    if not (year >= 1 and 1 <= month <= len(_DAYS_OF_MONTH)):
        return None
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    missing = 1 if month == _FEBRUARY and not is_leap else 0
    if not 1 <= day <= _DAYS_OF_MONTH[month - 1] - missing:
        return None
    year, month = (year - 1, month + 9) if month <= _FEBRUARY else (year, month - 3)
    return (
        365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 719469
    )


def _time(text: str) -> tuple[int, str] | None:
    """Return the seconds of ``hh:mm``, ``:ss``, ``.f``, less the offset from UTC, and ``f``."""
    clock, sign, zone = (text[:-1], "+", "00:00") if text.endswith("Z") else _cut(text)
    minutes, offset = _minutes(clock[:5]), _minutes(zone)
    seconds, point, fraction = (clock[5:] or ":00").partition(".")
    if minutes is None or offset is None or sign not in ("+", "-"):
        return None
    if not seconds.startswith(":") or not _is_below(seconds[1:], 60):
        return None
    if point and not _are_digits(fraction):
        return None
    minutes += -offset if sign == "+" else offset
    return minutes * 60 + int(seconds[1:]), fraction


def _cut(text: str) -> tuple[str, str, str]:
    """Return the time, the sign and the offset of a text that ends in one."""
    return text[:-6], text[-6:-5], text[-5:]


def _minutes(text: str) -> int | None:
    """Return the minutes of ``hh:mm``."""
    hours, _, minutes = text.partition(":")
    if not _is_below(hours, 24) or not _is_below(minutes, 60):
        return None
    return int(hours) * 60 + int(minutes)


def _is_below(digits: str, limit: int) -> bool:
    """Tell whether those are two digits, of a number below *limit*."""
    return len(digits) == len("00") and _are_digits(digits) and int(digits) < limit
