"""Names of variables for secrets and keys, where ``NAME=`` says nothing; see `environment`."""

from __future__ import annotations

from secretctl.delivery.references import is_variable
from secretctl.record import NamedTuple


class Naming(NamedTuple):
    """How variables get their names where ``NAME=`` says nothing."""

    prefix: str = ""
    keep_case: bool = False

    def of_key(self, key: str) -> str:
        """Return the name for a JSON key; empty for an empty one."""
        return key and self.prefix + name_of(key, keep_case=self.keep_case)

    def of_secret(self, secret: str) -> str:
        """Return the name for a string that is no object, by the last segment of its secret's."""
        name = name_of(secret.rpartition("/")[2], keep_case=self.keep_case)
        return name and self.prefix + (name if self.keep_case else name.upper())


def name_of(key: str, *, keep_case: bool = False) -> str:
    """Return the name of the variable for a JSON key; empty for an empty one."""
    if not key or is_variable(key):
        return key
    name = "".join([letter if is_variable(f"_{letter}") else "_" for letter in key])
    name = name if keep_case else name.upper()
    return "_" + name if name[0].isdigit() else name
