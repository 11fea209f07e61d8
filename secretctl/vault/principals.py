"""Users, groups, roles and managed policies in the vault: found by kind and name, or listed.

A record lies under a keyed hash of its kind and of its name in lower case: names that differ in
case only are one name, as in AWS. It is sealed like the metadata of secrets, as a JSON object.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.crypto.keys import mac
from secretctl.crypto.seal import context
from secretctl.domain.principals import (
    KINDS,
    AccessKey,
    Entity,
    ManagedPolicy,
    PolicyVersion,
    User,
    kind_of,
)
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import layout

if TYPE_CHECKING:
    from typing import Any

    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

_FIELD = b"principal"
_PAIRS = ("inline", "tags", "sessions")
_HASH_BYTES = 16


def find(view: View, kind: str, name: str) -> Entity | None:
    """Return the entity of that kind and name.

    Raises:
        VaultDamagedError: Its record is not what was written.
    """
    key = place(view, kind, name)
    stored = view.sealed_record(_FIELD, key)
    if stored is None:
        return None
    found = _decoded(kind, stored)
    if found.name.lower() != name.lower():
        raise VaultDamagedError("a principal's record stands under another name", "secretctl fsck")
    return found


def all_of(view: View, kind: str) -> list[Entity]:
    """Return all entities of a kind, by name."""
    found = [_decoded(kind, stored) for stored in view.sealed_records(_FIELD, _prefix(kind))]
    return sorted(found, key=lambda entity: entity.name.lower())


def put(transaction: Transaction, entity: Entity) -> None:
    """Keep *entity*, new or changed."""
    key = place(transaction, kind_of(entity), entity.name)
    transaction.put_sealed(_FIELD, key, json_text.compact(entity._asdict()).encode())
    transaction.changed_principals.append(entity)


def delete(transaction: Transaction, entity: Entity) -> None:
    """Remove *entity*."""
    transaction.delete_record(place(transaction, kind_of(entity), entity.name))
    transaction.changed_principals.append(entity)


def place(view: View, kind: str, name: str) -> bytes:
    """Return the key of an entity's record."""
    where = context(_FIELD, kind.encode(), name.lower().encode())
    return _prefix(kind) + mac(view.index_key, where)[:_HASH_BYTES]


def _prefix(kind: str) -> bytes:
    return layout.PRINCIPAL + kind[:1].encode()


def _decoded(kind: str, stored: bytes) -> Entity:
    try:
        fields: dict[str, Any] = json_text.read(stored.decode())
        for name, value in fields.items():
            if isinstance(value, list):
                paired = name in _PAIRS
                fields[name] = tuple(tuple(each) if paired else each for each in value)
        if KINDS[kind] is User:
            fields["access_keys"] = tuple(AccessKey(*each) for each in fields["access_keys"])
        if KINDS[kind] is ManagedPolicy:
            fields["versions"] = tuple(PolicyVersion(*each) for each in fields["versions"])
        return KINDS[kind](**fields)
    except (ValueError, TypeError, LookupError):
        raise VaultDamagedError("a principal's record cannot be read", "secretctl fsck") from None
