"""What the command lines of hosted managers print: 1Password, Doppler, Infisical.

    op item get NAME --format json             fields with id, label, section and value
    doppler secrets download --no-file --format json    names and values
    doppler secrets --json                     for each name its computed value
    infisical export --format json|dotenv      a list of keys with values; KEY='value'

See: https://developer.1password.com/docs/cli/item-fields
     https://docs.doppler.com/docs/accessing-secrets
     https://infisical.com/docs/cli/commands/export
"""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.delivery.readers.documents import members, object_of, value_of
from secretctl.delivery.readers.entry import Entry, distinct, refused
from secretctl.delivery.readers.scanning import NAME, pattern, scanned
from secretctl.delivery.references import shown
from secretctl.errors import DeliveryError

_ABOUT = ("DOPPLER_PROJECT", "DOPPLER_ENVIRONMENT", "DOPPLER_CONFIG")
"""What Doppler adds to every configuration."""

_HIDDEN = "[use 'op item get"
_DOTENV = pattern(rf"(?:export )?{NAME}='(?P<word>[^']*)'(?:\n|\Z)")


def onepassword(text: str, where: str) -> list[Entry]:
    """Return an entry for each field that has a value, of one item or of a list of them.

    It is named by its label, behind that of its section if it has one, and of a list behind the
    title of its item.

    Raises:
        DeliveryError: it is no item, or its values are hidden.
    """
    found = value_of(text, where)
    if isinstance(found, list):
        return distinct(
            (
                entry._replace(name=f"{_title(item, where)}/{entry.name}")
                for item in found
                for entry in _fields(item, where)
            ),
            where,
        )
    return distinct(_fields(found, where), where)


def doppler(text: str, where: str) -> list[Entry]:
    """Return an entry for each secret of a configuration, without the three that describe it.

    Raises:
        DeliveryError: it is no such answer, or a secret has no value there.
    """
    found = object_of(text, where)
    values = {
        name: _computed(name, value, where) if isinstance(value, dict) else value
        for name, value in found.items()
        if name not in _ABOUT
    }
    return members(values, where)


def infisical(text: str, where: str) -> list[Entry]:
    """Return an entry for each secret of an environment.

    Raises:
        DeliveryError: it is neither, or a value in single quotes holds one.
    """
    if not text.lstrip().startswith(("[", "{")):
        form = "NAME='value' without a single quote inside, where --format json tells"
        return scanned(text, where, _DOTENV, str, form)
    found = value_of(text, where)
    if not isinstance(found, list):
        raise _no_export(where)
    return distinct((_pair(each, where) for each in found), where)


def _fields(item: object, where: str) -> Iterator[Entry]:
    fields = item.get("fields") if isinstance(item, dict) else None
    if not isinstance(fields, list):
        raise refused(where, 0, "it is not what 'op item get --format json' prints")
    for field in fields:
        value = field.get("value") if isinstance(field, dict) else None
        if value is None or value == "":
            continue
        name = _label(field)
        if type(value) is not str:
            raise refused(where, 0, f"the value of '{shown(name)}' is no text")
        if value.startswith(_HIDDEN):
            raise refused(where, 0, f"the value of '{shown(name)}' is hidden", "op … --reveal")
        yield Entry(name, value)


def _label(field: dict[str, object]) -> str:
    section = field.get("section")
    above = section.get("label") if isinstance(section, dict) else None
    label = str(field.get("label") or field.get("id") or "")
    return f"{above}/{label}" if isinstance(above, str) and above else label


def _title(item: object, where: str) -> str:
    title = item.get("title") if isinstance(item, dict) else None
    if not isinstance(title, str) or not title:
        raise refused(where, 0, "an item has no title")
    return title


def _computed(name: str, value: dict[str, object], where: str) -> object:
    if value.get("computed") is None:
        raise refused(
            where,
            0,
            f"'{shown(name)}' has no value there: it is restricted, or names alone were listed",
        )
    return value["computed"]


def _pair(secret: object, where: str) -> Entry:
    if not isinstance(secret, dict):
        raise _no_export(where)
    key, value = secret.get("key"), secret.get("value")
    if not isinstance(key, str) or type(value) is not str:
        raise _no_export(where)
    return Entry(key, value)


def _no_export(where: str) -> DeliveryError:
    return refused(where, 0, "it is not what 'infisical export --format json' prints")
