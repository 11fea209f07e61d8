"""Variable files for Terraform in JSON (``.tfvars.json``), where ``${`` is text.

See: Terraform, Input Variables, Variable Definitions Files
"""

from __future__ import annotations

from collections.abc import Sequence

from secretctl.delivery.environment import Variable
from secretctl.delivery.formats.documents import as_json
from secretctl.delivery.formats.refusal import bad_name, bad_value

_RESERVED = frozenset(
    ("source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals")
)


def written(variables: Sequence[Variable]) -> str:
    """Return an object of strings.

    Raises:
        DeliveryError: Terraform can have no variable of that name, or would change the value.
    """
    for variable in variables:
        if variable.name in _RESERVED:
            raise bad_name(variable, "tfvars-json", "Terraform keeps that name to itself")
        if not _is_composed(variable.value):
            raise bad_value(
                variable,
                "tfvars-json",
                "Terraform would write some letters otherwise (Unicode normalization form C)",
            )
    return as_json(variables)


def _is_composed(value: str) -> bool:
    """Tell whether *value* is in normalization form C, for later versions of Unicode as well."""
    if value.isascii():
        return True
    from unicodedata import category, is_normalized

    return is_normalized("NFC", value) and all(category(letter) != "Cn" for letter in value)
