"""Opening a vault again that was open before, without asking anybody anything."""

from __future__ import annotations

from time import monotonic, sleep

from secretctl.cli import config, opening
from secretctl.cli.api import session_of
from secretctl.context import Context
from secretctl.errors import (
    JournalUnavailableError,
    StoreBusyError,
    StoreError,
    UnlockError,
    VaultDamagedError,
)
from secretctl.record import NamedTuple
from secretctl.service.session import Session
from secretctl.store.lock import BRIEF_S
from secretctl.vault.vault import LockedVault, Vault

_REOPENS_S = 15.0
_PASSING = (StoreBusyError, StoreError, JournalUnavailableError)
"""What may be over in a moment, while somebody puts another vault in the place of this one."""


class Manner(NamedTuple):
    """For whom a vault is opened again, and how."""

    command: str
    """What the journal calls it."""

    wait_s: float
    """How long each lock is waited for."""

    anew: str
    """What to do if the vault has other keys, and was opened by a passphrase."""


OF_EXEC = Manner("exec", BRIEF_S, "if the vault was given new keys, type the command again")
"""Locks that somebody holds are for the next time."""


class Opener(NamedTuple):
    """What opens a vault again. Its ``repr`` shows no key."""

    manner: Manner
    settings: config.Settings
    context: Context
    root: bytes
    """The root key, where a passphrase gave it; a key file or a credential is there to be read."""

    def __repr__(self) -> str:
        """Name the vault."""
        return f"<opener of {self.settings.vault}>"

    def to_look(self) -> Session:
        """Return a session in which nothing is recorded, and nothing done that others left to do.

        Raises:
            SecretctlError: As `opening.open_chosen` and `service.opening.begin`.
        """
        return self._session(finishes=False)

    def to_read(self) -> Session:
        """Return a session like that of any other command; raises as `to_look`."""
        return self._session(finishes=True)

    def _session(self, *, finishes: bool) -> Session:
        vault = self._unlocked() if self.root else self._opened(finishes=finishes)
        command = self.manner.command
        return session_of(vault, self.settings, self.context, command, finishes=finishes)

    def _opened(self, *, finishes: bool) -> Vault:
        return opening.open_chosen(
            *(self.settings, self.context, self.manner.command),
            is_recorded=finishes,
            finishes=finishes,
            wait_s=self.manner.wait_s,
        )

    def _unlocked(self) -> Vault:
        locked = LockedVault(self.settings.vault, self.manner.wait_s)
        try:
            return locked.unlock(self.root, self.context.random, "passphrase")
        except VaultDamagedError:
            locked.close()
            raise UnlockError(
                "what opened the vault at the start does not open it any more",
                self.manner.anew,
            ) from None
        except BaseException:
            locked.close()
            raise


def opener_of(session: Session, settings: config.Settings, manner: Manner) -> Opener:
    """Return what opens the vault of *session*, which is open, again."""
    is_by_passphrase = session.vault.unlocked_by == "passphrase"
    root = session.vault.keys.root if is_by_passphrase else b""
    return Opener(manner, settings, session.context, root)


def reopened(opener: Opener) -> Session:
    """Return a session in whichever vault is put in the place of the one that was open.

    Raises:
        SecretctlError: As `Opener.to_read`; what may be over in a moment is waited for.
    """
    ends = monotonic() + _REOPENS_S
    while True:
        try:
            return opener.to_read()
        except _PASSING:
            if monotonic() > ends:
                raise
            sleep(0.1)
