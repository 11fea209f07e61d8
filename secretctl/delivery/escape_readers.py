"""The strings that a reader of JSON, YAML, TOML or XML finds in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

LETTERS = {"json": "\\u0041", "yaml": "\\x41", "toml": "\\u0041", "xml": "&#65;"}
"""The letter A, escaped as only what unescapes values reads it."""


_TAGS_OF_TEXT = (None, "tag:yaml.org,2002:str")
"""With another tag, YAML makes something else of what stands in double quotes."""


class UnreadableError(Exception):
    """A file is not of the type; *line* is where the reader stopped, 0 if it does not say."""

    def __init__(self, line: int = 0, *, has_key_twice: bool = False) -> None:
        super().__init__()
        self.line = line
        self.has_key_twice = has_key_twice


def strings(content: bytes, form: str) -> list[str]:
    """Return the strings in *content*, names and numbers among them.

    Raises:
        UnreadableError: it is not *form*, or has a key twice, of which readers keep one or none.
    """
    try:
        return _READERS[form](content)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(getattr(error, "lineno", 0)) from None


def _json(content: bytes) -> list[str]:
    import json

    def pairs(found: list[tuple[str, object]]) -> list[tuple[str, object]]:
        _refuse_twice([key for key, _ in found])
        return found

    return list(_flat(json.loads(content, object_pairs_hook=pairs, parse_int=str)))


def _refuse_twice(keys: Sequence[str]) -> None:
    if len(set(keys)) < len(keys):
        raise UnreadableError(has_key_twice=True)


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
    _refuse_keys_twice(events)
    scalars = (event for event in events if isinstance(event, yaml.ScalarEvent))
    return [str(each.value) for each in scalars if each.tag in _TAGS_OF_TEXT]


def _refuse_keys_twice(events: Iterable[Any]) -> None:
    import yaml

    inside = list[list[str | None]]()  # keys and values in turn, of what is begun
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            nodes = inside.pop()
            if isinstance(event, yaml.MappingEndEvent):
                _refuse_twice([key for key in nodes[::2] if key is not None])
        elif isinstance(event, yaml.NodeEvent):
            if inside:
                inside[-1].append(getattr(event, "value", None))
            if isinstance(event, yaml.CollectionStartEvent):
                inside.append([])


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
