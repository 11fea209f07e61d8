"""Sealing a value anew under another key: only what is known to be the secret's own.

Today's values are bound to the name of their secret. One that an older secretctl sealed is not:
whoever has a credential could lay it under another name by writing the records of secrets, which
then say that it is under another key than it is. So such a value is moved to no other key, unless
the key that really wraps it is the one that version and secret name.
"""

from __future__ import annotations

from secretctl.domain import kms, names
from secretctl.domain.staging import CURRENT
from secretctl.errors import ServiceError, ValueDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import kms_keys, layout

if TYPE_CHECKING:
    from secretctl.domain.kms import Key
    from secretctl.domain.secret import Secret, Version
    from secretctl.vault.codec import Value
    from secretctl.vault.view import View

_ID = slice(layout.KEY_ID_BYTES)


def value_to_move(view: View, secret: Secret, version: Version, kms_key_id: str) -> Value:
    """Return the value of a version, which is to be sealed anew under what *kms_key_id* means.

    Raises:
        ServiceError: Its key is disabled or deleted, or no grant lets the caller decrypt.
        ValueDamagedError: It is missing, another, or may have been put there from elsewhere.
    """
    view.check_decrypt(secret, version)
    key, stored = view.checked_value(secret, version)
    value, is_bound = view.opened_value(secret, key, stored)
    if not is_bound:
        _check_named(view, secret, version, kms_key_id, stored)
    return value


def is_under(view: View, secret: Secret, version: Version, kms_key_id: str) -> bool:
    """Tell whether a version that has a value says that it is under *kms_key_id*, and is."""
    if version.kms_key_id != kms_key_id:
        return False
    _, stored = view.checked_value(secret, version)
    wraps = _wrapping(view, stored)
    return wraps is not None and wraps == _meant(view, kms_key_id)


def check_destination(view: View, secret: Secret) -> None:
    """Refuse a new value of a secret where its record does not name the key of the present one.

    What the record says may be anybody's, and a rotation makes a new value of the present one: it
    goes under the key that really wraps that, or that the owner gave to its alias since. Any other
    key has to be named with the value.

    Raises:
        ValueDamagedError: The record names another key, or the present value is missing or another.
    """
    version = present(secret)
    if version is None:
        return
    wraps = _wrapping(view, view.checked_value(secret, version)[1])
    if wraps is None:  # it was deleted, and the value is lost, or told where it is read
        return
    if not _is_named(view, secret, wraps):
        raise ValueDamagedError(
            "a secret names another key than its present value is under",
            f"{_updating(secret)} --kms-key-id {wraps.id}, to stay under the key of the value",
            f"{_updating(secret)} --kms-key-id, with another key that you choose for it",
        )


def check_made(view: View, secret: Secret, pending: Version) -> None:
    """Refuse a pending value that no rotation made: it would lie under the key of the present one.

    Raises:
        ValueDamagedError: As `check_destination` and `check_pending`.
    """
    check_destination(view, secret)
    check_pending(view, secret, pending)


def check_pending(view: View, secret: Secret, pending: Version) -> None:
    """Refuse a pending value that is not what a rotation wrote.

    Raises:
        ValueDamagedError: It lies under another key than its secret, is missing or another.
    """
    abandon = f"secretctl rotation abandon{_shown(secret)}"
    try:
        wraps = _wrapping(view, view.checked_value(secret, pending)[1])
    except ValueDamagedError as error:
        raise ValueDamagedError(error.message, abandon) from None
    if wraps is not None and not _is_named(view, secret, wraps):
        raise ValueDamagedError(
            "the pending value is under another key than its secret, and may be anybody's", abandon
        )


def is_copy(view: View, of: tuple[Secret, Version], copy: tuple[Secret, Version]) -> bool:
    """Tell whether *copy* is under the key that its secret names, and has the value of *of*.

    The values are compared for the owner alone: a principal may not be able to open both.

    Raises:
        ValueDamagedError: One is missing, or not what was written.
    """
    (key, stored), (copy_key, copied) = (view.checked_value(*each) for each in (of, copy))
    wraps, copy_wraps = _wrapping(view, stored), _wrapping(view, copied)
    if copy_wraps is not None and not _is_named(view, copy[0], copy_wraps):
        return False
    if wraps is None or copy_wraps is None or view.keys.holder is not None:
        return True  # of a deleted key's value nothing can be copied
    value, _ = view.opened_value(of[0], key, stored)
    return view.opened_value(copy[0], copy_key, copied)[0] == value


def _is_named(view: View, secret: Secret, key: Key) -> bool:
    return kms.has_meant(view.kms_directory(), secret.kms_key_id, key, view.account)


def _updating(secret: Secret) -> str:
    """Return the beginning of the command that gives a secret another key."""
    shown = _shown(secret)
    return "secretctl update-secret" + (f" --secret-id{shown}" if shown else "")


def _shown(secret: Secret) -> str:
    """Return a blank and the name of a secret; nothing if it can be none."""
    try:
        names.check_name(secret.name)
    except ServiceError:
        return ""
    return f" {secret.name}"


def present(secret: Secret) -> Version | None:
    """Return the version that is current or, where that has no value, the newest that has one."""
    filled = [version for version in secret.versions if version.pin]
    current = [version for version in filled if CURRENT in version.stages]
    return max(current or filled, key=lambda version: version.serial, default=None)


def misnamed(view: View, secret: Secret, stored: bytes) -> ValueDamagedError:
    """Return the error for a value that is under another key than its version names."""
    wraps = _wrapping(view, stored)
    key_id = "" if wraps is None else wraps.id
    return ValueDamagedError(
        "a value is under another key than its version names, and may be anybody's",
        f"{_updating(secret)} --kms-key-id, with the key and the value that are yours",
        f"{_updating(secret)} --kms-key-id {key_id}, after which a version in use can be read",
        "secretctl delete-secret-version, of one that is not in use",
    )


def _check_named(
    view: View, secret: Secret, version: Version, kms_key_id: str, stored: bytes
) -> None:
    wraps = _wrapping(view, stored)
    if wraps is None:
        raise kms_keys.damaged()
    named = [_meant(view, each) for each in (version.kms_key_id, secret.kms_key_id)]
    if wraps != _meant(view, kms_key_id) and named != [wraps, wraps]:
        raise ValueDamagedError(
            "a value is under another key than its secret names, and may be another secret's",
            "secretctl get-secret-value, to see whether it is this one's",
            f"secretctl update-secret --kms-key-id {wraps.id}, if it is, of a version in use",
            "secretctl delete-secret-version, of one that is not",
        )


def _wrapping(view: View, stored: bytes) -> Key | None:
    return kms.of_material(view.kms_directory(), stored[_ID].hex())


def _meant(view: View, kms_key_id: str) -> Key | None:
    return kms.find(view.kms_directory(), kms_key_id, view.account)
