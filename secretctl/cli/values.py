"""Turn the words given for one parameter into the value the declaration wants.

See: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters.html
"""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.cli import paramfile, words
from secretctl.cli.paramfile import problem
from secretctl.errors import UsageError
from secretctl.model.shapes import Shape
from secretctl.record import NamedTuple


class Source(NamedTuple):
    """What reading a value depends on beside its words."""

    environ: Mapping[str, str]
    """Where ``~`` and ``$NAME`` of a path are looked up."""

    raw_blobs: bool = False
    """Blobs are given as they are and not as base64 (``--cli-binary-format``)."""


def from_words(flag: str, shape: Shape, raw: object, source: Source) -> object:
    """Return the value of a parameter; what breaks the declaration's limits is let through.

    Args:
        flag: The option with its dashes, for messages.
        shape: What is wanted.
        raw: The word behind the option; a list of them, where a list is wanted; or a boolean.
        source: See there.

    Returns:
        A string, bytes for a blob, an integer, a boolean, a list or a dict.

    Raises:
        UsageError: the words cannot be read so; the message repeats none of them.
    """
    if isinstance(raw, bool):
        return raw
    given = [raw] if isinstance(raw, str) else [str(word) for word in _items(raw)]
    if len(given) == 1:
        content = paramfile.load(flag, given[0], source.environ)
        if content is not None:
            return blobs(flag, shape, _from_file(flag, shape, content, source), source)
    if shape.kind == "list":
        return blobs(flag, shape, _list(flag, shape, given, source), source)
    return blobs(flag, shape, _single(flag, shape, given[0], source), source)


def _items(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else []


def _from_file(flag: str, shape: Shape, content: str | bytes, source: Source) -> object:
    if isinstance(content, bytes):
        if shape.kind == "blob":
            return content
        raise _no_text(flag)
    if shape.kind != "list":
        return _single(flag, shape, content, source)
    if shape.item is not None and _is_scalar(shape.item) and not content.lstrip().startswith("["):
        raise problem(flag, "Invalid JSON: the file must hold a list")
    return _list(flag, shape, [content], source)


def _no_text(flag: str) -> UsageError:
    return problem(
        flag,
        "fileb:// gives bytes, but text is expected",
        "text is read from a file by the file:// prefix",
        *paramfile.way_for_bytes(flag),
    )


def _list(flag: str, shape: Shape, given: list[str], source: Source) -> object:
    if len(given) == 1 and given[0].lstrip().startswith("["):
        return _json(flag, given[0], 1)
    if shape.item is None or _is_scalar(shape.item):
        return given if shape.item is None else [_scalar(flag, shape.item, w) for w in given]
    as_json = bool(given) and given[0].lstrip().startswith(("[", "{"))
    return [
        _structure(flag, shape.item, word, source, position, as_json=as_json)
        for position, word in enumerate(given, 1)
    ]


def _single(flag: str, shape: Shape, word: str, source: Source) -> object:
    if _is_scalar(shape):
        return _scalar(flag, shape, word)
    as_json = word.lstrip().startswith(("[", "{"))
    return _structure(flag, shape, word, source, 1, as_json=as_json)


def _is_scalar(shape: Shape) -> bool:
    return shape.kind not in ("list", "structure", "map")


def _scalar(flag: str, shape: Shape, word: str) -> object:
    if shape.kind in ("integer", "long"):
        number = words.integer(word)
        if number is None:
            raise UsageError(f"argument {flag}: invalid int value")
        return number
    if shape.kind == "boolean" and word.lower() in ("true", "false"):
        return word.lower() == "true"
    return word


def _json(flag: str, word: str, position: int) -> object:
    from secretctl.cli.cli_input import parse_json

    try:
        return parse_json(word)
    except ValueError as error:
        where = f" in value {position}" if position > 1 else ""
        raise problem(flag, f"Invalid JSON: {error}{where}") from None


def _structure(  # noqa: PLR0913 the place of the word is part of the message
    flag: str, shape: Shape, word: str, source: Source, position: int, *, as_json: bool
) -> object:
    """Read JSON, or shorthand if *as_json* is false."""
    if as_json:
        if not word.lstrip().startswith("{"):
            raise problem(flag, f"Invalid JSON: value {position} is not an object")
        return _json(flag, word, position)
    from secretctl.cli import shorthand

    def load(text: str) -> str | bytes | None:
        return paramfile.load(flag, text, source.environ)

    try:
        parsed = shorthand.parse(word, load)
    except shorthand.ShorthandError as error:
        raise _unreadable(flag, shape, error, position) from None
    return _coerced(flag, shape, parsed)


def _unreadable(flag: str, shape: Shape, error: Exception, position: int) -> UsageError:
    from secretctl.cli.shorthand import ShorthandError

    if not isinstance(error, ShorthandError):
        return problem(flag, "cannot be read")
    place = f"for input: value {position}, character {error.index + 1}"
    if not error.key:
        return problem(flag, f"{error.sentence} {place}")
    # A key of the declaration may be repeated in the message, any other word may be a value.
    known = error.key in {member.name for member in shape.members}
    named = f'Second instance of key "{error.key}"' if known else "Second instance of a key"
    return problem(
        flag,
        f"{named} encountered {place}",
        'this is often because there is a preceding "," instead of a space',
    )


def _coerced(flag: str, shape: Shape, value: object) -> object:
    """Give the strings of shorthand the types of the declaration."""
    if isinstance(value, dict):
        shapes = {member.name: member.shape for member in shape.members}
        return {
            key: _coerced(flag, inner, item) if (inner := shapes.get(key, shape.item)) else item
            for key, item in value.items()
        }
    if shape.kind == "list" and shape.item is not None:
        items = value if isinstance(value, list) else [value]
        return [_coerced(flag, shape.item, item) for item in items]
    if isinstance(value, bytes) and shape.kind != "blob":
        raise _no_text(flag)
    return _scalar(flag, shape, value) if isinstance(value, str) and _is_scalar(shape) else value


def blobs(flag: str, shape: Shape, value: object, source: Source) -> object:
    """Return *value* with the text of every blob in it made bytes.

    Raises:
        UsageError: it is not base64. AWS's tool leaves out what does not belong to base64 and
            stores what remains: a password given as it is would be silently spoilt.
    """
    if shape.kind == "blob" and isinstance(value, str):
        return _blob(flag, value, source)
    if isinstance(value, list) and shape.item is not None:
        return [blobs(flag, shape.item, item, source) for item in value]
    if isinstance(value, dict):
        shapes = {member.name: member.shape for member in shape.members}
        return {
            key: blobs(flag, inner, item, source)
            if (inner := shapes.get(key, shape.item))
            else item
            for key, item in value.items()
        }
    return value


def _blob(flag: str, text: str, source: Source) -> bytes:
    if source.raw_blobs:
        return text.encode()
    import base64

    try:
        # Base64 in files has line ends, which say nothing.
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise problem(
            flag,
            "Invalid base64",
            "give bytes as they are with fileb://PATH",
            "or text as it is with --cli-binary-format raw-in-base64-out",
        ) from None
