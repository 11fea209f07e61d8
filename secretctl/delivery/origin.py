"""Where a value comes from, for messages, and the JSON object that a secret may be."""

from __future__ import annotations

from secretctl.delivery import json_values
from secretctl.delivery.references import Source, shown, spelled
from secretctl.errors import DeliveryError
from secretctl.record import NamedTuple


class Origin(NamedTuple):
    """Where a variable comes from; written out only for a message."""

    source: Source
    key: str | None = None

    def __str__(self) -> str:
        """Name the secret, and the key in it."""
        secret = f"'{shown(spelled(self.source._replace(json_key=None)))}'"
        return secret if self.key is None else f"key '{shown(self.key)}' of {secret}"


_NOWHERE = Origin(Source(None, "", None, None, None))


def object_of(text: str, where: Origin) -> dict[str, object] | None:
    """Return the members of a JSON object; None if *text* is something else (RFC 8259).

    Raises:
        DeliveryError: It holds a key twice, or is nested too deeply.
    """
    if not text.lstrip(" \t\r\n").startswith("{"):
        return None
    try:
        members: dict[str, object] = json_values.read(text)
    except json_values.DuplicateKeyError as error:
        key = shown(str(error.args[0]))
        raise DeliveryError(
            f"{where} holds the key '{key}' twice: which is meant is unclear"
        ) from None
    except ValueError:
        return None
    except RecursionError:
        raise DeliveryError(f"{where} is nested too deeply") from None
    return members


def is_object(value: object) -> bool:
    """Tell whether *value* is the text of a JSON object, be it one that cannot be used."""
    try:
        return isinstance(value, str) and object_of(value, _NOWHERE) is not None
    except DeliveryError:
        return True
