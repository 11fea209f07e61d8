"""Grants on KMS keys, found: what a principal may do with a key.

A grant's record is sealed like the metadata of secrets. `kms_granting` gives and takes them.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.crypto.keys import mac
from secretctl.crypto.seal import context
from secretctl.domain.kms_grants import Grant
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import grants, layout
from secretctl.vault.codec import LAST_MS

if TYPE_CHECKING:
    from typing import Any

    from secretctl.domain.kms import Pairs
    from secretctl.vault.view import View

FIELD = b"kms-grant"
_HASH_BYTES = 16
_KEY_PART = slice(1 + _HASH_BYTES, 1 + 2 * _HASH_BYTES)


def of(view: View, grantee_id: str, key_id: str) -> list[Grant]:
    """Return what is granted to a principal on a key."""
    where = prefix(view, grantee_id) + _hashed_key(view, key_id)

    def opened(key: bytes, _stored: bytes) -> Grant:
        return decode(view.sealed_record(FIELD, key) or b"")

    read = view.keys.remembered.of
    return [read(key, stored, opened) for key, stored in view.stored_records(where)]


def on(view: View, key_id: str) -> list[Grant]:
    """Return all grants on a key, oldest first."""
    part = _hashed_key(view, key_id)
    places = [each for each in view.stored_keys(layout.KMS_GRANT) if each[_KEY_PART] == part]
    found = [decode(view.sealed_record(FIELD, each) or b"") for each in places]
    return sorted(found, key=lambda grant: (grant.created_ms, grant.id))


def all_of(view: View) -> list[Grant]:
    """Return all grants of the vault."""
    return [decode(stored) for stored in view.sealed_records(FIELD, layout.KMS_GRANT)]


def place(view: View, grant: Grant) -> bytes:
    """Return the key of a grant's record."""
    head = prefix(view, grant.grantee_id) + _hashed_key(view, grant.key_id)
    return head + bytes.fromhex(grant.id)


def prefix(view: View, grantee_id: str) -> bytes:
    """Return what the keys of all grants of a principal begin with."""
    return layout.KMS_GRANT + grants.hashed(view, grantee_id)


def _hashed_key(view: View, key_id: str) -> bytes:
    return mac(view.index_key, context(b"kms-key", key_id.encode()))[:_HASH_BYTES]


def decode(stored: bytes) -> Grant:
    """Read a record, of which nothing is believed: whoever has a credential can have written it.

    Raises:
        VaultDamagedError: It is not the record of a grant.
    """
    try:
        fields: list[Any] = json_text.of_bytes(stored)
        grant = Grant(*fields)
        grant = grant._replace(
            operations=tuple(grant.operations),
            context_subset=_pairs(grant.context_subset),
            context_equals=_pairs(grant.context_equals),
        )
        _check_types(grant)
    except (ValueError, TypeError, LookupError):
        raise VaultDamagedError("a grant cannot be read", "secretctl fsck") from None
    else:
        return grant


def _check_types(grant: Grant) -> None:
    """Refuse fields of other types than theirs; raises TypeError and ValueError."""
    pairs = (*(grant.context_subset or ()), *(grant.context_equals or ()))
    texts = (
        *grant[:4],
        *grant.operations,
        grant.retiring,
        grant.name,
        *(x for y in pairs for x in y),
    )
    if type(grant.created_ms) is not int or any(type(each) is not str for each in texts):
        raise TypeError
    if not 0 <= grant.created_ms <= LAST_MS:
        raise ValueError
    bytes.fromhex(grant.id)


def _pairs(pairs: Any) -> Pairs | None:
    return None if pairs is None else tuple((name, value) for name, value in pairs)
