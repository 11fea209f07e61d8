"""Variables as text of a named dialect, which its consumer reads back to the byte, or not at all.

A dialect is what one consumer, or the named ones, read alike. What they would change, drop or
refuse is refused here, with the name of the secret and the reason; a value never stands in a
message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from secretctl.delivery.environment import Variable

Writer = Callable[[Sequence[Variable]], str]
"""Raises DeliveryError where the dialect cannot carry a name or a value."""

FORMATS: Mapping[str, str] = {
    "dotenv": "dotenv:dotenv",
    "docker": "lines:docker",
    "compose": "dotenv:compose",
    "shell": "posix_shell:written",
    "fish": "fish:written",
    "powershell": "powershell:written",
    "json": "documents:as_json",
    "yaml": "documents:as_yaml",
    "toml": "documents:as_toml",
    "tfvars-json": "terraform:written",
    "github": "github:written",
    "gitlab": "lines:gitlab",
    "k8s": "kubernetes:written",
    "systemd": "systemd:written",
    "csv": "documents:as_csv",
    "properties": "properties:written",
}
"""Module of this package and its function, by the name of the format."""

DOCUMENTS = frozenset({"json", "yaml", "toml", "tfvars-json", "k8s", "csv", "properties"})
"""Formats of data. What is written in another becomes variables of an environment."""


def writer(form: str) -> Writer:
    """Return what writes the format *form*, one of `FORMATS`.

    The function for ``k8s`` takes a keyword argument more: ``name``, of the object.
    """
    module, _, function = FORMATS[form].partition(":")
    found: Writer = getattr(import_module(f"{__name__}.{module}"), function)
    return found
