"""Making KMS keys and material; the root key is needed for it.

Material, a key-encryption key, is sealed by itself under the root key, and to each principal that
is granted it (`grants`).
"""

from __future__ import annotations

from secretctl.context import uuid4
from secretctl.crypto.keys import KEY_BYTES
from secretctl.domain import kms
from secretctl.domain.kms import Alias, Key, Material
from secretctl.record import TYPE_CHECKING
from secretctl.vault import layout
from secretctl.vault.keyring import seal_kek

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.vault.transaction import Transaction


def made(  # noqa: PLR0913 what a key is made of
    transaction: Transaction,
    random: Callable[[int], bytes],
    now_ms: int,
    *,
    key_id: str = "",
    description: str = "",
    tags: kms.Pairs = (),
) -> Key:
    """Make a key with its first material and keep it; the root key is needed for it."""
    key = Key(
        key_id or uuid4(random(layout.KEY_ID_BYTES)),
        now_ms,
        (new_material(transaction, random, now_ms),),
        description,
        tags=tags,
    )
    transaction.put_kms_directory(kms.with_key(transaction.kms_directory(), key))
    return key


def made_on_use(
    transaction: Transaction, random: Callable[[int], bytes], now_ms: int, given: str
) -> Key:
    """Make the key that *given*, a KmsKeyId that is not there yet, is to mean."""
    is_alias, name = kms.parse(given, transaction.account)
    key = made(transaction, random, now_ms, key_id="" if is_alias else name)
    if is_alias:
        alias = Alias(key.id, now_ms, now_ms)
        directory = kms.with_alias(transaction.kms_directory(), name, alias)
        transaction.put_kms_directory(directory)
    return key


def new_material(transaction: Transaction, random: Callable[[int], bytes], now_ms: int) -> Material:
    """Make a key-encryption key and keep it sealed under the root key."""
    material, kek = random(layout.KEY_ID_BYTES), random(KEY_BYTES)
    keys = transaction.keys
    transaction.put_record(layout.KEK + material, seal_kek(keys.root, keys.vault_id, material, kek))
    return Material(material.hex(), now_ms)
