"""Which other secrets a builtin may read for the one it rotates: what the configuration file says.

    [rotation.reads]
    "prod/db/*" = ["prod/db-master"]

Patterns of names, with AWS's wildcards, and ids of secrets. Whoever may change a value names a
master in it, or an authority; here is said whose master that may be, by whoever rotates.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from secretctl import json_text
from secretctl.domain.names import parse_secret_id
from secretctl.errors import ConfigError, ServiceError
from secretctl.policy import wildcard
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeGuard

Reads = dict[str, object]
"""By pattern, what stands there: see `ids_of`."""

_HINT = 'they are lists of secrets by patterns of names: "prod/db/*" = ["prod/db-master"]'


def read(table: object) -> Reads:
    """Return what ``rotation.reads`` of the configuration file says; nothing where it is not there.

    Raises:
        ConfigError: It is no table.
    """
    return by_pattern(table, "rotation.reads", _HINT)


def by_pattern(table: object, name: str, hint: str) -> dict[str, object]:
    """Return what a *table* of the configuration file, called *name*, says of patterns of secrets.

    Raises:
        ConfigError: With *hint*; it is no table.
    """
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise ConfigError(f"'{name}' in the configuration file is no table", hint)
    return dict(table)


def of_secret(found: Reads, name: str) -> tuple[str, ...]:
    """Return the ids that may be read for the secret *name*.

    Raises:
        ConfigError: A pattern that means it says something else; others are not looked at.
    """
    return tuple(
        each for pattern in found if is_meant([pattern], name) for each in ids_of(found, pattern)
    )


def ids_of(found: Reads, pattern: str) -> list[str]:
    """Return the ids that stand at a pattern; raises ConfigError, which names it, for all else."""
    ids = found[pattern]
    if is_texts(ids) and all(map(is_id, ids)):
        return ids
    shown = json_text.compact(pattern)
    raise ConfigError(
        f"'rotation.reads' in the configuration file has at the pattern {shown} what is no list of "
        "names and ARNs of secrets",
        _HINT,
        f"secretctl rotation allow {shlex.quote(pattern)} --remove",
    )


def is_texts(found: object) -> TypeGuard[list[str]]:
    """Tell whether something is a list of texts."""
    return isinstance(found, list) and all(isinstance(each, str) for each in found)


def is_id(text: str) -> bool:
    """Tell whether some secret may have *text* as its id: a name, or an ARN of any place."""
    place = (text.split(":") + [""] * 5)[3:5]
    try:
        parse_secret_id(text, region=place[0], account=place[1])
    except ServiceError:
        return False
    return True


def is_meant(patterns: Iterable[str], name: str) -> bool:
    """Tell whether one of *patterns* describes the name of a secret."""
    return wildcard.among(tuple(map(wildcard.of_text, patterns)), name)
