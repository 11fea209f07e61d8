"""The forms of a value in URLs, JSON, Base64 and more, as the encoders of many languages write it.

What an encoder leaves as it is, is told by the pages of those: RFC 3986 (2.3), the URL Standard of
WHATWG (1.3), the documentation of ``encodeURI``, ``java.net.URLEncoder``, ``net/url`` of Go,
``urllib.parse``, ``json`` of Python and Go, ``Gson``, ``System.Text.Json`` and ``json_encode``.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterator
from functools import cache

from secretctl.delivery.masking_folding import Foldable

_ALWAYS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")
_LEFT_ALONE = (
    *(b"~", b"~/"),  # RFC 3986, with paths
    *(b"", b"*", b"*~", b"!*()", b"!'()*"),  # forms: PHP, WHATWG and Java, Ruby, .NET
    *(b"~!'()*", b"~!'()*;,/?:@&=+$#"),  # encodeURIComponent and encodeURI
    *(b"~$&+:=@", b"~$&+,;=", b"~$&+,/:;=@", b"~$&+,/:;=?@", b"~!$&'()*+,/:;=?@"),  # Go
    b"~!#$%&'()*+,/:;=?@[]",  # what was a URL before
    b"~!$%&'()*+,-./:;=?@[\\]^_`{|}",  # a query of WHATWG; of special schemes also without '
    b"~!$%&()*+,-./:;=?@[\\]^_`{|}",
    b"~!$%&'()*+,-./:;=@[\\]^_|",  # a path
)
_PERCENT_SIGN = 0x25
_PERCENT = ("%%%02X", "%%%02x")
_SHORT_ESCAPES = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
_ESCAPED = (
    *("", "<>&", "<>&'", "<>&'="),  # most; Go and Rails; Django and Flask; Gson
    *("<>&'\"", "<>&'\"+`"),  # PHP and Newtonsoft; System.Text.Json
)
_DIGITS = ("\\u%04x", "\\u%04X")
_BEYOND_ASCII = 0x80
_TOUCHED = frozenset(map(chr, range(0x20))) | frozenset("\\/\x7f" + "".join(_ESCAPED))
_QUOTED = (
    *(('"', "'"), ("&quot;", "'")),  # texts; attributes
    *(("&quot;", "&#x27;"), ("&quot;", "&#39;"), ("&quot;", "&#039;")),  # Python; Ruby; PHP
    *(("&#34;", "&#39;"), ("&quot;", "&apos;")),  # Go and MarkupSafe; XML
)
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def in_urls(raw: bytes) -> Iterator[bytes]:
    """Percent-encode *raw*, in all ways that are known."""
    doubtful = frozenset(raw) - _ALWAYS
    for kept in {doubtful.intersection(left_alone) for left_alone in _LEFT_ALONE}:
        for form in _PERCENT:
            encoded = raw
            for one in sorted(doubtful - kept, key=_PERCENT_SIGN.__ne__):  # that first
                encoded = encoded.replace(bytes([one]), (form % one).encode())
            yield encoded
            if b"%20" in encoded:
                yield encoded.replace(b"%20", b"+")


def in_json(text: str) -> Iterator[bytes]:
    """Escape *text* as inside of a JSON string, in all ways that are known."""
    if text.isascii() and _TOUCHED.isdisjoint(text):
        return
    for digits in _DIGITS:
        for special in _ESCAPED:
            plain = text.translate(_escapes(special, digits))
            ascii_ = plain if text.isascii() else _ascii(plain, digits)
            for form in {plain, ascii_, ascii_.replace("\x7f", digits % 0x7F)}:
                yield form.encode()
                if "/" in form:
                    yield form.replace("/", "\\/").encode()


@cache
def _escapes(special: str, digits: str) -> dict[int, str]:
    controls = {code: digits % code for code in range(0x20)}
    return controls | _SHORT_ESCAPES | {ord(letter): digits % ord(letter) for letter in special}


def _ascii(text: str, digits: str) -> str:
    r"""Write what is not ASCII as ``\uXXXX``, in pairs beyond the first plane (RFC 8259, 7)."""
    units = memoryview(text.encode("utf-16-be")).cast("B")
    codes = [units[at] << 8 | units[at + 1] for at in range(0, len(units), 2)]
    return "".join([chr(code) if code < _BEYOND_ASCII else digits % code for code in codes])


def in_logs(text: str) -> Iterator[bytes]:
    """Write *text* as programs in Python print what they are given: objects, and answers in bytes.

    It stands in up to two JSON texts, one in the other, and these in a ``repr``, of which quotation
    marks they are: those of a dict, or of bytes.
    """
    inside = {text}
    for _ in range(2):
        for each in tuple(inside):
            plain = each.translate(_escapes("", _DIGITS[0]))
            inside |= {plain, _ascii(plain, _DIGITS[0]).replace("\x7f", _DIGITS[0] % 0x7F)}
    for each in inside:
        yield each.encode()
        for mark in "'\"":
            yield _represented(each, mark)
            yield _represented(each.encode(), mark)


def _represented(value: str | bytes, mark: str) -> bytes:
    """Return the inside of a ``repr``, with and without a backslash before an apostrophe."""
    if mark == "'":  # with the other one in front it stands between these
        shown = repr('"' + value) if isinstance(value, str) else repr(b'"' + value)[1:]
        return shown[2:-1].encode()
    parts = value.split("'") if isinstance(value, str) else value.split(b"'")
    return b"'".join(_represented(each, "'") for each in parts)


def in_base64(raw: bytes) -> Iterator[bytes]:
    """Encode *raw* behind 0, 1 and 2 unknown bytes, without characters that those influence.

    In both alphabets; what is in lines is of the ordinary one.
    """
    for before, unsure in ((0, 0), (1, 2), (2, 3)):
        whole = b2a_base64(bytes(before) + raw, newline=False)
        sure = whole[unsure : (before + len(raw)) * 4 // 3]
        for form in (sure, whole[unsure:]):
            yield Foldable(form)
            yield form.translate(_TO_URL_SAFE)


def in_hexadecimal(raw: bytes) -> Iterator[bytes]:
    """Write *raw* as digits, bare or with a sign between bytes, as dumps and fingerprints have."""
    for digits in (raw.hex(), raw.hex(" "), raw.hex(":")):
        yield digits.encode()
        yield digits.upper().encode()


def in_base32(raw: bytes) -> Iterator[bytes]:
    """Encode *raw* (RFC 4648, 6) behind 0 to 4 unknown bytes, as `in_base64`; in both cases."""
    from base64 import b32encode

    for before in range(5):
        whole, unsure = b32encode(bytes(before) + raw), -(-before * 8 // 5)
        for form in (whole[unsure : (before + len(raw)) * 8 // 5], whole[unsure:]):
            yield form
            yield form.lower()


def in_html(text: str) -> Iterator[bytes]:
    """Escape *text* as in HTML and XML, in all ways that are known."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for quote, apostrophe in _QUOTED:
        form = plain.replace('"', quote).replace("'", apostrophe)
        if form != text:
            yield form.encode()
        if not form.isascii():
            yield form.encode("ascii", "xmlcharrefreplace")
