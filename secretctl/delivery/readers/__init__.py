"""Files that other tools wrote, or ``export``, read back as entries: names with their values.

Each reader takes one dialect, strictly: what the dialect leaves open, or what only running code
could tell, is refused with the line or the name and the reason, and never with a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from secretctl.delivery.readers.entry import Entry

Reader = Callable[[str, str], list[Entry]]
"""Given the text of a file and its name, for messages. Raises DeliveryError where it cannot be read
or leaves something open."""

READERS: Mapping[str, str] = {
    "dotenv": "dotenv:dotenv",
    "docker": "lines:docker",
    "compose": "dotenv:compose",
    "shell": "shells:posix",
    "fish": "shells:fish",
    "powershell": "shells:powershell",
    "json": "documents:of_json",
    "yaml": "yaml_files:of_yaml",
    "toml": "tables:of_toml",
    "tfvars-json": "documents:of_json",
    "github": "lines:github",
    "gitlab": "lines:gitlab",
    "k8s": "yaml_files:of_kubernetes",
    "systemd": "systemd:read",
    "csv": "tables:of_csv",
    "properties": "properties:read",
    "aws": "aws:read",
    "vault": "hashicorp:read",
    "chamber": "chamber:read",
    "1password": "hosted:onepassword",
    "doppler": "hosted:doppler",
    "infisical": "hosted:infisical",
}
"""Module of this package and its function, by the name of the format."""

SOPS, PASS = "sops", "pass"
FORMATS = (*READERS, SOPS, PASS)
"""All formats: also those of which another program is the reader."""


def reader(form: str) -> Reader:
    """Return what reads the format *form*, one of `READERS`."""
    module, _, function = READERS[form].partition(":")
    found: Reader = getattr(import_module(f"{__name__}.{module}"), function)
    return found
