"""The ``yaml`` and ``yaml-stream`` formats.

Strings stay strings for readers of YAML 1.1 and of 1.2: ``no`` and ``1e3`` are both quoted, where
AWS's tool quotes only what 1.2 would misread.
"""

import re
from typing import Any

_NUMBER_1_2 = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|0o[0-7]+$")
"""Numbers of YAML 1.2, which aws writes and PyYAML, being of 1.1, knows only in part."""


def as_yaml(found: object, *, shown: bool = False) -> str:
    """Return a YAML document; a bare scalar is written as JSON, which is YAML too.

    Args:
        found: What to write.
        shown: It goes to a terminal: characters outside ASCII are written as escapes.
    """
    if found == {}:
        return ""
    if isinstance(found, str | int | float | None):
        import json

        return json.dumps(found, ensure_ascii=shown) + "\n"
    return _dump(found, shown=shown)


def as_yaml_stream(found: object, *, shown: bool = False) -> str:
    """Return a YAML list with the answer as its one item."""
    return _dump([found], shown=shown)


def _dump(found: object, *, shown: bool) -> str:
    import yaml

    # libyaml is much faster; it only decides otherwise which characters of a string to escape.
    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc]  # chosen when running
        """Quotes what either version of YAML would read as a number."""

    Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER_1_2, list("-+.0123456789"))
    text: str = yaml.dump(found, Dumper=Dumper, default_flow_style=False, allow_unicode=not shown)
    return text
