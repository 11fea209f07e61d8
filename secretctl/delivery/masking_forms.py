"""What is searched for in the output of a program: values, and the forms programs write them in.

* A value as it is, and each of its lines without the blanks around it.
* Base64 (RFC 4648, both alphabets) in its three alignments, so that it is found inside longer
  encoded text, such as ``user:password`` of HTTP; and in lines of 64 and 76 characters.
* Percent-encoding (RFC 3986), with the sets of characters that encoders commonly leave alone.
* The inside of a JSON string, as encoders of several languages write it.

Bytes that are no UTF-8 have no lines and no form in JSON.

What is blank or shorter than two bytes gives no form, for it would match everywhere; nor do true
and false, which say one bit. A long form is cut into pieces, each of which is masked where it
stands.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable, Iterator

from secretctl import json_text

LONGEST = 1024
"""Bytes of the longest pattern, and so of what is held back."""

_SHORTEST = 2
_SHORTEST_BASE64 = 4
_LINE_LENGTHS = (64, 76)
"""Of openssl(1) and PEM; of base64(1) and MIME."""

SAYING_LITTLE = frozenset({"", "true", "false", b"", b"true", b"false"})
"""Values that hide nothing, and would hide much else."""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LEFT_ALONE = (b"", b"/", b"!'()*", b"!'()*;,/?:@&=+$#")
"""Form fields; paths; encodeURIComponent and encodeURI of JavaScript."""

_ESCAPED_BY_GO = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def is_maskable(value: str | bytes) -> bool:
    """Tell whether *value* can be masked: it is neither blank, nor shorter than two bytes."""
    raw = value if isinstance(value, bytes) else value.encode()
    is_blank = not value.strip()
    return raw not in SAYING_LITTLE and not is_blank and len(raw) >= _SHORTEST


def patterns(values: Iterable[str | bytes]) -> list[bytes]:
    """Return the patterns for *values*: each once, 2 to 1,024 bytes, none of them blank."""
    found: dict[bytes, None] = {}
    for value in map(_as_text, values):
        for part in (value, *_lines(value)):
            if is_maskable(part):
                found.update(dict.fromkeys(_forms(part)))
    return list(dict.fromkeys(piece for form in found for piece in _pieces(form)))


def _as_text(value: str | bytes) -> str | bytes:
    """Return bytes that are UTF-8 as the text they are."""
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value


def _lines(value: str | bytes) -> list[str]:
    return [line.strip() for line in value.splitlines()] if isinstance(value, str) else []


def _forms(value: str | bytes) -> Iterator[bytes]:
    raw = value if isinstance(value, bytes) else value.encode()
    yield raw
    yield from _percent_encoded(raw)
    if isinstance(value, str):
        yield from _in_json(value)
    for form in _in_base64(raw):
        if len(form) >= _SHORTEST_BASE64:
            yield form
            yield form.translate(bytes.maketrans(b"+/", b"-_"))


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """Encode *raw* behind 0, 1 and 2 unknown bytes, without characters that those influence."""
    for before, unsure in ((0, 0), (1, 2), (2, 3)):
        whole = b2a_base64(bytes(before) + raw, newline=False)
        sure = whole[unsure : (before + len(raw)) * 4 // 3]
        yield sure
        yield whole[unsure:]
        if not before:
            yield from (*_wrapped(sure), *_wrapped(whole))


def _wrapped(encoded: bytes) -> Iterator[bytes]:
    for length in _LINE_LENGTHS:
        lines = [encoded[start : start + length] for start in range(0, len(encoded), length)]
        yield b"\n".join(lines)
        yield b"\r\n".join(lines)


def _percent_encoded(raw: bytes) -> Iterator[bytes]:
    for left_alone in _LEFT_ALONE:
        kept = _UNRESERVED | set(left_alone)
        for form in ("%%%02X", "%%%02x"):
            table = [bytes([one]) if one in kept else (form % one).encode() for one in range(256)]
            encoded = b"".join([table[one] for one in raw])
            yield encoded
            yield encoded.replace(b"%20", b"+")


def _in_json(text: str) -> Iterator[bytes]:
    plain = json_text.quoted(text)[1:-1]
    for escaped in (plain, _ascii(plain)):
        yield escaped.encode()
        yield escaped.replace("/", "\\/").encode()
        yield "".join([_ESCAPED_BY_GO.get(letter, letter) for letter in escaped]).encode()


def _ascii(text: str) -> str:
    r"""Write what is not ASCII as ``\uXXXX``, in pairs beyond the first plane (RFC 8259, 7)."""
    units = memoryview(text.encode("utf-16-be"))
    pairs = [bytes(units[at : at + 2]) for at in range(0, len(units), 2)]
    return "".join([chr(two[1]) if two < b"\0\x7f" else f"\\u{two.hex()}" for two in pairs])


def _pieces(form: bytes) -> Iterator[bytes]:
    for start in range(0, len(form), LONGEST):
        piece = form[max(0, min(start, len(form) - LONGEST)) :][:LONGEST]
        if piece.strip():
            yield piece
