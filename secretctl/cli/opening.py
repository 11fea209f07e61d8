"""Opening the vault a command is for, and making one."""

from __future__ import annotations

import os

from secretctl.cli import keyfile, passphrase, places
from secretctl.context import Context
from secretctl.errors import UnlockError, VaultExistsError
from secretctl.record import NamedTuple
from secretctl.service.unlocking import record_failure
from secretctl.vault import slots
from secretctl.vault.header import Header, Slot
from secretctl.vault.vault import FILE, LockedVault, Vault, create_vault, new_vault_id

DEFAULT_ACCOUNT = "000000000000"


class Made(NamedTuple):
    """A new vault, open, and where its key file lies (empty: opened by a passphrase)."""

    vault: Vault
    key_file: str


def open_vault(directory: str, context: Context) -> Vault:
    """Open the vault in *directory* by its key file, else by a passphrase.

    Raises:
        NoVaultError: There is none.
        UnlockError: Nothing opens it.
    """
    locked = LockedVault(directory)
    try:
        root_key, method = _root_key(locked.header, directory, context)
        return locked.unlock(root_key, context.random, method)
    except BaseException:
        locked.close()
        raise


def open_by_key_file(directory: str, context: Context) -> Vault | None:
    """Open the vault by its key file alone; None if that is not at hand. Nothing is recorded.

    Raises:
        SecretctlError: There is no vault, or the file does not open it.
    """
    locked = LockedVault(directory)
    try:
        path = key_file_path(locked.header, context)
        if os.path.lexists(path):
            root_key = slots.open_with_key_file(locked.header, keyfile.read(path, directory))
            return locked.unlock(root_key, context.random, "key-file")
    except BaseException:
        locked.close()
        raise
    locked.close()
    return None


def make_vault(
    directory: str,
    context: Context,
    *,
    account: str = DEFAULT_ACCOUNT,
    key_file: str = "",
    with_passphrase: bool = False,
) -> Made:
    """Make a vault in *directory*, opened by a key file (a new one unless it exists already).

    Raises:
        VaultExistsError: There is one already.
        SecretctlError: The key file or the passphrase cannot be had, the disk refuses.
    """
    vault_id = new_vault_id(context.random)
    if with_passphrase:
        words = passphrase.find_new(context)
        vault = _create(directory, vault_id, account, context, words, b"")
        return Made(vault, "")
    chosen = key_file or context.environ.get("SECRETCTL_KEY_FILE", "")
    path = chosen or places.key_file(context.environ, vault_id.hex())
    is_new = not os.path.lexists(path)
    file_key = context.random(32) if is_new else keyfile.read(path, directory)
    if is_new:
        keyfile.create(path, directory, file_key)
    try:
        vault = _create(directory, vault_id, account, context, "", file_key)
    except BaseException as error:
        # A chosen file may open another vault by now, and a vault that appeared may be this one.
        opens_nothing = isinstance(error, VaultExistsError) or not _is_there(directory)
        if is_new and not chosen and opens_nothing:
            keyfile.remove(path)
        raise
    return Made(vault, path)


def open_or_make_vault(directory: str, context: Context, account: str | None) -> Vault:
    """Open the vault in *directory*; make it, and say so, when there is none."""
    if _is_there(directory):
        return open_vault(directory, context)
    try:
        made = make_vault(directory, context, account=account or DEFAULT_ACCOUNT)
    except VaultExistsError:
        return open_vault(directory, context)
    context.stderr.write(
        f"secretctl: made the vault {directory}, opened by the key file {made.key_file}\n"
    )
    return made.vault


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


def refuse_known(vault: Vault, words: str) -> None:
    """Refuse a new passphrase that opens the vault already.

    Raises:
        UnlockError: It does: a second slot for it would only look like a change.
    """
    try:
        slots.open_with_passphrase(vault.header(), words)
    except UnlockError:
        return
    raise UnlockError(
        "that passphrase opens the vault already",
        "in a script, SECRETCTL_NEW_PASSPHRASE_FILE names the file of the new one",
    )


def key_file_slot(vault: Vault, file_key: bytes, context: Context) -> Slot:
    """Return a new slot of an open vault for a key file."""
    return slots.key_file_slot(
        vault.keys.vault_id, vault.keys.root, file_key, context.random, context.now_ms()
    )


def key_file_path(header: Header, context: Context) -> str:
    """Return where the key file of a vault is looked for."""
    return context.environ.get("SECRETCTL_KEY_FILE") or places.key_file(
        context.environ, header.vault_id.hex()
    )


def _create(  # noqa: PLR0913 each is a fact the vault is made from
    directory: str,
    vault_id: bytes,
    account: str,
    context: Context,
    words: str,
    file_key: bytes,
) -> Vault:
    def first_slot(root_key: bytes) -> tuple[Slot, ...]:
        now_ms = context.now_ms()
        if words:
            return (
                slots.passphrase_slot(
                    vault_id, root_key, words, context.kdf, context.random, now_ms
                ),
            )
        return (slots.key_file_slot(vault_id, root_key, file_key, context.random, now_ms),)

    return create_vault(directory, vault_id, account, first_slot, context.random, context.now_ms())


def _is_there(directory: str) -> bool:
    return os.path.lexists(os.path.join(directory, FILE))


def _root_key(header: Header, directory: str, context: Context) -> tuple[bytes, str]:
    """Return the root key and the kind of slot that gave it."""
    types = {slot.type for slot in header.slots}
    path = key_file_path(header, context)
    explicit = bool(context.environ.get("SECRETCTL_KEY_FILE"))
    if "key-file" in types and (explicit or os.path.lexists(path)):
        file_key = keyfile.read(path, directory)
        try:
            return slots.open_with_key_file(header, file_key), "key-file"
        except UnlockError:
            if explicit or "passphrase" not in types:
                record_failure(context, directory, header, "key-file")
                raise
    if "passphrase" in types:
        words = passphrase.find(context)
        try:
            return slots.open_with_passphrase(header, words), "passphrase"
        except UnlockError:
            record_failure(context, directory, header, "passphrase")
            raise
    raise UnlockError(
        f"the key file of this vault is not at '{path}'", "set SECRETCTL_KEY_FILE to where it is"
    )
