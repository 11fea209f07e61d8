"""Secrets that a buildspec of CodeBuild asks for: ``env.secrets-manager``.

What else is in the file may be any YAML. Aliases and merge keys (``<<``) are followed on the way to
the section and in it, each mapping once; a mapping's own keys come first, as YAML has it.

See: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
     https://yaml.org/type/merge.html
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from secretctl.delivery.aws_files import source_for
from secretctl.delivery.readers.entry import refused
from secretctl.delivery.readers.yaml_files import line_of, root, text_of
from secretctl.delivery.references import Source, shown
from secretctl.errors import DeliveryError

_ENV, _SECTION = "env", "secrets-manager"
_MERGE, _NULL = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:null"
_FORM = "NAME: ID:KEY:STAGE:VERSION, for each variable"
Pair = tuple[yaml.Node, yaml.Node]


def of_buildspec(text: str, where: str) -> list[Source]:
    """Return the secrets of a buildspec.

    Args:
        text: What is in the file.
        where: Its path, for messages.

    Raises:
        DeliveryError: it is no YAML, the section is something else than names with references, or
            a reference cannot be read. Lines and names only.
    """
    document = root(text, where)
    if not isinstance(document, yaml.MappingNode):
        raise refused(where, line_of(document), "it is no buildspec, which is a mapping")
    section = _below(_below(document, _ENV, where), _SECTION, where)
    return [] if section is None else list(_sources(section, where))


def _below(mapping: yaml.MappingNode | None, name: str, where: str) -> yaml.MappingNode | None:
    """Return the mapping that stands in another below *name*; None if there is no such key."""
    found = [] if mapping is None else _given(mapping, where)
    node = next((value for key, value in found if _is_text(key, name)), None)
    if node is None or isinstance(node, yaml.MappingNode):
        return node
    if node.tag == _NULL:
        raise refused(where, line_of(node), f"'{name}' is empty", "leave it out", _FORM)
    raise refused(where, line_of(node), f"'{name}' is no mapping", _FORM)


def _sources(section: yaml.MappingNode, where: str) -> Iterator[Source]:
    given: set[str] = set()
    for key, node in _given(section, where):
        name = text_of(key, where, "a key")
        if name in given:
            continue
        given.add(name)
        reference = text_of(node, where, f"the value of '{shown(name)}'")
        try:
            yield source_for(name, reference)
        except DeliveryError as error:
            raise refused(where, line_of(key), error.message, *error.hints) from None


def _given(mapping: yaml.MappingNode, where: str) -> Iterator[Pair]:
    """Yield what stands in a mapping, then what merge keys bring into it, each mapping once.

    Raises:
        DeliveryError: a key stands twice in one, or a merge key brings something else.
    """
    waiting, seen = [mapping], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield from _own(current, where)
        brought = [value for key, value in current.value if key.tag == _MERGE]
        waiting += reversed([each for value in brought for each in _merged(value, where)])


def _own(mapping: yaml.MappingNode, where: str) -> list[Pair]:
    pairs = [(key, value) for key, value in mapping.value if key.tag != _MERGE]
    seen: set[str] = set()
    for key, _ in pairs:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if key.value in seen:
            raise refused(where, line_of(key), f"'{shown(key.value)}' stands twice")
        seen.add(key.value)
    return pairs


def _merged(node: yaml.Node, where: str) -> list[yaml.MappingNode]:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for each in nodes:
        if not isinstance(each, yaml.MappingNode):
            raise refused(where, line_of(each), "'<<' stands for something else than mappings")
    return list(nodes)


def _is_text(key: yaml.Node, text: str) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.value == text
