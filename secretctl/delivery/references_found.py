"""References among values: only what cannot be anything else, and only as the whole value.

    {{resolve:secretsmanager:ID:SecretString:KEY:STAGE:VERSION}}
    secretctl://ID#KEY?stage=LABEL
    arn:…:secret:NAME-SUFFIX:KEY:STAGE:VERSION

The ARN of a secret without the three parts is no reference: programs are given it to read the
secret themselves. ``ID:KEY`` and ``ID#KEY`` could be any text.
"""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.delivery.references import ARN_COLONS, RESOLVE, SCHEME, Source, parse, shown
from secretctl.errors import DeliveryError, UsageError

_DYNAMIC = RESOLVE + "secretsmanager:"
_ECS_COLONS = ARN_COLONS + 3


def is_reference(value: str) -> bool:
    """Tell whether *value* is written to be replaced by a secret."""
    if value.startswith((_DYNAMIC, SCHEME)):
        return True
    parts = value.split(":")
    is_arn = parts[0] == "arn" and parts[2:3] == ["secretsmanager"] and parts[5:6] == ["secret"]
    return is_arn and len(parts) == _ECS_COLONS + 1


def reference(name: str, value: str, place: str) -> Source | None:
    """Return the secret that *value* refers to, for the variable *name*; None for other values.

    Args:
        name: Of the variable.
        value: What it is set to.
        place: Where that stands, for messages, which never show the value.

    Raises:
        DeliveryError: it is an unreadable reference, or holds one among other text.
    """
    if not is_reference(value):
        if _DYNAMIC in value:
            raise DeliveryError(
                f"{place} holds a reference among other text",
                "a reference must be the whole value; the program puts the text around it",
            )
        return None
    try:
        return parse(value)._replace(variable=name)
    except UsageError as error:
        raise DeliveryError(f"{place}: {error.message}", *error.hints) from None


def in_environment(environ: Mapping[str, str]) -> list[Source]:
    """Return what the values of *environ* refer to, in the order of their names.

    Raises:
        DeliveryError: see `reference`.
    """
    found = [
        reference(name, environ[name], f"the variable '{shown(name)}'") for name in sorted(environ)
    ]
    return [source for source in found if source is not None]
