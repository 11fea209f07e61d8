"""Whether a KMS key may be used for a value: its state, and a principal's policies and grants.

The tool asks here before it decrypts or encrypts. The owner needs no grant. A principal needs
Decrypt to read and GenerateDataKey to write; the material that is sealed to it does not know the
difference, so that much is the tool's word alone, whereas without any grant nothing is sealed to
it and no program can decrypt.
"""

from __future__ import annotations

from secretctl.domain import kms, names
from secretctl.domain.kms import Use
from secretctl.errors import KeyNotGrantedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.domain.kms import Key
    from secretctl.domain.secret import Secret, Version
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.unlocked import Holder
    from secretctl.vault.view import View


def check_decrypt(view: View, secret: Secret, version_id: str, material: str) -> None:
    """Refuse to decrypt a value whose data key is wrapped under *material*.

    Raises:
        ServiceError: DecryptionFailure.
        KeyNotGrantedError: No grant lets the caller.
    """
    directory = view.kms_directory()
    key = kms.of_material(directory, material)
    if key is not None:
        _check(view, secret, version_id, key, kms.DECRYPT)
        _check_sealed(view, material)
        return
    gone = kms.deleted_with(directory, material)
    if gone:  # of any other the damage is told when it is not found
        raise _missing(view, secret, gone, kms.DECRYPT)


def check_named(view: View, secret: Secret, version: Version, stored: bytes) -> None:
    """Refuse a value that is surely under another key than its version names.

    Raises:
        ValueDamagedError: It is: somebody put it there who has not that key.
    """
    if is_misnamed(view, version, stored):
        from secretctl.vault.resealing import misnamed

        raise misnamed(view, secret, stored)


def is_misnamed(view: View, version: Version, stored: bytes) -> bool:
    """Tell whether a value's record is surely under another key than its version names."""
    directory = view.kms_directory()
    wraps = kms.of_material(directory, stored[: layout.KEY_ID_BYTES].hex())
    return wraps is not None and kms.is_surely_another(
        directory, version.kms_key_id, wraps, view.account, version.created_ms
    )


def check_generate(view: View, secret: Secret, version_id: str, key: Key) -> None:
    """Refuse to wrap a new data key under *key*.

    Raises:
        ServiceError: EncryptionFailure.
        KeyNotGrantedError: No grant lets the caller.
    """
    _check(view, secret, version_id, key, kms.GENERATE_DATA_KEY)


def check_can_be_made(view: View, secret: Secret, kms_key_id: str) -> None:
    """Refuse to make a key on first use: for a principal, where it was deleted, and of any text.

    The text may be what somebody else wrote into the record of a secret.

    Raises:
        ServiceError: EncryptionFailure.
        KeyNotGrantedError: No grant lets the caller.
    """
    if view.keys.holder is not None:
        raise KeyNotGrantedError
    is_alias, name = kms.parse(kms_key_id, view.account)
    if not is_alias and name in view.kms_directory().deleted:
        raise _missing(view, secret, name, kms.GENERATE_DATA_KEY)
    kms.check_key_id(kms_key_id, secret.region, view.account)
    if not kms.is_name(name):
        raise kms.unusable(kms.GENERATE_DATA_KEY, "Invalid keyId")


def wrapping(
    transaction: Transaction,
    random: Callable[[int], bytes],
    secret: Secret,
    kms_key_id: str,
    version_id: str,
) -> str:
    """Return the material that wraps a new data key.

    A key that is not there is made, for the owner, as AWS makes the default key.

    Raises:
        ServiceError: The KMS key cannot be used.
        KeyNotGrantedError: No grant lets the caller use it.
        VaultDamagedError: The owner does not vouch for the KMS keys that are there.
    """
    transaction.check_keys()
    key = kms.find(transaction.kms_directory(), kms_key_id, transaction.account)
    if key is None:
        check_can_be_made(transaction, secret, kms_key_id)
        from secretctl.vault import kms_making

        key = kms_making.made_on_use(transaction, random, transaction.now_ms, kms_key_id)
    check_generate(transaction, secret, version_id, key)
    return key.materials[-1].id


def _check(view: View, secret: Secret, version_id: str, key: Key, operation: str) -> None:
    shown = kms.arn(key.id, secret.region, view.account)
    holder = view.keys.holder
    if holder is not None:
        arn = names.arn(secret.region, view.account, secret.name, secret.suffix)
        context = {"SecretARN": arn, "SecretVersionId": version_id}
        use = Use(operation, key, secret.region, shown, context)
        if view.keys.check_use is not None:
            view.keys.check_use(view, use)
        _check_granted(view, holder, use)
    fault = kms.fault_of(key, shown)
    if fault is not None:
        raise kms.unusable(operation, fault[1])


def _check_granted(view: View, holder: Holder, use: Use) -> None:
    from secretctl.domain.kms_grants import allows

    found = view.granted.get(use.key.id)
    if found is None:  # once in a moment, in which no principal changes it
        from secretctl.vault import kms_grants

        found = view.granted[use.key.id] = kms_grants.of(view, holder.id, use.key.id)
    if not any(allows(grant, use.operation, use.context) for grant in found):
        raise KeyNotGrantedError(use.arn, use.operation)


def _check_sealed(view: View, material: str) -> None:
    """Refuse a principal to whom the material is not sealed, whatever its grants say."""
    if view.keys.holder is not None and material not in view.sealed_to:
        from secretctl.vault import grants

        where = grants.place(view, view.keys.holder.id, bytes.fromhex(material))
        if view.stored_record(where) is None:
            raise KeyNotGrantedError
        view.sealed_to.add(material)


def _missing(view: View, secret: Secret, key_id: str, operation: str) -> Exception:
    shown = kms.arn(key_id, secret.region, view.account)
    return kms.unusable(operation, f"Key '{shown}' does not exist")
