"""JSON text, read and written without the start of the ``json`` package.

``import json`` compiles regular expressions and loads ``re`` and ``enum``, which costs more than
opening a vault. Beneath it lie a scanner and an encoder in C that need neither; they are private
names, so where they are missing the package itself takes their place.

See: https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

from secretctl.record import TYPE_CHECKING

__all__ = [
    "compact",
    "indented",
    "of_bytes",
    "quoted",
    "read",
    "reader",
    "refuse_type",
    "value_at",
    "writer",
]

try:
    from _json import encode_basestring as quoted
    from _json import make_encoder, make_scanner
except ImportError:  # pragma: no cover - a Python without its accelerators
    from json.encoder import py_encode_basestring as quoted

    make_encoder = make_scanner = None  # type: ignore[assignment,misc]  # none is there

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Pairs = Callable[[list[tuple[str, Any]]], object]
    Number = Callable[[str], object]
    Scanner = Callable[[str, int], tuple[Any, int]]
    Writer = Callable[[object], str]

_BLANKS = " \t\r\n"


class _Rules:
    """What the scanner asks for, under the names ``json.JSONDecoder`` gives it."""

    strict = True
    object_hook = None
    array_hook = None

    def __init__(self, pairs: Pairs | None, whole: Number, real: Number) -> None:
        self.object_pairs_hook = pairs
        self.parse_int = whole
        self.parse_float = real
        self.parse_constant = _refuse


def reader(
    pairs: Pairs | None = None, whole: Number = int, real: Number = float
) -> Callable[[str], Any]:
    """Return a function like `read`.

    Args:
        pairs: Makes something else of an object's members than a dict.
        whole: Makes a number of the digits of one without fraction and exponent.
        real: Makes a number of the digits of any other.
    """
    scan = _scanner(pairs, whole, real)

    def read(text: str) -> Any:
        stripped = text.strip(_BLANKS)
        try:
            found, end = scan(stripped, 0)
        except (StopIteration, SystemError):
            # SystemError: the scanner wants to raise an error of a package that nobody imported.
            raise ValueError("not JSON") from None
        if end != len(stripped):
            raise ValueError("more than one JSON value")
        return found

    return read


def read(text: str) -> Any:
    """Return what *text* says: one JSON value, blanks around it.

    Raises:
        ValueError: It is not JSON; NaN and the infinities are not. The standard error's
            attributes hold the text: never pass it on.
        RecursionError: It is nested too deeply.
    """
    return _read(text)


def of_bytes(record: bytes) -> Any:
    """Return what *record* says, of which nothing is believed: one JSON value in UTF-8.

    Raises:
        ValueError: It is not JSON, is nested too deeply, or has half of a character in it.
    """
    try:
        found = _read(record.decode())
        if b"\\u" in record:  # maybe of half a character, of which no text is made
            _write(found).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found


def value_at(text: str, start: int) -> tuple[Any, int]:
    """Return the value that begins at *start* of a text which is JSON, and where it ends.

    Numbers are their digits.
    """
    return _value_at(text, start)


def compact(value: object, *, by_name: bool = False) -> str:
    """Return *value* as JSON without blanks, members in their order or sorted by name.

    Names of members are text: others would be written as text too.
    """
    return _write_by_name(value) if by_name else _write(value)


def indented(value: object, margin: str = "") -> str:
    """Return *value* as JSON with a line for each member or item, indented by four."""
    inner = margin + "    "
    if value and isinstance(value, dict):
        lines = [f"{inner}{quoted(k)}: {indented(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if value and isinstance(value, list | tuple):
        lines = [inner + indented(item, inner) for item in value]
        return "[\n" + ",\n".join(lines) + f"\n{margin}]"
    return compact(value)


def writer(other: Callable[[object], object]) -> Writer:
    """Return a function like `compact`; *other* makes what JSON knows of what it does not know."""
    return _writer(by_name=False, other=other)


def refuse_type(value: object) -> object:
    """Refuse what JSON does not know.

    Raises:
        TypeError: It names the type, not the value.
    """
    raise TypeError(f"no JSON for {type(value).__name__}")


def _writer(*, by_name: bool, other: Callable[[object], object] = refuse_type) -> Writer:
    if make_encoder is None:
        from json import JSONEncoder

        return JSONEncoder(
            ensure_ascii=False, separators=(",", ":"), sort_keys=by_name, default=other
        ).encode
    encode = make_encoder(
        None, other, quoted, None, ":", ",", by_name, skipkeys=False, allow_nan=True
    )
    return lambda value: "".join(encode(value, 0))


def _scanner(pairs: Pairs | None, whole: Number, real: Number) -> Scanner:
    if make_scanner is None:
        from json import JSONDecoder

        return JSONDecoder(
            object_pairs_hook=pairs, parse_int=whole, parse_float=real, parse_constant=_refuse
        ).raw_decode
    return make_scanner(_Rules(pairs, whole, real))  # type: ignore[arg-type]  # any object will do


def _refuse(_constant: str) -> object:
    raise ValueError("not a number of JSON")


_read = reader()
_value_at = _scanner(None, str, str)
_write, _write_by_name = _writer(by_name=False), _writer(by_name=True)
