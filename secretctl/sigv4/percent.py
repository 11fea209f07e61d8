"""Percent-encoding as signatures have it (RFC 3986, unreserved characters stay), without urllib."""

from __future__ import annotations

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_ESCAPED = tuple(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in range(256))
_ESCAPED_IN_PATH = tuple("/" if byte == ord("/") else each for byte, each in enumerate(_ESCAPED))
_HEX = frozenset("0123456789abcdefABCDEF")


def encode(text: str) -> str:
    """Return *text* with all but unreserved characters as ``%XY`` of their UTF-8."""
    return "".join([_ESCAPED[byte] for byte in text.encode("utf-8", "surrogateescape")])


def encode_path(text: str) -> str:
    """Return *text* encoded likewise, its slashes kept."""
    return "".join([_ESCAPED_IN_PATH[byte] for byte in text.encode("utf-8", "surrogateescape")])


def decode(text: str) -> str:
    """Return what was encoded; a ``%`` that two hexadecimal digits do not follow stays.

    Bytes that are not UTF-8 become lone surrogates, which `encode` makes the same bytes again.
    """
    if "%" not in text:
        return text
    first, *rest = text.split("%")
    parts = [first.encode("utf-8", "surrogateescape")]
    for each in rest:
        is_escape = len(each) > 1 and each[0] in _HEX and each[1] in _HEX
        parts.append(bytes.fromhex(each[:2]) if is_escape else b"%")
        parts.append(each[2 if is_escape else 0 :].encode("utf-8", "surrogateescape"))
    return b"".join(parts).decode("utf-8", "surrogateescape")
