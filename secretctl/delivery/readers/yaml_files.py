"""YAML: a mapping of text, or a Secret of Kubernetes.

What is text to one version of YAML and a number or a truth to another is refused: it has to stand
in quotes. So are anchors, aliases, tags and keys that stand twice.

See: YAML 1.2, 10.3.2 Tag Resolution; Kubernetes, Secrets
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator

import yaml

from secretctl.delivery.readers.entry import Entry, distinct, refused, text_or_bytes
from secretctl.delivery.references import shown
from secretctl.errors import DeliveryError

_TEXT = "tag:yaml.org,2002:str"
_NO_TEXT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?"
    r"|[-+]?0(?:b[01]+|o[0-7]+|x[0-9a-f]+)|[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?"
    r"|[-+]?\.(?:inf|nan)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[yn]",
    re.ASCII | re.IGNORECASE,
)
"""Numbers, dates and truths of one version of YAML or another, less what groups digits, among what
PyYAML takes for text."""

_GROUPING = str.maketrans("", "", "_,")
"""Between digits: of YAML 1.1 and 1.0; Go's libraries leave ``_`` out wherever it is."""


def of_yaml(text: str, where: str) -> list[Entry]:
    """Read one mapping of names to text.

    Raises:
        DeliveryError: it is something else, or leaves open what a value is.
    """
    pairs = _pairs(_root(text, where), where)
    return distinct((_entry(key, node, where) for key, node in pairs), where)


def of_kubernetes(text: str, where: str) -> list[Entry]:
    """Read the manifest of one Secret, as YAML or JSON: ``data`` and ``stringData``.

    Raises:
        DeliveryError: it is none, or a value is no base64.
    """
    members = dict(_pairs(_root(text, where), where))
    kind = members.get("kind")
    if not isinstance(kind, yaml.ScalarNode) or kind.value != "Secret":
        raise refused(where, 0, "it is no Secret of Kubernetes", "one at a time, of kind: Secret")
    entries: list[Entry] = []
    for member in ("data", "stringData"):
        if member in members:
            pairs = _pairs(members[member], where)
            found = [_entry(key, node, where) for key, node in pairs]
            entries += found if member == "stringData" else [_decoded(e, where) for e in found]
    return distinct(entries, where)


def _root(text: str, where: str) -> yaml.Node:
    node = root(text, where)
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            line = line_of(event)
            raise refused(where, line, "it has an anchor or an alias", "write the value out")
    return node


def root(text: str, where: str) -> yaml.Node:
    """Read a document. A node that aliases name is there once, however often they do.

    Raises:
        DeliveryError: it is none, or empty.
    """
    try:
        node: yaml.Node | None = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 0
        raise refused(where, line, "it is not one YAML document", *_remedies(error)) from None
    except yaml.YAMLError:
        raise refused(where, 0, "it holds characters that YAML cannot") from None
    except (RecursionError, ValueError):
        raise refused(where, 0, "it is nested too deeply, or an escape is none") from None
    if node is None:
        raise refused(where, 0, "it is empty")
    return node


def _remedies(error: yaml.MarkedYAMLError) -> tuple[str, ...]:
    is_colon = (error.problem or "").startswith("mapping values are not allowed")
    return ("text that ends in a colon, or holds ': ', stands in quotes",) if is_colon else ()


def _pairs(node: yaml.Node, where: str) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise refused(where, line_of(node), "it is no mapping of names to values")
    seen: set[str] = set()
    for key, value in node.value:
        name = text_of(key, where, "a key")
        if name in seen:
            raise refused(where, line_of(key), f"'{shown(name)}' stands twice")
        seen.add(name)
        yield name, value


def _entry(key: str, node: yaml.Node, where: str) -> Entry:
    return Entry(key, text_of(node, where, f"the value of '{shown(key)}'"), line_of(node))


def text_of(node: yaml.Node, where: str, what: str) -> str:
    """Return the text of a node that is text in every version of YAML.

    Raises:
        DeliveryError: *what* is something else.
    """
    is_plain = isinstance(node, yaml.ScalarNode) and node.style is None
    if not isinstance(node, yaml.ScalarNode):
        raise refused(where, line_of(node), f"{what} is no text but a mapping or a list")
    if node.tag != _TEXT or (is_plain and _is_no_text(node.value)):
        raise refused(
            where, line_of(node), f"{what} may be text or something else", "put it in quotes"
        )
    return str(node.value)


def _is_no_text(value: str) -> bool:
    is_grouped = value[:1] not in ("_", ",")
    return bool(_NO_TEXT.fullmatch(value.translate(_GROUPING) if is_grouped else value))


def _decoded(entry: Entry, where: str) -> Entry:
    coded = str(entry.value).replace("\n", "").replace("\r", "")
    try:
        plain = b64decode(coded, validate=True)
    except ValueError:
        raise _no_base64(entry, where) from None
    return entry._replace(value=text_or_bytes(plain))


def _no_base64(entry: Entry, where: str) -> DeliveryError:
    return refused(where, entry.line, f"the value of '{shown(entry.name)}' is not base64")


def line_of(node: yaml.Node | yaml.Event) -> int:
    """Return where *node* begins, from 1."""
    mark = node.start_mark
    return mark.line + 1 if mark else 0
