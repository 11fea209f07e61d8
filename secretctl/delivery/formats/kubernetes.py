"""A Secret of Kubernetes, with base64 data.

See: Kubernetes, Secrets; Object Names and IDs, DNS Subdomain Names
"""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.refusal import bad_name, bad_value
from secretctl.errors import UsageError
from secretctl.json_text import quoted

_LONGEST_NAME = 253
_LARGEST = 1024 * 1024
"""Bytes of all values together."""

_EDGES = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_INNER = _EDGES | {"-"}


def check_name(name: str) -> None:
    """Refuse what is no name of an object: a subdomain of DNS (RFC 1123) in small letters.

    Raises:
        UsageError: it is none.
    """
    if len(name) > _LONGEST_NAME or not all(map(_is_label, name.split("."))):
        raise UsageError(
            "argument --name: a Secret is named by small letters, digits, '-' and '.', each part "
            "beginning and ending with a letter or digit, 253 characters at most",
            "--name my-app",
        )


def written(variables: Sequence[Variable], *, name: str = "") -> str:
    """Return the manifest of a Secret called *name*.

    What is not fixed is in double quotes: ``y`` and ``44e0`` are a truth value and a number to
    kubectl, and text to others.

    Raises:
        UsageError: *name* is none.
        DeliveryError: the values are too large together, or a name is too long for a key.
    """
    check_name(name)
    head = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {quoted(name)}\ntype: Opaque\n"
    lines = [f"  {quoted(key)}: {quoted(value)}\n" for key, value in _data(variables).items()]
    return head + ("".join(["data:\n", *lines]) if lines else "data: {}\n")


def _data(variables: Sequence[Variable]) -> dict[str, str]:
    from base64 import b64encode

    size = 0
    for variable in variables:
        size += len(variable.value.encode())
        if size > _LARGEST:
            raise bad_value(variable, "k8s", "a Secret holds 1 MiB at most")
        if len(variable.name) > _LONGEST_NAME:
            raise bad_name(variable, "k8s", "a key has 253 characters at most")
    return {name: b64encode(value.encode()).decode() for name, value, _ in variables}


def _is_label(label: str) -> bool:
    return (
        label != ""
        and label[0] in _EDGES
        and label[-1] in _EDGES
        and all(c in _INNER for c in label)
    )
