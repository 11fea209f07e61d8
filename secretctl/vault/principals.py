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
    Role,
    User,
    is_name,
    kind_of,
)
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import layout
from secretctl.vault.codec import LAST_MS

if TYPE_CHECKING:
    from typing import Any

    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

_FIELD = b"principal"
_PAIRS = ("inline", "tags", "sessions")
_NUMBERS = ("created_ms", "updated_ms", "longest_session_s", "in_force", "newest")
_ELEMENTS: dict[str, tuple[type, ...]] = {
    "groups": (str,),
    "attached": (str,),
    "access_keys": (str, int, str, str),
    "versions": (int, int, str),
    **dict.fromkeys(_PAIRS, (str, str)),
}
_HASH_BYTES = 16


def find(view: View, kind: str, name: str) -> Entity | None:
    """Return the entity of that kind and name.

    Raises:
        VaultDamagedError: Its record is not what was written.
    """
    key = place(view, kind, name)
    stored = view.stored_record(key)
    if stored is None:
        return None

    def opened(key: bytes, _stored: bytes) -> Entity:
        return decode(kind, view.sealed_record(_FIELD, key) or b"")

    found = view.keys.remembered.of(key, stored, opened)
    if found.name.lower() != name.lower():
        raise VaultDamagedError("a principal's record stands under another name", "secretctl fsck")
    return found


def all_of(view: View, kind: str) -> list[Entity]:
    """Return all entities of a kind, by name."""
    found = [decode(kind, stored) for stored in view.sealed_records(_FIELD, _prefix(kind))]
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


def without_sessions(view: View, where: bytes) -> bytes | None:
    """Return what the record of a role says but for its sessions; None if it is none."""
    found = _at(view, where)
    if not isinstance(found, Role):
        return None
    kept = found._replace(sessions=())._asdict()  # a member that is new to the program is not there
    told = {name: each for name, each in kept.items() if each != Role._field_defaults.get(name)}
    return json_text.compact(told, by_name=True).encode()


def shown_at(view: View, where: bytes) -> str:
    """Return kind and name of the entity whose record lies at a place, as far as it is one."""
    kind, found = _kind_at(where), _at(view, where)
    if found is None or not is_name(found.name):
        return f"a {kind or 'record'} without a name"
    return f"the {kind} {found.name}" if is_sound_at(view, where) else f"a {kind} elsewhere"


def is_sound_at(view: View, where: bytes) -> bool:
    """Tell whether an entity's record lies at a place, which is that of its name."""
    found = _at(view, where)
    return found is not None and place(view, kind_of(found), found.name) == where


def _kind_at(where: bytes) -> str:
    return next((each for each in KINDS if _prefix(each) == where[:2]), "")


def _at(view: View, where: bytes) -> Entity | None:
    kind = _kind_at(where)
    try:
        return decode(kind, view.sealed_record(_FIELD, where) or b"") if kind else None
    except VaultDamagedError:
        return None


def place(view: View, kind: str, name: str) -> bytes:
    """Return the key of an entity's record."""
    where = context(_FIELD, kind.encode(), name.lower().encode())
    return _prefix(kind) + mac(view.index_key, where)[:_HASH_BYTES]


def _prefix(kind: str) -> bytes:
    return layout.PRINCIPAL + kind[:1].encode()


def decode(kind: str, stored: bytes) -> Entity:
    """Read a record, of which nothing is believed: whoever has a credential can have written it.

    Raises:
        VaultDamagedError: It is not the record of an entity of that kind.
    """
    try:
        fields: dict[str, Any] = json_text.of_bytes(stored)
        for name, value in dict(fields).items():
            if isinstance(value, list):
                paired = name in _PAIRS
                fields[name] = tuple(tuple(each) if paired else each for each in value)
        if KINDS[kind] is User:
            fields["access_keys"] = tuple(AccessKey(*each) for each in fields["access_keys"])
        if KINDS[kind] is ManagedPolicy:
            fields["versions"] = tuple(PolicyVersion(*each) for each in fields["versions"])
        entity = KINDS[kind](**fields)
        _check_types(entity)
    except (ValueError, TypeError, LookupError):
        raise VaultDamagedError("a principal's record cannot be read", "secretctl fsck") from None
    else:
        return entity


def _check_types(entity: Entity) -> None:
    """Refuse a member of another type than its own: somebody else's program wrote it.

    Raises:
        TypeError: There is one.
        ValueError: A public key or the end of a session is none.
    """
    for member, value in entity._asdict().items():
        types = _ELEMENTS.get(member)
        if types is None:
            fits = _fits(value, (int if member in _NUMBERS else str,))
        else:
            fits = type(value) is tuple and all(_fits(each, types) for each in value)
        if not fits:
            raise TypeError
    if isinstance(entity, User | Role):
        bytes.fromhex(entity.public_key)
    for key in entity.access_keys if isinstance(entity, User) else ():
        bytes.fromhex(key.public_key)
    for _, ends_ms in entity.sessions if isinstance(entity, Role) else ():
        _check_number(int(ends_ms))
    if isinstance(entity, ManagedPolicy) and entity.in_force not in [
        each.number for each in entity.versions
    ]:
        raise ValueError


def _fits(element: Any, types: tuple[type, ...]) -> bool:
    """Tell whether an element's parts are of those types; raises ValueError as `_check_number`."""
    parts = (element,) if len(types) == 1 else element
    if not isinstance(parts, tuple) or tuple(map(type, parts)) != types:
        return False
    for part in parts:
        if type(part) is int:
            _check_number(part)
    return True


def _check_number(number: int) -> None:
    """Refuse a time, or a count, that no answer can name; raises ValueError."""
    if not 0 <= number <= LAST_MS:
        raise ValueError
