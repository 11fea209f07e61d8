"""Opening a vault again that a command has opened before, without asking anybody anything.

Nor is anything waited for: locks that somebody holds are for the next time.
"""

from __future__ import annotations

from secretctl.cli import config, opening
from secretctl.cli.api import session_of
from secretctl.context import Context
from secretctl.errors import UnlockError, VaultDamagedError
from secretctl.record import NamedTuple
from secretctl.service.session import Session
from secretctl.store.lock import BRIEF_S
from secretctl.vault.vault import LockedVault, Vault

_COMMAND = "exec"


class Opener(NamedTuple):
    """What opens a vault again. Its ``repr`` shows no key."""

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
        return session_of(vault, self.settings, self.context, _COMMAND, finishes=finishes)

    def _opened(self, *, finishes: bool) -> Vault:
        return opening.open_chosen(
            *(self.settings, self.context, _COMMAND),
            is_recorded=finishes,
            finishes=finishes,
            wait_s=BRIEF_S,
        )

    def _unlocked(self) -> Vault:
        locked = LockedVault(self.settings.vault, BRIEF_S)
        try:
            return locked.unlock(self.root, self.context.random, "passphrase")
        except VaultDamagedError:
            locked.close()
            raise UnlockError(
                "what opened the vault at the start does not open it any more",
                "if the vault was given new keys, type the command again",
            ) from None
        except BaseException:
            locked.close()
            raise


def opener_of(session: Session, settings: config.Settings) -> Opener:
    """Return what opens the vault of *session*, which is open, again."""
    is_by_passphrase = session.vault.unlocked_by == "passphrase"
    root = session.vault.keys.root if is_by_passphrase else b""
    return Opener(settings, session.context, root)
