"""The key directory: one record that tells of all KMS keys, their aliases and their material."""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain import kms
from secretctl.domain.kms import Alias, Directory, Key, Material
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_EMPTY = Directory({}, {}, {})


def encode(directory: Directory) -> bytes:
    """Return the record of the directory, before sealing."""
    fields = {
        "aliases": directory.aliases,
        "deleted": directory.deleted,
        "keys": {key_id: key[1:] for key_id, key in directory.keys.items()},
    }
    return json_text.compact(fields).encode()


def decode(record: bytes | None, account: str) -> Directory:
    """Read the record of the directory, of this kind or of the first one.

    Raises:
        VaultDamagedError: It is neither.
    """
    if record is None:
        return _EMPTY
    try:
        fields: dict[str, Any] = json_text.read(record.decode())
        if all(isinstance(each, list) for each in fields.values()):
            return _of_first_kind(fields, account)
        return Directory(
            {key_id: _key(key_id, *each) for key_id, each in fields["keys"].items()},
            {name: Alias(*each) for name, each in fields["aliases"].items()},
            {key_id: tuple(each) for key_id, each in fields["deleted"].items()},
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        raise damaged() from None


def damaged() -> VaultDamagedError:
    """Return the error for a directory that is not what was written."""
    return VaultDamagedError("the vault's key directory is damaged", "secretctl fsck")


def _key(  # noqa: PLR0913 the fields of a key, in order
    key_id: str,
    created_ms: int,
    materials: list[list[Any]],
    description: str,
    state: str,
    delete_after_ms: int | None,
    tags: list[list[str]],
    is_rewrapping: bool,  # noqa: FBT001 told by position
) -> Key:
    return Key(
        key_id,
        created_ms,
        tuple(Material(*each) for each in materials),
        description,
        state,
        delete_after_ms,
        tuple((name, value) for name, value in tags),
        is_rewrapping,
    )


def _of_first_kind(fields: dict[str, list[str]], account: str) -> Directory:
    """Read what told only which material a KmsKeyId meant; an alias's key has its material's id."""
    keys: dict[str, Key] = {}
    aliases: dict[str, Alias] = {}
    for given in sorted(fields, reverse=True):  # what names no key comes last: its material is used
        materials = tuple(Material(each, 0, whole_pins=True) for each in fields[given])
        is_alias, name = kms.parse(given, account)
        if is_alias:
            first = aliases.get(name) or Alias(_as_uuid(materials[0].id), 0, 0)
            aliases[name] = first
            name = first.key_id
        before = keys.get(name, Key(name, 0, ()))
        keys[name] = before._replace(materials=(*before.materials, *materials))
    return Directory(keys, aliases, {})


def _as_uuid(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
