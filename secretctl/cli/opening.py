"""Opening the vault a command is for, and making one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl.cli import config, keyfile, places
from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.errors import (
    NoVaultError,
    SecretctlError,
    UnlockError,
    VaultDamagedError,
    VaultExistsError,
)
from secretctl.record import NamedTuple
from secretctl.vault import slots
from secretctl.vault.header import Header, Slot
from secretctl.vault.vault import FILE, LockedVault, Vault

DEFAULT_ACCOUNT = "000000000000"
_WHAT_OPENS_IT = "'secretctl unlock-slot list' shows what opens it"
_ANOTHER_KEY_FILE = "set SECRETCTL_KEY_FILE to where this vault's key file is"


class Attempt(NamedTuple):
    """A command that opens a vault: what the journal says of it where that fails."""

    command: str = ""
    region: str = ""
    is_recorded: bool = True
    """Whether the journal says anything."""


UNNAMED = Attempt()
UNRECORDED = Attempt(is_recorded=False)

Failed = Callable[[str, SecretctlError], None]
"""Is told what was tried and why it did not open the vault."""


class Made(NamedTuple):
    """A new vault, open, and where its key file lies (empty: opened by a passphrase)."""

    vault: Vault
    key_file: str


def open_chosen(settings: config.Settings, context: Context, command: str) -> Vault:
    """Open the vault of *settings* for *command*; where there is none, name what makes it.

    Raises:
        NoVaultError: There is none.
        UnlockError: Nothing opens it.
    """
    with hinting(settings):
        return open_vault(settings.vault, context, Attempt(command, settings.region))


def lock_chosen(settings: config.Settings) -> LockedVault:
    """Return the vault of *settings* before it is unlocked.

    Raises:
        NoVaultError: There is none.
    """
    with hinting(settings):
        return LockedVault(settings.vault)


@contextmanager
def hinting(settings: config.Settings) -> Iterator[None]:
    """Let the error that there is no vault name the command that makes it."""
    try:
        yield
    except NoVaultError as error:
        if os.path.isfile(settings.vault):
            raise NoVaultError(error.message, "a vault is a directory: --vault DIR") from None
        raise NoVaultError(error.message, *_ways_on(settings)) from None


def _ways_on(settings: config.Settings) -> list[str]:
    """Return the commands that put back the vault of *settings*, if it lies aside, or make it."""
    import shlex

    words = ["secretctl", "init"]
    if settings.vault_chosen in ("manual", "env"):
        words += ["--vault", settings.vault]
    words += [] if settings.profile is None else ["--profile", settings.profile]
    return [*places.way_back(settings.vault), shlex.join(words)]


def open_vault(directory: str, context: Context, attempt: Attempt = UNNAMED) -> Vault:
    """Open the vault in *directory* by its key file, else by a passphrase.

    A failure is put into the journal, as one of *attempt*.

    Raises:
        NoVaultError: There is none.
        UnlockError: Nothing opens it.
        VaultDamagedError: The key is its own, but what that opens was changed.
        ConfigError: The clock is far off.
    """
    context.now_ms()  # a clock far off ends the command here, not half way
    locked = LockedVault(directory)
    try:
        root_key, method = root_key_of(locked.header, directory, context, attempt)
        try:
            return locked.unlock(root_key, context.random, method)
        except VaultDamagedError as error:
            _recorder_of(locked.header, directory, context, attempt)(method, error)
            raise
    except BaseException:
        locked.close()
        raise


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
        VaultDamagedError: A part of one is there.
        SecretctlError: The key file or the passphrase cannot be had, the disk refuses, the clock
            is far off.
    """
    from secretctl.vault.creation import check_free, new_vault_id

    context.now_ms()  # likewise
    check_free(directory)
    vault_id = new_vault_id(context.random)
    if with_passphrase:
        from secretctl.cli import passphrase

        words = passphrase.find_new(context)
        vault = _create(directory, vault_id, account, context, words, b"")
        return Made(vault, "")
    chosen = key_file or context.environ.get("SECRETCTL_KEY_FILE", "")
    path = os.path.abspath(chosen or places.key_file(context.environ, vault_id.hex()))
    is_new = not os.path.lexists(path)
    if is_new:
        keyfile.make_room(path, directory)
    file_key = context.random(32) if is_new else keyfile.read(path, directory)

    def keep() -> None:
        if is_new:
            keyfile.create(path, directory, file_key)

    try:
        vault = _create(directory, vault_id, account, context, "", file_key, keep)
    except BaseException as error:
        # A chosen file may open another vault by now, and a vault that appeared may be this one.
        opens_nothing = isinstance(error, VaultExistsError) or not _is_there(directory)
        if is_new and not chosen and opens_nothing and keyfile.exists(path):
            keyfile.remove(path)
        raise
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
    is_meant = settings.vault_chosen != "default" or _is_there(settings.vault)
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
        f"{safe(made.key_file)}\n",
    )
    return made.vault


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


def _is_there(directory: str) -> bool:
    return os.path.lexists(os.path.join(directory, FILE))


def root_key_of(
    header: Header, directory: str, context: Context, attempt: Attempt = UNNAMED
) -> tuple[bytes, str]:
    """Return the root key, and the kind of slot that gave it; a failure is one of *attempt*.

    Raises:
        UnlockError: Nothing opens it.
    """
    types = {slot.type for slot in header.slots}
    path = key_file_path(header, context)
    explicit = bool(context.environ.get("SECRETCTL_KEY_FILE"))
    failed = _recorder_of(header, directory, context, attempt)
    if "key-file" in types and (explicit or os.path.lexists(path)):
        root_key = _from_key_file(header, directory, path, failed)
        if root_key is not None:
            return root_key, "key-file"
        if explicit or "passphrase" not in types:
            error = UnlockError(
                f"the key file does not open this vault: '{path}'", _ANOTHER_KEY_FILE
            )
            failed("key-file", error)
            raise error
    if "passphrase" in types:
        return _from_passphrase(header, context, failed), "passphrase"
    raise UnlockError(f"the key file of this vault is not at '{path}'", _ANOTHER_KEY_FILE)


def _from_key_file(header: Header, directory: str, path: str, failed: Failed) -> bytes | None:
    """Return the root key, None where the key file is another vault's."""
    try:
        file_key = keyfile.read(path, directory)
    except UnlockError as error:  # damaged, or no key file at all
        failed("key-file", error)
        raise
    return slots.by_key_file(header, file_key)


def _from_passphrase(header: Header, context: Context, failed: Failed) -> bytes:
    from secretctl.cli import passphrase

    words = passphrase.find(context)
    try:
        return slots.open_with_passphrase(header, words)
    except UnlockError as error:
        failed("passphrase", error)
        hint = passphrase.origin(context) or _WHAT_OPENS_IT
        raise UnlockError(error.message, *error.hints, hint) from None


def _recorder_of(header: Header, directory: str, context: Context, attempt: Attempt) -> Failed:
    """Return what records that something did not open the vault."""

    def failed(method: str, error: SecretctlError) -> None:
        if attempt.is_recorded:
            from secretctl.service.unlocking import failure, record_failure

            event = failure(method, attempt.region, error)
            record_failure(context, directory, header.vault_id, event, attempt.command)

    return failed
