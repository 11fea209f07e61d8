"""The strings that a reader of JSON, YAML, TOML or XML finds in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

LETTERS = {"json": "\\u0041", "yaml": "\\x41", "toml": "\\u0041", "xml": "&#65;"}
"""The letter A, escaped as only what unescapes values reads it."""


class UnreadableError(Exception):
    """A file is not of the type; *line* is where the reader stopped, 0 if it does not say."""

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line


def strings(content: bytes, form: str) -> list[str]:
    """Return the strings in *content*, names and numbers among them.

    Raises:
        UnreadableError: it is not *form*.
    """
    try:
        return _READERS[form](content)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(getattr(error, "lineno", 0)) from None


def _json(content: bytes) -> list[str]:
    import json

    return list(_flat(json.loads(content, object_pairs_hook=list, parse_int=str)))


def _toml(content: bytes) -> list[str]:
    import tomllib

    return list(_flat(tomllib.loads(content.decode())))


def _flat(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _flat(list(value.items()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _flat(each)


def _yaml(content: bytes) -> list[str]:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = list(yaml.parse(content, Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UnreadableError(mark.line + 1 if mark else 0) from None
    return [str(event.value) for event in events if isinstance(event, yaml.ScalarEvent)]


def _xml(content: bytes) -> list[str]:
    from xml.parsers import expat

    found, text = list[str](), list[str]()
    parser = expat.ParserCreate()

    def end(_name: str = "") -> None:
        found.append("".join(text))
        text.clear()

    def start(_name: str, attributes: Mapping[str, str]) -> None:
        end()
        found.extend(attributes.values())

    def refuse(*_words: object) -> None:  # entities and types of attributes change what is read
        raise UnreadableError(parser.CurrentLineNumber)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)  # noqa: FBT003 expat's signature
    except expat.ExpatError as error:
        raise UnreadableError(error.lineno) from None
    return found


_READERS: Mapping[str, Callable[[bytes], list[str]]] = {
    "json": _json,
    "yaml": _yaml,
    "toml": _toml,
    "xml": _xml,
}
