"""Opening the vault a command is for, and making one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl.cli import config, places
from secretctl.context import Context
from secretctl.domain import credential
from secretctl.domain.credential import Given
from secretctl.errors import (
    NothingGivenError,
    NoVaultError,
    SecretctlError,
    UnlockError,
    UnsafePermissionsError,
    VaultDamagedError,
)
from secretctl.record import NamedTuple
from secretctl.store.lock import WAIT_S
from secretctl.vault.header import Header
from secretctl.vault.vault import FILE, LockedVault, Vault


class Attempt(NamedTuple):
    """A command that opens a vault: what the journal says of it where that fails."""

    command: str = ""
    region: str = ""
    is_recorded: bool = True
    """Whether the journal says anything."""

    finishes: bool = True
    """Whether a new key file that a rekey which was killed left is put in its place."""

    wait_s: float = WAIT_S
    """How long each lock is waited for, by what is done with the vault as well."""

    accepts: bool = False
    """Whether an older header is taken as well: the owner says to go on from it."""

    @property
    def service(self) -> str:
        """The service that is asked, where the command says so: ``sts.get-caller-identity``."""
        return self.command.partition(".")[0]


UNNAMED = Attempt()
UNRECORDED = Attempt(is_recorded=False)

Failed = Callable[[str, SecretctlError], None]
"""Is told what was tried and why it did not open the vault."""


def open_chosen(  # noqa: PLR0913 which vault, for whom, and how much is done for it
    settings: config.Settings,
    context: Context,
    command: str,
    *,
    is_recorded: bool = True,
    finishes: bool = True,
    wait_s: float = WAIT_S,
    accepts: bool = False,
) -> Vault:
    """Open the vault of *settings* for *command*; where there is none, name what makes it.

    Args:
        settings: Which vault, and whose credential opens it.
        context: Streams, environment, clock and randomness.
        command: What the user called.
        is_recorded: Whether the journal says so where nothing opens it.
        finishes: Whether a new key file that a rekey which was killed left is put in its place.
        wait_s: How long each lock is waited for, by what is done with the vault as well.
        accepts: Whether an older header is taken as well.

    Raises:
        NoVaultError: There is none.
        UnlockError: Nothing opens it.
    """
    with hinting(settings):
        attempt = Attempt(command, settings.region, is_recorded, finishes, wait_s, accepts)
        if settings.credential is not None:
            return open_as_principal(settings.vault, settings.credential, context, attempt)
        return open_vault(settings.vault, context, attempt)


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
    locked = LockedVault(directory, attempt.wait_s)
    try:
        root_key, method = root_key_of(locked.header, directory, context, attempt)
        try:
            return locked.unlock(root_key, context.random, method, accepts=attempt.accepts)
        except VaultDamagedError as error:
            recorder_of(locked.header, directory, context, attempt)(method, error)
            raise
    except BaseException:
        locked.close()
        raise


def open_as_principal(directory: str, given: Given, context: Context, attempt: Attempt) -> Vault:
    """Open the vault in *directory* as far as a principal's credential does.

    Raises:
        NoVaultError: There is none.
        ServiceError: AWS's, for a credential that is good for nothing: `bad_credentials`.
        VaultDamagedError: What the credential opens was changed.
    """
    now_ms = context.now_ms()
    locked = LockedVault(directory, attempt.wait_s)
    try:
        try:
            vault = locked.unlock_with(given, context.random)
        except VaultDamagedError as damage:
            recorder_of(locked.header, directory, context, attempt, given)("access-key", damage)
            raise
        holder = None if vault is None else vault.keys.holder
        has_ended = holder is not None and bool(holder.expires_ms) and holder.expires_ms <= now_ms
        if vault is not None and holder is not None and not has_ended:
            return vault
        from secretctl.service import bad_credentials

        if has_ended:
            fault = bad_credentials.EXPIRED
        elif not credential.is_whole(given):
            fault = bad_credentials.UNKNOWN
        elif locked.knows(given):
            fault = bad_credentials.WRONG_SECRET
        else:
            is_old = credential.has_ended(given.session_token, now_ms)
            fault = bad_credentials.EXPIRED if is_old else bad_credentials.UNKNOWN
        error = bad_credentials.refusal(fault, attempt.service)
        recorder_of(locked.header, directory, context, attempt, vault or given)("access-key", error)
        raise error
    except BaseException:
        locked.close()
        raise


def key_file_path(header: Header, context: Context) -> str:
    """Return where the key file of a vault is looked for."""
    return context.environ.get("SECRETCTL_KEY_FILE") or places.key_file(
        context.environ, header.vault_id.hex()
    )


def is_there(directory: str) -> bool:
    """Tell whether something that is called a vault lies in *directory*."""
    return os.path.lexists(os.path.join(directory, FILE))


def root_key_of(
    header: Header, directory: str, context: Context, attempt: Attempt
) -> tuple[bytes, str]:
    """Return the root key, and the kind of slot that gave it; a failure is one of *attempt*.

    Raises:
        UnlockError: Nothing opens it.
        UnsafePermissionsError: Others can read or replace what would.
    """
    types = {slot.type for slot in header.slots}
    path = key_file_path(header, context)
    explicit = bool(context.environ.get("SECRETCTL_KEY_FILE"))
    failed = recorder_of(header, directory, context, attempt)
    if "key-file" in types and (explicit or os.path.lexists(path)):
        root_key = _from_key_file(header, directory, path, failed, puts=attempt.finishes)
        if root_key is not None:
            return root_key, "key-file"
        if explicit or "passphrase" not in types:
            ways = _kept(header, path, directory)
            raise _told(failed, f"the key file does not open this vault: '{path}'", *ways)
    if "passphrase" in types:
        return _from_passphrase(header, directory, context, failed), "passphrase"
    raise _told(failed, f"the key file of this vault is not at '{path}'")


def _kept(header: Header, path: str, directory: str) -> list[str]:
    """Return how to open a vault by the old key file, if that was renewed for another vault."""
    import shlex

    from secretctl.cli.keyfile_exchange import kept_for

    old = kept_for(header, path, directory)
    return (
        [f"the old one beside it does: export SECRETCTL_KEY_FILE={shlex.quote(old)}"] if old else []
    )


def _told(failed: Failed, message: str, *ways: str) -> UnlockError:
    from secretctl.cli import keyfile

    error = UnlockError(message, *ways, keyfile.OF_THE_VAULT)
    failed("key-file", error)
    return error


def _from_key_file(
    header: Header, directory: str, path: str, failed: Failed, *, puts: bool
) -> bytes | None:
    """Return the root key, None where the key file is another vault's."""
    from secretctl.cli import keyfile  # a principal's credential is in none

    try:
        return keyfile.root_key(header, path, directory, puts=puts)
    except (UnlockError, UnsafePermissionsError) as error:  # damaged, or no key file of ours alone
        failed("key-file", error)
        raise


def _from_passphrase(header: Header, directory: str, context: Context, failed: Failed) -> bytes:
    import shlex

    from secretctl.cli import passphrase
    from secretctl.vault import slots

    try:
        words = passphrase.find(context)
    except NothingGivenError:  # so nothing was tried
        raise
    except (UnlockError, UnsafePermissionsError) as error:
        failed("passphrase", error)
        raise
    try:
        return slots.open_with_passphrase(header, words)
    except UnlockError as error:
        failed("passphrase", error)
        listing = shlex.join(["secretctl", "unlock-slot", "list", "--vault", directory])
        hint = passphrase.origin(context) or f"{listing} shows what opens it"
        raise UnlockError(error.message, *error.hints, hint) from None


def recorder_of(
    header: Header,
    directory: str,
    context: Context,
    attempt: Attempt,
    of: Vault | Given | None = None,
) -> Failed:
    """Return what records that something did not open the vault.

    It names whose credential it was: as far as *of* proves that, or as its access key id says.
    """

    def failed(method: str, error: SecretctlError) -> None:
        if attempt.is_recorded:
            from secretctl.service.caller import Caller
            from secretctl.service.unlocking import failure, record_failure, unknown

            key_id = of.key_id if isinstance(of, Given) else ""
            who = Caller(of).recorded() if isinstance(of, Vault) else unknown(key_id)
            event = failure(method, attempt.region, error)
            record_failure(context, directory, header.vault_id, event, attempt.command, who)

    return failed
