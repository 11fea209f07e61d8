"""The key directory: one record that tells of all KMS keys, their aliases and their material."""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain import kms
from secretctl.domain.kms import Alias, Directory, Key, Material
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import layout
from secretctl.vault.codec import LAST_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

_EMPTY = Directory({}, {}, {})


def encode(directory: Directory) -> bytes:
    """Return the record of the directory, before sealing."""
    fields = {
        "aliases": {
            name: each if each.formerly else each[:-1] for name, each in directory.aliases.items()
        },
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
        fields: dict[str, Any] = json_text.of_bytes(record)
        if all(isinstance(each, list) for each in fields.values()):
            return _of_first_kind(fields, account)
        return Directory(
            {key_id: _key(key_id, *each) for key_id, each in fields["keys"].items()},
            {name: _alias(*each) for name, each in fields["aliases"].items()},
            {key_id: tuple(map(_material_id, each)) for key_id, each in fields["deleted"].items()},
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
    _check_times(created_ms, 0 if delete_after_ms is None else delete_after_ms)
    _check_types((description, state, *(part for pair in tags for part in pair)), str)
    return Key(
        key_id,
        created_ms,
        _materials(materials),
        description,
        state,
        delete_after_ms,
        tuple((name, value) for name, value in tags),
        is_rewrapping,
    )


def _materials(stored: list[list[Any]]) -> tuple[Material, ...]:
    """Return the material of a key, of which there is some.

    Raises:
        TypeError, ValueError: There is none, or it is not what was written.
    """
    found = tuple(Material(*each) for each in stored)
    if not found:
        raise ValueError
    for each in found:
        _material_id(each.id)
    _check_times(*[each.created_ms for each in found])
    return found


def _material_id(stored: str) -> str:
    if len(bytes.fromhex(stored)) != layout.KEY_ID_BYTES:
        raise ValueError
    return stored


def _alias(key_id: str, created_ms: int, updated_ms: int, formerly: Sequence[str] = ()) -> Alias:
    _check_types((key_id, *formerly), str)
    _check_times(created_ms, updated_ms)
    return Alias(key_id, created_ms, updated_ms, tuple(formerly))


def _check_times(*times: int) -> None:
    _check_types(times, int)
    if not all(0 <= each <= LAST_MS for each in times):
        raise ValueError


def _check_types(values: Iterable[object], expected: type) -> None:
    if any(type(each) is not expected for each in values):
        raise TypeError


def _of_first_kind(fields: dict[str, list[str]], account: str) -> Directory:
    """Read what told only which material a KmsKeyId meant; an alias's key has its material's id."""
    keys: dict[str, Key] = {}
    aliases: dict[str, Alias] = {}
    for given in sorted(fields, reverse=True):  # what names no key comes last: its material is used
        materials = tuple(
            Material(_material_id(each), 0, whole_pins=True) for each in fields[given]
        )
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
