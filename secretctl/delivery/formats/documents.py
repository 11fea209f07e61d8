"""JSON, YAML, TOML and CSV, written by their libraries: every value is a string and is carried."""

from __future__ import annotations

from collections.abc import Sequence

from secretctl import json_text
from secretctl.delivery.environment import Variable


def as_json(variables: Sequence[Variable]) -> str:
    """Return one object (RFC 8259), ASCII, values as strings."""
    return json_text.indented(_mapping(variables)) + "\n"


def as_yaml(variables: Sequence[Variable]) -> str:
    """Return one mapping of double-quoted keys and values, so that NO, 0123 and null stay text."""
    import yaml

    text: str = yaml.safe_dump(
        _mapping(variables), default_style='"', sort_keys=False, width=float("inf")
    )
    return text


def as_toml(variables: Sequence[Variable]) -> str:
    """Return one table (TOML 1.0) of basic strings."""
    import tomli_w

    return tomli_w.dumps(_mapping(variables))


def as_csv(variables: Sequence[Variable]) -> str:
    """Return a table of name and value with a heading (RFC 4180), every field in quotes."""
    import csv
    from io import StringIO

    out = StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_ALL)
    rows.writerow(("name", "value"))
    rows.writerows((variable.name, variable.value) for variable in variables)
    return out.getvalue()


def _mapping(variables: Sequence[Variable]) -> dict[str, str]:
    return {variable.name: variable.value for variable in variables}
