"""Key files of a vault that gets new keys: others are made beside them, and take their places.

The old ones are kept beside the new: backups from before are opened by nothing else.
"""

from __future__ import annotations

import os
from contextlib import suppress

from secretctl.cli import keyfile
from secretctl.cli.rekey_slots import Means
from secretctl.context import Context
from secretctl.errors import SecretctlError
from secretctl.record import NamedTuple
from secretctl.vault import slots
from secretctl.vault.header import Slot
from secretctl.vault.vault import LockedVault

_OLD = ".old-"


class Renewed(NamedTuple):
    """A key file that is replaced. Its ``repr`` shows no key."""

    path: str
    aside: str
    """Where the old one is kept."""

    file_key: bytes
    """What is in the new one."""

    made: tuple[str, ...]
    """Files that were made."""

    def __repr__(self) -> str:
        """Name the file."""
        return f"<new key file for {self.path}>"


class KeyFiles:
    """The key files of one rekey."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._renewed: dict[bytes, Renewed] = {}
        """By the id of the slot."""

    def renew(self, means: tuple[Means, ...], context: Context) -> None:
        """Make a new key file beside each of *means*, and keep the old one, durable.

        Raises:
            SecretctlError: The file system refuses; what was made is gone again.
        """
        try:
            for each in means:
                if each.path:
                    self._renew(each, context)
        except BaseException:
            self.discard()
            raise

    def sealed(self, means: Means, vault_id: bytes, root_key: bytes, context: Context) -> Slot:
        """Return the slot of *means* with the new root key."""
        if not means.path:
            arguments = (vault_id, means.slot, root_key, means.words, context.kdf, context.random)
            return slots.renewed_passphrase(*arguments)
        renewed = self._renewed.get(means.slot.id)
        file_key = means.file_key if renewed is None else renewed.file_key
        return slots.renewed_key_file(vault_id, means.slot, root_key, file_key)

    def put_in_place(self) -> None:
        """Let the new ones take their places; one that cannot is found where it lies."""
        for each in self._renewed.values():
            with suppress(OSError):
                keyfile.put_in_place(each.path)

    def discard(self) -> None:
        """Remove the new ones, unless they open the vault."""
        for each in self._renewed.values():
            if not self._opens(each.file_key):
                for path in each.made:
                    with suppress(SecretctlError):
                        keyfile.remove(path)

    def told(self) -> list[tuple[str, str]]:
        """Return where each new key file lies, and where its old one is kept."""
        waiting = [each.path + keyfile.NEW for each in self._renewed.values()]
        return [
            (new if keyfile.exists(new) else each.path, each.aside)
            for new, each in zip(waiting, self._renewed.values(), strict=True)
        ]

    def _renew(self, means: Means, context: Context) -> None:
        new = means.path + keyfile.NEW
        if keyfile.exists(new):  # of a rekey that was killed: the old one still opens the vault
            keyfile.remove(new)
        file_key, aside = context.random(len(means.file_key)), self._aside(means)
        made = [new] if keyfile.exists(aside) else [new, aside]
        self._renewed[means.slot.id] = Renewed(means.path, aside, file_key, tuple(made))
        keyfile.create(new, self._directory, file_key)
        if aside in made:
            keyfile.create(aside, self._directory, means.file_key)

    def _aside(self, means: Means) -> str:
        """Return where the old key file is kept: a free name, or where it is kept already."""
        number = 1
        while os.path.lexists(path := f"{means.path}{_OLD}{number}"):
            with suppress(SecretctlError):
                if keyfile.read(path, self._directory) == means.file_key:
                    break
            number += 1
        return path

    def _opens(self, file_key: bytes) -> bool:
        try:
            locked = LockedVault(self._directory)
        except SecretctlError:  # it cannot be told, so the key is kept
            return True
        try:
            return slots.by_key_file(locked.header, file_key) is not None
        finally:
            locked.close()
