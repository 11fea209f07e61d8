"""What an older secretctl vouched for, taken over once: facts one by one, or nothing at all.

    "o" = sealed under derive(root key, "vouched"): counter (8) | hashes (16 each), sorted

A fact was a member of a principal's record, or each element of one that has many, a grant, what is
sealed to whom, and each material of a KMS key. Aliases and the order of material were none.

A vault from before that has no record: all that is there is vouched for at the owner's first
change. The access keys say from then on that there must be one.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.crypto.keys import derive, mac
from secretctl.crypto.seal import SealError, context, open_sealed, seal
from secretctl.domain.principals import KINDS, Role, User
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import grants, kms_grants, layout, principals, vouched
from secretctl.vault.keyring import open_access, seal_access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secretctl.domain.principals import Entity
    from secretctl.vault.keyring import AccessKeys
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.unlocked import Keys
    from secretctl.vault.view import View

MISSING = "the record of what the owner vouches for is missing or damaged"
_OTHER = "what decides to whom keys are sealed is not what the owner left with an older secretctl"
_FIELD = b"vouched"
_COUNTER_BYTES = 8
_HASH_BYTES = 16
_NO_FACTS = ("id", "sessions")


def counter_of(view: View) -> int:
    """Return the counter of what an older secretctl vouched for, which must be what is there.

    Raises:
        VaultDamagedError: It is not, or there is no such record and must be one.
    """
    is_missing = view.stored_record(layout.VOUCHED) is None
    if is_missing and level(view) == 0 and view.state().vouched == 0:
        return 0
    if is_missing or level(view) >= vouched.EXACT:
        raise vouched.unknown(view, MISSING)
    counter, hashes = _opened(view)
    vouched.check_counter(view, counter)
    parts = {hashes[at : at + _HASH_BYTES] for at in range(0, len(hashes), _HASH_BYTES)}
    key = derive(view.keys.root, "facts", view.keys.vault_id)
    if parts != {mac(key, said)[:_HASH_BYTES] for said in facts(view)}:
        raise vouched.unknown(view, _OTHER)
    return counter


def raised(view: View, counter: int) -> bytes:
    """Return the record of an older secretctl with another counter; empty if there is none."""
    keys = view.keys
    try:
        _, hashes = _opened(view)
    except VaultDamagedError:
        return b""
    plain = counter.to_bytes(_COUNTER_BYTES, "big") + hashes
    return seal(vouched.sealing_key(keys), keys.where(_FIELD, layout.VOUCHED), plain)


def ended(transaction: Transaction) -> None:
    """Let the access keys say that there must be a record of today's kind from now on."""
    keys = transaction.keys
    access = _access(transaction)
    if access.vouches < vouched.EXACT:
        access = access._replace(vouches=vouched.EXACT)
        transaction.put_record(layout.ACCESS, seal_access(keys.root, keys.vault_id, access))
        keys.access = access


def _access(view: View) -> AccessKeys:
    keys: Keys = view.keys
    return open_access(keys.root, keys.vault_id, view.stored_record(layout.ACCESS) or b"")


def level(view: View) -> int:
    """Return what the access keys say of the record there must be (`AccessKeys.vouches`)."""
    return _access(view).vouches


def _opened(view: View) -> tuple[int, bytes]:
    """Return counter and hashes."""
    keys, stored = view.keys, view.stored_record(layout.VOUCHED) or b""
    try:
        plain = open_sealed(vouched.sealing_key(keys), keys.where(_FIELD, layout.VOUCHED), stored)
    except SealError:
        raise vouched.unknown(view, MISSING) from None
    return int.from_bytes(plain[:_COUNTER_BYTES], "big"), plain[_COUNTER_BYTES:]


def facts(view: View) -> Iterator[bytes]:
    """Yield what an older secretctl hashed of what is there."""
    entities = [(kind, each) for kind in KINDS for each in principals.all_of(view, kind)]
    for kind, entity in entities:
        for said in _members(entity):
            yield _fact(kind, entity.id, said)
    for grant in kms_grants.all_of(view):
        yield _fact("grant", grant.id, json_text.compact(grant).encode())
    holders = {
        grants.hashed(view, each.id) for _, each in entities if isinstance(each, User | Role)
    }
    for where, stored in view.stored_records(layout.GRANT):
        if where[grants.GRANTEE] in holders:
            yield _fact("sealed", where.hex(), stored)
    for key in view.kms_directory().keys.values():
        for material in key.materials:
            yield _fact("key", key.id, material.id.encode())


def _members(entity: Entity) -> Iterator[bytes]:
    """Yield each member of a principal's record, or each element of one that has many."""
    for name, value in entity._asdict().items():
        many = value if isinstance(value, tuple) else (value,)
        for each in () if name in _NO_FACTS else many:
            yield context(name.encode(), json_text.compact(each).encode())


def _fact(kind: str, bearer: str, said: bytes) -> bytes:
    return context(kind.encode(), bearer.encode()) + context(said)
