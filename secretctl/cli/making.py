"""Making a vault, by itself or because a first secret is to go into it."""

from __future__ import annotations

import os
from collections.abc import Callable

from secretctl.cli import config, keyfile, outfile, places
from secretctl.cli.opening import Attempt, is_there, open_chosen, open_vault
from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.errors import VaultExistsError
from secretctl.record import NamedTuple
from secretctl.vault import slots
from secretctl.vault.header import Slot
from secretctl.vault.vault import Vault

KEEP_A_COPY = "keep a copy of that file elsewhere: without it the vault cannot be opened"
DEFAULT_ACCOUNT = "000000000000"


class Made(NamedTuple):
    """A new vault, open, and where its key file lies (empty: opened by a passphrase)."""

    vault: Vault
    key_file: str


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
        UsageError: It would lie in another vault's directory.
        VaultExistsError: There is one already.
        VaultDamagedError: A part of one is there.
        SecretctlError: The key file or the passphrase cannot be had, the disk refuses, the clock
            is far off.
    """
    from secretctl.vault.creation import check_free, new_vault_id

    context.now_ms()  # a clock that is far off is refused before anything is made
    check_free(directory)
    outfile.refuse_nested(directory)
    vault_id = new_vault_id(context.random)
    if with_passphrase:
        from secretctl.cli import passphrase

        words = passphrase.find_new(context)
        return Made(_create(directory, vault_id, account, context, words, b""), "")
    return _make_with_key_file(directory, vault_id, account, context, key_file)


def _make_with_key_file(
    directory: str, vault_id: bytes, account: str, context: Context, key_file: str
) -> Made:
    """Make a vault that a key file opens; *key_file* is empty where none was named."""
    chosen = key_file or context.environ.get("SECRETCTL_KEY_FILE", "")
    path = os.path.abspath(chosen or places.key_file(context.environ, vault_id.hex()))
    is_new = not os.path.lexists(path)
    if is_new:
        keyfile.make_room(path, directory)
    file_key = context.random(32) if is_new else keyfile.read(path, directory, keyfile.FOR_INIT)

    def keep() -> None:
        if is_new:
            keyfile.create(path, directory, file_key)

    try:
        vault = _create(directory, vault_id, account, context, "", file_key, keep)
    except BaseException as error:
        # A chosen file may open another vault by now, and a vault that appeared may be this one.
        opens_nothing = isinstance(error, VaultExistsError) or not is_there(directory)
        if is_new and not chosen and opens_nothing and keyfile.exists(path):
            keyfile.remove(path)
        raise
    if not is_new:
        from secretctl.cli import sharing

        sharing.warn(file_key, directory, context)
    return Made(vault, path)


def open_or_make_vault(
    settings: config.Settings, context: Context, command: str, check: Callable[[], None]
) -> Vault:
    """Open the vault of *settings*; make the default one, and say so, when there is none.

    A vault that was chosen is not made: its name may be mistyped. Nor is one that lies aside.

    Args:
        settings: Which vault, and the account of a new one.
        context: Streams, environment, clock and randomness.
        command: What the user called.
        check: Called before a vault is made; raises if it would be of no use.

    Raises:
        NoVaultError: There is no vault where one was chosen, or it was moved aside.
    """
    is_meant = (
        settings.credential is not None
        or settings.vault_chosen != "default"
        or is_there(settings.vault)
    )
    if is_meant or places.way_back(settings.vault):
        return open_chosen(settings, context, command)
    check()
    try:
        made = make_vault(settings.vault, context, account=settings.account or DEFAULT_ACCOUNT)
    except VaultExistsError:
        return open_vault(settings.vault, context, Attempt(command, settings.region))
    tell(
        context,
        f"secretctl: made the vault {safe(settings.vault)}, opened by the key file "
        f"{safe(made.key_file)}\nsecretctl: hint: {KEEP_A_COPY}\n",
    )
    return made.vault


def _create(  # noqa: PLR0913 each is a fact the vault is made from
    directory: str,
    vault_id: bytes,
    account: str,
    context: Context,
    words: str,
    file_key: bytes,
    keep: Callable[[], None] = lambda: None,
) -> Vault:
    from secretctl.vault.creation import clear_drafts, create_vault

    def first_slot(root_key: bytes) -> tuple[Slot, ...]:
        now_ms = context.now_ms()
        if words:
            return (
                slots.passphrase_slot(
                    vault_id, root_key, words, context.kdf, context.random, now_ms
                ),
            )
        return (slots.key_file_slot(vault_id, root_key, file_key, context.random, now_ms),)

    now_ms = context.now_ms()
    vault = create_vault(directory, vault_id, account, first_slot, context.random, now_ms, keep)
    clear_drafts(
        directory, now_ms, lambda header: keyfile.forget(header, directory, context.environ)
    )
    return vault
