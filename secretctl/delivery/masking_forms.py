"""What is searched for in the output of a program: values, and the forms programs write them in.

* A value as it is, and each of its lines without the blanks around it.
* Base64 (RFC 4648, both alphabets) in its three alignments, so that it is found inside longer
  encoded text, such as ``user:password`` of HTTP; of whole values also in lines.
* Percent-encoding and the inside of a JSON string, as encoders of many languages write them.

Bytes that are no UTF-8 have no lines and no form in JSON.

What is blank or shorter than two bytes gives no form, for it would match everywhere; nor do true
and false, which say one bit. A long form is cut into pieces, each of which is masked where it
stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from secretctl.delivery import masking_encodings

LONGEST = 1024
"""Bytes of the longest pattern, and so of what is held back."""

_SHORTEST = 2
_SHORTEST_BASE64 = 4

SAYING_LITTLE = frozenset({"", "true", "false", b"", b"true", b"false"})
"""Values that hide nothing, and would hide much else."""


def is_maskable(value: str | bytes) -> bool:
    """Tell whether *value* can be masked: it has two bytes or more, without blanks around them."""
    core = value.strip()
    raw = core if isinstance(core, bytes) else core.encode()
    return raw not in SAYING_LITTLE and len(raw) >= _SHORTEST


def patterns(values: Iterable[str | bytes]) -> list[bytes]:
    """Return the patterns for *values*: each once, 2 to 1,024 bytes, none of them blank."""
    return _patterns(values, _forms)


def encoded(values: Iterable[str | bytes]) -> list[bytes]:
    """Return more patterns for *values*, as `patterns`: hexadecimal, in Base32 and in HTML."""
    return _patterns(values, _encoded)


def _patterns(
    values: Iterable[str | bytes], forms_of: Callable[[str | bytes], Iterator[bytes]]
) -> list[bytes]:
    found: dict[bytes, None] = {}
    for value in map(_as_text, values):
        for part in (value, *_lines(value)):
            if is_maskable(part):
                whole = part is value
                forms = forms_of(part)
                found.update(dict.fromkeys(forms if whole else map(bytes, forms)))
    return list(dict.fromkeys(piece for form in found for piece in _pieces(form)))


def logged(values: Iterable[str]) -> list[bytes]:
    """Return more patterns for *values*, as `patterns`: as programs in Python print them."""
    forms = [
        form for each in values if is_maskable(each) for form in masking_encodings.in_logs(each)
    ]
    return list(dict.fromkeys(piece for form in forms for piece in _pieces(form)))


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
    yield from masking_encodings.in_urls(raw)
    if isinstance(value, str):
        yield from masking_encodings.in_json(value)
    yield from (form for form in masking_encodings.in_base64(raw) if len(form) >= _SHORTEST_BASE64)


def _encoded(value: str | bytes) -> Iterator[bytes]:
    raw = value if isinstance(value, bytes) else value.encode()
    for form in (*masking_encodings.in_hexadecimal(raw), *masking_encodings.in_base32(raw)):
        if len(form) >= _SHORTEST_BASE64:
            yield form
    if isinstance(value, str):
        yield from masking_encodings.in_html(value)


def _pieces(form: bytes) -> Iterator[bytes]:
    for start in range(0, len(form), LONGEST):
        piece = form[max(0, min(start, len(form) - LONGEST)) :][:LONGEST]
        if piece.strip():
            yield type(form)(piece)
