"""Opening a vault by the key that is at hand: nobody is asked, and no opening recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.cli import keyfile, places
from secretctl.cli.opening import Attempt, key_file_path, recorder_of
from secretctl.context import Context
from secretctl.errors import (
    SecretctlError,
    UnlockError,
    UnsafePermissionsError,
    VaultDamagedError,
)
from secretctl.vault import slots
from secretctl.vault.vault import LockedVault, Vault


def why_unverified(locked: LockedVault, context: Context) -> str:
    """Verify the header by the key file, if that is here; asks nobody, and for no passphrase.

    Returns:
        Why the header could not be verified; empty when it was.

    Raises:
        VaultDamagedError: The header was changed, or is an older one.
    """
    path = key_file_path(locked.header, context)
    if not keyfile.exists(path):
        return "no key file here"
    try:
        root_key = _by_key_file(locked, path)
    except (UnlockError, UnsafePermissionsError) as error:
        return error.message
    opened = locked.unlock(root_key, context.random, "key-file")
    return _older(opened, context)


def _older(opened: Vault, context: Context) -> str:
    """Return why an open vault is an older copy, as journal and this machine know; else nothing."""
    from secretctl.service.proof import verified

    trust = places.trust_file(context.environ, opened.keys.vault_id.hex())
    try:
        findings = verified(opened, trust, [], deep=False).findings
    except SecretctlError as error:
        return error.message
    return findings[0].message if findings else ""


def open_by_key_file(directory: str, context: Context, attempt: Attempt) -> Vault | None:
    """Open the vault by its key file alone; None if that is not at hand.

    That the file does not open it is put into the journal, as one of *attempt*.

    Raises:
        SecretctlError: There is no vault, or the file does not open it.
    """
    locked = LockedVault(directory)
    try:
        path = key_file_path(locked.header, context)
        if os.path.lexists(path):
            with _trying("key-file", locked, context, attempt):
                root_key = _by_key_file(locked, path)
                return locked.unlock(root_key, context.random, "key-file")
    except BaseException:
        locked.close()
        raise
    locked.close()
    return None


def _by_key_file(locked: LockedVault, path: str) -> bytes:
    root_key = keyfile.root_key(locked.header, path, locked.directory)
    if root_key is None:
        raise UnlockError("the key file does not open this vault")
    return root_key


def open_by_passphrase(directory: str, context: Context, attempt: Attempt) -> Vault | None:
    """Open the vault by the passphrase that the environment leads to; None if it leads to none.

    That it does not open the vault is put into the journal, as one of *attempt*.

    Raises:
        SecretctlError: There is no vault, or the passphrase cannot be had or does not open it.
    """
    from secretctl.cli import passphrase

    locked = LockedVault(directory)
    try:
        is_asked_for = any(slot.type == "passphrase" for slot in locked.header.slots)
        with _trying("passphrase", locked, context, attempt):
            words = passphrase.from_environment(context) if is_asked_for else None
            if words is not None:
                root_key = slots.open_with_passphrase(locked.header, words)
                return locked.unlock(root_key, context.random, "passphrase")
    except BaseException:
        locked.close()
        raise
    locked.close()
    return None


@contextmanager
def _trying(method: str, locked: LockedVault, context: Context, attempt: Attempt) -> Iterator[None]:
    """Record that *method* does not open a vault."""
    try:
        yield
    except (UnlockError, UnsafePermissionsError, VaultDamagedError) as error:
        recorder_of(locked.header, locked.directory, context, attempt)(method, error)
        raise
