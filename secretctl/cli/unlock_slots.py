"""Unlock slots from the command line: for a passphrase, and for a key file that may be made."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.cli import keyfile, passphrase, sharing
from secretctl.context import Context
from secretctl.errors import SecretctlError, UnlockError
from secretctl.service import unlocking
from secretctl.service.session import Session
from secretctl.vault import slots
from secretctl.vault.header import Header, Slot
from secretctl.vault.vault import Vault


def passphrase_slot(vault: Vault, words: str, context: Context) -> Slot:
    """Return a new slot of an open vault for a passphrase."""
    return slots.passphrase_slot(
        vault.keys.vault_id,
        vault.keys.root,
        words,
        context.kdf,
        context.random,
        context.now_ms(),
    )


def add_passphrase(session: Session, context: Context) -> Header:
    """Add a slot for a new passphrase, which is asked for; return the new header.

    Raises:
        UnlockError: None is given, it is too short, or it opens the vault already.
        SecretctlError: There is no room for a slot, or the disk refuses.
    """
    with unlocking.adding_slot(session) as add:
        words = passphrase.find_new(context)
        _refuse_known(session.vault, words)
        return add(passphrase_slot(session.vault, words, context))


def _refuse_known(vault: Vault, words: str) -> None:
    """Refuse a new passphrase that opens the vault already.

    Raises:
        UnlockError: It does: a second slot for it would only look like a change.
    """
    if slots.by_passphrase(vault.header(), words) is not None:
        raise UnlockError(
            "that passphrase opens the vault already",
            "in a script, SECRETCTL_NEW_PASSPHRASE_FILE names the file of the new one",
        )


def key_file_slot(vault: Vault, file_key: bytes, context: Context) -> Slot:
    """Return a new slot of an open vault for a key file."""
    return slots.key_file_slot(
        vault.keys.vault_id, vault.keys.root, file_key, context.random, context.now_ms()
    )


def add_key_file(session: Session, path: str, context: Context) -> Header:
    """Add a slot for the key file at *path*, made unless it is there; return the new header.

    Raises:
        UnlockError: That key file opens the vault already.
        SecretctlError: There is no room for a slot, or the disk refuses; a key file that was made
            is gone again then.
    """
    vault = session.vault
    with unlocking.adding_slot(session) as add:
        if not keyfile.exists(path):
            return _add_new_key_file(vault, path, context, add)
        file_key = keyfile.read(path, vault.directory, keyfile.FOR_A_SLOT, keyfile.ADD)
        if slots.by_key_file(vault.header(), file_key) is not None:
            raise UnlockError("that key file opens the vault already", "secretctl unlock-slot list")
        header = add(key_file_slot(vault, file_key, context))
        sharing.warn(file_key, vault.directory, context)
        return header


def _add_new_key_file(
    vault: Vault, path: str, context: Context, add: Callable[[Slot], Header]
) -> Header:
    file_key = context.random(32)
    slot = key_file_slot(vault, file_key, context)
    keyfile.create(path, vault.directory, file_key, keyfile.ADD)
    try:
        return add(slot)
    except BaseException:
        if not _may_open(vault, file_key):
            keyfile.remove(path)
        raise


def _may_open(vault: Vault, file_key: bytes) -> bool:
    try:
        return slots.by_key_file(vault.header(), file_key) is not None
    except SecretctlError:  # it cannot be told, so the key is kept
        return True
