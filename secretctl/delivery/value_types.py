"""Types a value can be asked to have. Each is told from the text alone, in one pass.

* ``integer``: ``0`` or digits that do not begin with 0, perhaps with ``-`` in front, as in JSON.
* ``boolean``: ``true`` or ``false``, as in JSON.
* ``url``: a scheme, ``://`` and something behind it, of no characters but those of RFC 3986, and
  with two hexadecimal digits behind every ``%``.
* ``json``: one JSON value of RFC 8259, in which no object has a key twice.
* ``pem``: at least one block of RFC 7468 (or RFC 1421, with headers) of a label and Base64, each
  with its end; other text may stand between blocks.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping

from secretctl import json_text

_SCHEME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.")
_URL = frozenset("-._~:/?#[]@!$&'()*+,;=%") | _SCHEME
_BEGIN, _END, _DASHES = "-----BEGIN ", "-----END ", "-----"


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0")


def _is_boolean(text: str) -> bool:
    return text in ("true", "false")


def _is_url(text: str) -> bool:
    scheme, mark, rest = text.partition("://")
    is_scheme = scheme[:1].isalpha() and _SCHEME.issuperset(scheme)
    if not (mark and rest and is_scheme and _URL.issuperset(rest)):
        return False
    return all(_is_hexadecimal(part[:2]) for part in rest.split("%")[1:])


def _is_hexadecimal(digits: str) -> bool:
    return len(digits) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in digits)  # noqa: PLR2004 a byte


def _is_json(text: str) -> bool:
    try:
        _read(text)
    except (ValueError, RecursionError):
        return False
    return True


def _members(pairs: list[tuple[str, object]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")


_read = json_text.reader(_members, str, str)


def _is_pem(text: str) -> bool:
    blocks, body, label = 0, list[str](), ""
    for line in text.replace("\r\n", "\n").split("\n"):
        if not label and line.startswith(_BEGIN) and line.rstrip().endswith(_DASHES):
            label, body = line.rstrip()[len(_BEGIN) : -len(_DASHES)], []
        elif label and line.rstrip() == f"{_END}{label}{_DASHES}":
            if not _is_body(body):
                return False
            blocks, label = blocks + 1, ""
        elif line.startswith(_DASHES):
            return False
        else:
            body.append(line.strip())
    return blocks > 0 and not label


def _is_body(lines: list[str]) -> bool:
    """Tell whether *lines*, less headers and the blank line behind them, are Base64."""
    if lines and ":" in lines[0]:
        lines = lines[lines.index("") :] if "" in lines else []
    try:
        return bool(binascii.a2b_base64("".join(lines), strict_mode=True))
    except ValueError:
        return False


TYPES: Mapping[str, Callable[[str], bool]] = {
    "boolean": _is_boolean,
    "integer": _is_integer,
    "json": _is_json,
    "pem": _is_pem,
    "url": _is_url,
}
"""Whether a text is of the type, by the type's name."""
