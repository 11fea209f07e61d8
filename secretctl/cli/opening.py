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
    with _hinting(settings):
        return open_vault(settings.vault, context, Attempt(command, settings.region))


def lock_chosen(settings: config.Settings) -> LockedVault:
    """Return the vault of *settings* before it is unlocked.

    Raises:
        NoVaultError: There is none.
    """
    with _hinting(settings):
        return LockedVault(settings.vault)


@contextmanager
def _hinting(settings: config.Settings) -> Iterator[None]:
    try:
        yield
    except NoVaultError as error:
        if os.path.isfile(settings.vault):
            raise NoVaultError(error.message, "a vault is a directory: --vault DIR") from None
        hints = *_moved_aside(settings.vault), _init_command(settings)
        raise NoVaultError(error.message, *hints) from None


def _moved_aside(directory: str) -> list[str]:
    """Return how to put back the vault that ``restore`` moved aside last, if there is one.

    Where the system cannot exchange two names at once, a restore that is killed between two steps
    leaves nothing in the vault's place.
    """
    import shlex

    folder, base = os.path.split(directory)
    if os.path.lexists(directory) or not os.path.isdir(folder):
        return []
    found = [name.removeprefix(f"{base}.replaced-") for name in os.listdir(folder)]
    numbers = [int(each) for each in found if each.isascii() and each.isdigit()]
    if not numbers or not _is_there(aside := f"{directory}.replaced-{max(numbers)}"):
        return []
    return [f"{shlex.join(('mv', aside, directory))}, to have back what a restore moved aside"]


def _init_command(settings: config.Settings) -> str:
    """Return the command line that makes the vault of *settings*."""
    import shlex

    words = ["secretctl", "init"]
    if settings.vault_chosen in ("manual", "env"):
        words += ["--vault", settings.vault]
    if settings.profile is not None:
        words += ["--profile", settings.profile]
    return shlex.join(words)


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
            _record_failure(context, directory, locked.header, method, attempt, error)
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


def open_or_make_vault(
    settings: config.Settings, context: Context, command: str, check: Callable[[], None]
) -> Vault:
    """Open the vault of *settings*; make the default one, and say so, when there is none.

    A vault that was chosen is not made: its name may be mistyped. None is made in the place of one
    that was moved aside either.

    Args:
        settings: Which vault, and the account of a new one.
        context: Streams, environment, clock and randomness.
        command: What the user called.
        check: Called before a vault is made; raises if it would be of no use.

    Raises:
        NoVaultError: There is no vault where one was chosen, or it was moved aside.
    """
    is_meant = settings.vault_chosen != "default" or _is_there(settings.vault)
    if is_meant or _moved_aside(settings.vault):
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
) -> Vault:
    from secretctl.vault.creation import create_vault

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
    if "key-file" in types and (explicit or os.path.lexists(path)):
        file_key = keyfile.read(path, directory)
        try:
            return slots.open_with_key_file(header, file_key), "key-file"
        except UnlockError as error:
            if explicit or "passphrase" not in types:
                _record_failure(context, directory, header, "key-file", attempt, error)
                raise UnlockError(f"{error.message}: '{path}'", _ANOTHER_KEY_FILE) from None
    if "passphrase" in types:
        return _from_passphrase(header, directory, context, attempt), "passphrase"
    raise UnlockError(f"the key file of this vault is not at '{path}'", _ANOTHER_KEY_FILE)


def _from_passphrase(header: Header, directory: str, context: Context, attempt: Attempt) -> bytes:
    from secretctl.cli import passphrase

    words = passphrase.find(context)
    try:
        return slots.open_with_passphrase(header, words)
    except UnlockError as error:
        _record_failure(context, directory, header, "passphrase", attempt, error)
        hint = passphrase.origin(context) or _WHAT_OPENS_IT
        raise UnlockError(error.message, *error.hints, hint) from None


def _record_failure(  # noqa: PLR0913 each is a fact of the record
    context: Context,
    directory: str,
    header: Header,
    method: str,
    attempt: Attempt,
    error: SecretctlError,
) -> None:
    if not attempt.is_recorded:
        return
    from secretctl.service.unlocking import failure, record_failure

    event = failure(method, attempt.region, error)
    record_failure(context, directory, header.vault_id, event, attempt.command)
