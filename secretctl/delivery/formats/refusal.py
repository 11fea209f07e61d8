"""What is said where a format cannot carry a variable."""

from __future__ import annotations

from secretctl.delivery.environment import Variable
from secretctl.delivery.references import shown
from secretctl.errors import DeliveryError

ANY_VALUE = "json, yaml, toml, csv and k8s carry every value: --format json"
RENAME = "give it another name: NAME=SECRET-ID, or NAME=SECRET-ID#KEY for one key"


def bad_value(variable: Variable, form: str, reason: str) -> DeliveryError:
    """Return the error for a value; *reason* is a clause that holds nothing of it."""
    return DeliveryError(f"{variable.origin} cannot be written as {form}: {reason}", ANY_VALUE)


def bad_name(variable: Variable, form: str, reason: str) -> DeliveryError:
    """Return the error for the name of a variable."""
    name = shown(variable.name)
    return DeliveryError(
        f"{variable.origin} cannot be written as {form} under the name '{name}': {reason}", RENAME
    )
