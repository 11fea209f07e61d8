"""Read YAML given as parameters. Imports the YAML library: only for ``--cli-input-yaml``.

The scalars of YAML 1.2's core schema, as AWS's tool reads them: ``yes``, ``on`` and ``12:30`` are
strings, ``!!binary`` is bytes. ``2026-01-01`` is a date, which no parameter takes: a string that
looks like one stands in quotes. Refused: keys that stand twice, anchors and
aliases (a few lines of them can stand for gigabytes), tags that name anything else.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the rules above."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 PyYAML's

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs lack it
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise yaml.YAMLError
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 PyYAML's signature
        result = super().construct_mapping(node, deep=deep)
        if len(result) != len(node.value) or not all(isinstance(key, str) for key in result):
            raise yaml.YAMLError
        return result


def _integer(_loader: _Loader, node: yaml.ScalarNode) -> int:
    text = node.value
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


def _string(loader: _Loader, node: yaml.ScalarNode) -> str:
    text = str(loader.construct_scalar(node))
    text.encode()  # refuses half of a surrogate pair
    return text


def _timestamp(loader: _Loader, node: yaml.ScalarNode) -> object:
    if not re.fullmatch(f"{_DATE}|{_TIME}", node.value, re.ASCII):
        raise yaml.YAMLError
    return loader.construct_yaml_timestamp(node)


def _resolve(kind: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(_TAG + kind, re.compile(pattern, re.ASCII), list(first))


_resolve("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF")
_resolve("null", r"(?:~|null|Null|NULL|)\Z", "~nN")
_Loader.yaml_implicit_resolvers[""] = _Loader.yaml_implicit_resolvers["~"]
_resolve("int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z", "-+0123456789")
_resolve(
    "float",
    r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)\Z",
    "-+.0123456789",
)
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = (
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
)
_resolve("timestamp", rf"(?:{_DATE}|{_TIME})\Z", "0123456789")
_Loader.yaml_constructors = {
    tag: constructor
    for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.removeprefix(_TAG) in ("map", "seq", "float", "bool", "null", "binary")
}
_Loader.add_constructor(_TAG + "int", _integer)
_Loader.add_constructor(_TAG + "str", _string)
_Loader.add_constructor(_TAG + "timestamp", _timestamp)


def parse(text: str) -> object:
    """Return what YAML *text* says.

    Raises:
        ValueError: not YAML, or refused; the message gives a line, never a piece of the text.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise ValueError(f"line {mark.line + 1}" if mark else "not YAML") from None
    except yaml.YAMLError:
        raise ValueError(
            "keys that stand twice or are no strings, anchors, aliases and unusual characters "
            "are refused"
        ) from None
    except (ValueError, KeyError, OverflowError, RecursionError):
        raise ValueError("a scalar cannot be read, or the nesting is too deep") from None
