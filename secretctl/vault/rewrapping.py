"""Wrapping data keys anew under a key's newest material; what they encrypt is not touched.

A value's record is taken apart no further than its wrapped data key. Pins of today are about the
sealed value alone, so the secret's record stays as it is; a pin of an older vault is about the
whole record and is renewed.
"""

from __future__ import annotations

from secretctl.crypto.keys import KEY_BYTES
from secretctl.crypto.seal import SealError, sealer
from secretctl.domain import kms
from secretctl.domain.kms import Key
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import grants, layout
from secretctl.vault.state import pin_of
from secretctl.vault.view import WRAPPED_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

_PLACE = slice(1, 1 + layout.PLACE_BYTES)


class Batch(NamedTuple):
    """How far a rewrapping has come."""

    rewrapped: int
    after: bytes
    """Key of the last value looked at."""

    is_last: bool


def referred(view: View, key: Key) -> tuple[int, set[str]]:
    """Return how many values are wrapped under older material of *key*, and under which."""
    older = {bytes.fromhex(each.id) for each in key.materials[:-1]}
    count, found = 0, set[str]()
    for _, stored in _values(view):
        if stored[: layout.KEY_ID_BYTES] in older:
            count += 1
            found.add(stored[: layout.KEY_ID_BYTES].hex())
    return count, found


def rewrap(transaction: Transaction, key: Key, after: bytes, limit: int) -> Batch:
    """Wrap up to *limit* data keys anew that are wrapped under older material of *key*.

    Args:
        transaction: Of the owner.
        key: The key, as it is now.
        after: Where to go on: key of the last value looked at, or nothing to begin.
        limit: Most values to rewrap.

    Raises:
        VaultDamagedError: A data key does not open, or the owner does not vouch for the key.
    """
    transaction.check_keys()
    older = {bytes.fromhex(each.id): each.whole_pins for each in key.materials[:-1]}
    rewrapped = _rewrapper(transaction, bytes.fromhex(key.materials[-1].id))
    done = 0
    for where, stored in _values(transaction, after):
        after = where
        material = stored[: layout.KEY_ID_BYTES]
        if material not in older:
            continue
        transaction.replace_record(where, stored, rewrapped(material, where, stored))
        if older[material]:
            _renew_pin(transaction, where, stored)
        done += 1
        if done == limit:
            return Batch(done, after, is_last=False)
    return Batch(done, after, is_last=True)


def drop(transaction: Transaction, key: Key) -> Key:
    """Remove older material of *key* that no value refers to; return the key as it is then."""
    _, needed = referred(transaction, key)
    kept = [each for each in key.materials[:-1] if each.id in needed]
    for each in key.materials[:-1]:
        if each not in kept:
            remove_material(transaction, each.id)
    left = key._replace(materials=(*kept, key.materials[-1]), is_rewrapping=bool(kept))
    transaction.put_kms_directory(kms.with_key(transaction.kms_directory(), left))
    return left


def remove_material(transaction: Transaction, material: str) -> None:
    """Remove a key-encryption key, and what was sealed of it to principals."""
    material_id = bytes.fromhex(material)
    transaction.delete_record(layout.KEK + material_id)
    grants.take_from_all(transaction, material_id)


def _values(view: View, after: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
    return view.stored_records(layout.VALUE, after)


def _rewrapper(transaction: Transaction, newest: bytes) -> Callable[[bytes, bytes, bytes], bytes]:
    keys = transaction.keys
    seal = sealer(transaction.kek(newest).key)
    field = b"data-key/" + newest

    def rewrapped(material: bytes, where: bytes, stored: bytes) -> bytes:
        context = keys.where(b"data-key/" + material, where)
        wrapped = stored[layout.KEY_ID_BYTES : WRAPPED_BYTES]
        try:
            data_key = transaction.kek(material).open(context, wrapped)
            if len(data_key) != KEY_BYTES:
                raise SealError
        except SealError:
            raise VaultDamagedError("a version's value is damaged", "secretctl fsck") from None
        return b"".join((newest, seal(keys.where(field, where), data_key), stored[WRAPPED_BYTES:]))

    return rewrapped


def _renew_pin(transaction: Transaction, where: bytes, stored: bytes) -> None:
    """Let the secret's record pin the sealed value, as it does for what is written today."""
    secret_key = layout.SECRET + where[_PLACE]
    record = transaction.stored_record(secret_key)
    if record is None:
        raise VaultDamagedError("a secret's record is missing", "secretctl fsck")
    secret = transaction.secret_at(secret_key, record)
    serial = int.from_bytes(where[1 + layout.PLACE_BYTES :], "big")
    version = next((each for each in secret.versions if each.serial == serial), None)
    if version is None or not transaction.is_pinned(where, stored, version.pin):
        raise VaultDamagedError("a version's value was changed", "secretctl fsck")
    pin = pin_of(transaction.keys.access.state, where, stored[WRAPPED_BYTES:])
    versions = tuple(
        each._replace(pin=pin) if each is version else each for each in secret.versions
    )
    transaction.put(secret._replace(versions=versions), secret)
