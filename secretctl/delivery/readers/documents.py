"""JSON: one object, an entry for each of its members."""

from __future__ import annotations

from secretctl.delivery import json_values
from secretctl.delivery.readers.entry import Entry, distinct, refused
from secretctl.delivery.references import shown


def of_json(text: str, where: str) -> list[Entry]:
    """Read one object (RFC 8259): strings as they are, all else as its JSON, numbers as written.

    Raises:
        DeliveryError: it is no such object, a key stands twice, or a value is null.
    """
    return members(object_of(text, where), where)


def members(found: dict[str, object], where: str) -> list[Entry]:
    """Return an entry for each member of an object.

    Raises:
        DeliveryError: a value is null.
    """
    return distinct((Entry(key, _text(key, value, where)) for key, value in found.items()), where)


def object_of(text: str, where: str) -> dict[str, object]:
    """Return what one JSON object says, numbers as `json_values.Number`.

    Raises:
        DeliveryError: *text* is something else.
    """
    found = value_of(text, where)
    if not isinstance(found, dict):
        raise refused(where, 0, "it is JSON, but no object with names and values")
    return found


def value_of(text: str, where: str) -> object:
    """Return what JSON says; raises DeliveryError where *text* is none."""
    import json.decoder  # noqa: F401 so that what is no JSON is told with its line

    try:
        found: object = json_values.read(text)
    except json_values.DuplicateKeyError as error:
        key = shown(str(error.args[0]))
        raise refused(where, 0, f"an object holds the key '{key}' twice") from None
    except ValueError as error:
        line = int(getattr(error, "lineno", 0))
        blank = text[: len(text) - len(text.lstrip(" \t\r\n"))].count("\n")
        raise refused(where, line and line + blank, "it is not JSON") from None
    except RecursionError:
        raise refused(where, 0, "it is nested too deeply") from None
    return found


def _text(key: str, value: object, where: str) -> str:
    if value is None:
        raise refused(where, 0, f"the value of '{shown(key)}' is null", "leave it out")
    try:
        return json_values.text(value)
    except RecursionError:
        raise refused(where, 0, f"the value of '{shown(key)}' is nested too deeply") from None
