"""A vault written anew, record by record, into an empty one under keys of its own.

Nothing of the old keys is taken along: every record lies at another place and is sealed anew, each
KMS key has new material, each value a new data key. What only whoever held old keys could still
open, a value whose KMS key was deleted, is replaced by as many random bytes.
"""

from __future__ import annotations

from secretctl.crypto.keys import KEY_BYTES
from secretctl.domain import kms
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import kms_making, layout, vouched
from secretctl.vault.keyring import AccessKeys
from secretctl.vault.rekeying_principals import write_principals
from secretctl.vault.state import pin_of
from secretctl.vault.unlocked import Keys
from secretctl.vault.view import WRAPPED_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.domain.secret import Secret, Version
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

Materials = dict[bytes, bytes]
"""Which new material takes the place of an old one."""


def new_keys(keys: Keys, random: Callable[[int], bytes], through: int) -> Keys:
    """Return new keys for the vault of *keys*.

    Args:
        keys: Its owner's, as they are.
        random: Source of keys.
        through: Number of the last segment of the journal under its present key.
    """
    access = AccessKeys(
        name_index=random(KEY_BYTES),
        metadata=random(KEY_BYTES),
        state=random(KEY_BYTES),
        journal=random(KEY_BYTES),
        account=keys.access.account,
        former=(*keys.access.former, (keys.journal_root, through)),
        vouches=vouched.EXACT,
    )
    return Keys(keys.vault_id, random(KEY_BYTES), access)


def write(
    view: View,
    transaction: Transaction,
    random: Callable[[int], bytes],
    now_ms: int,
    progress: Callable[[int], None],
) -> None:
    """Write all that *view* shows into the vault of *transaction*, which has nothing yet.

    Args:
        view: The vault as it is, its owner's.
        transaction: Of the new one.
        random: Source of keys.
        now_ms: Milliseconds since 1970, for the new material of keys.
        progress: Is told after each secret how many values it had.

    Raises:
        VaultDamagedError: A record is not what was written.
    """
    materials = _write_keys(view, transaction, random, now_ms)
    write_principals(view, transaction, random)
    writer = _Writer(view, transaction, materials, random)
    for key, stored in view.stored_records(layout.SECRET):
        progress(writer.secret(view.secret_at(key, stored)))


def _write_keys(
    view: View, transaction: Transaction, random: Callable[[int], bytes], now_ms: int
) -> Materials:
    """Give each KMS key new material, the only one that it has then."""
    directory, found = view.kms_directory(), Materials()
    for key in directory.keys.values():
        material = kms_making.new_material(transaction, random, now_ms)
        renewed = key._replace(materials=(material,), is_rewrapping=False)
        directory = kms.with_key(directory, renewed)
        new = bytes.fromhex(material.id)
        found.update({bytes.fromhex(each.id): new for each in key.materials})
    if view.stored_record(layout.KEY_DIRECTORY) is not None:
        transaction.put_kms_directory(directory)
    return found


class _Writer:
    """Writes secrets with their values."""

    def __init__(
        self,
        view: View,
        transaction: Transaction,
        materials: Materials,
        random: Callable[[int], bytes],
    ) -> None:
        self._view = view
        self._transaction = transaction
        self._materials = materials
        self._random = random

    def secret(self, secret: Secret) -> int:
        """Write a secret; return how many values it has."""
        with_values = [version for version in secret.versions if version.pin]
        pins = {version.serial: self._value(secret, version) for version in with_values}
        versions = [each._replace(pin=pins.get(each.serial, b"")) for each in secret.versions]
        self._transaction.put(secret._replace(versions=tuple(versions), next_serial=1))
        return len(with_values)

    def _value(self, secret: Secret, version: Version) -> bytes:
        """Write a value; return its pin."""
        old_key, stored = self._view.checked_value(secret, version)
        old = stored[: layout.KEY_ID_BYTES]
        key = layout.value_key(self._transaction.place(secret), version.serial)
        if old in self._materials:
            value, is_bound = self._view.opened_value(secret, old_key, stored)
            keys = self._transaction.keys
            bound = keys.where(b"value", key)  # it may be another's: it is not made this one's
            if is_bound:
                bound = keys.where_value(key, (secret.region, secret.name))
            return self._transaction.put_value_under(key, self._materials[old], value, bound)
        if not kms.deleted_with(self._view.kms_directory(), old.hex()):
            raise VaultDamagedError("a key of the vault is missing", "secretctl fsck")
        lost = old + self._random(len(stored) - layout.KEY_ID_BYTES)
        self._transaction.put_record(key, lost, is_new=True)
        return pin_of(self._transaction.keys.access.state, key, lost[WRAPPED_BYTES:])
