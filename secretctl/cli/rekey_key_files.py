"""Key files of a vault that gets new keys: others are made beside them, and take their places.

All of it is done while nobody else changes the vault, so that what lies there is nobody else's.
"""

from __future__ import annotations

from contextlib import suppress

from secretctl.cli import keyfile, keyfile_exchange
from secretctl.cli.rekey_slots import Means
from secretctl.context import Context
from secretctl.errors import SecretctlError, StoreError
from secretctl.record import NamedTuple
from secretctl.vault import slots
from secretctl.vault.header import Slot
from secretctl.vault.vault import LockedVault


class _Renewed(NamedTuple):
    """A key file that is replaced. Its ``repr`` shows no key."""

    path: str
    old_key: bytes
    file_key: bytes
    """What is in the new one."""

    def __repr__(self) -> str:
        """Name the file."""
        return f"<new key file for {self.path}>"


class KeyFiles:
    """The key files of one rekey."""

    def __init__(self, directory: str, *, are_renewed: bool) -> None:
        self._directory = directory
        self._are_renewed = are_renewed
        self._renewed: list[_Renewed] = []
        self._file_keys: dict[bytes, bytes] = {}
        """New ones, by the id of the slot: what several files hold goes on being the same."""

        self.told: list[tuple[str, str]] = []
        """Where each new key file lies, and where its old one is kept."""

    def slots(
        self, means: tuple[Means, ...], vault_id: bytes, root_key: bytes, context: Context
    ) -> tuple[Slot, ...]:
        """Make the new key files, durable, and return the slots with the new root key.

        Raises:
            SecretctlError: The file system refuses.
        """
        for each in means:
            if each.path:
                self._prepare(each, context)
        by_slot = {each.slot.id: each for each in means}
        return tuple(self._sealed(each, vault_id, root_key, context) for each in by_slot.values())

    def put_in_place(self) -> None:
        """Let the new ones take their places; one that cannot is found where it lies."""
        for path, old_key, _ in self._renewed:
            aside = path
            with suppress(OSError, SecretctlError):
                aside = keyfile_exchange.keep(path, self._directory, old_key)
                keyfile_exchange.exchange(path)
            new = path + keyfile.NEW
            self.told.append((new if keyfile.exists(new) else path, aside))

    def discard(self) -> None:
        """Remove the new ones, unless they open the vault."""
        for each in self._renewed:
            if not self._opens(each.file_key):
                with suppress(SecretctlError):
                    keyfile.remove(each.path + keyfile.NEW)

    def _prepare(self, means: Means, context: Context) -> None:
        self._clear(means)
        if not self._are_renewed:
            return
        if means.slot.id not in self._file_keys:
            self._file_keys[means.slot.id] = context.random(len(means.file_key))
        file_key = self._file_keys[means.slot.id]
        self._renewed.append(_Renewed(means.path, means.file_key, file_key))
        keyfile.create(means.path + keyfile.NEW, self._directory, file_key)

    def _clear(self, means: Means) -> None:
        """See to what a rekey that was killed left beside a key file."""
        new, waiting = means.path + keyfile.NEW, b""
        if not keyfile.exists(new):
            return
        with suppress(SecretctlError):
            waiting = keyfile.read(new, self._directory)
        there = keyfile.read(means.path, self._directory)
        if waiting == means.file_key != there:
            self._put(means.path, there)
        elif waiting not in (b"", there) and self._opens(waiting):
            raise StoreError(
                f"the key file '{new}' opens the vault, and lies where a new one is to be made",
                f"mv {new} FILE, and type the command again",
            )
        else:
            keyfile.remove(new)

    def _put(self, path: str, old_key: bytes) -> None:
        try:
            keyfile_exchange.put_in_place(path, self._directory, old_key)
        except OSError as error:
            raise StoreError(f"cannot write the key file: {error.strerror}") from None

    def _sealed(self, means: Means, vault_id: bytes, root_key: bytes, context: Context) -> Slot:
        """Return the slot of *means* with the new root key."""
        if not means.path:
            arguments = (vault_id, means.slot, root_key, means.words, context.kdf, context.random)
            return slots.renewed_passphrase(*arguments)
        file_key = self._file_keys.get(means.slot.id, means.file_key)
        return slots.renewed_key_file(vault_id, means.slot, root_key, file_key)

    def _opens(self, file_key: bytes) -> bool:
        try:
            locked = LockedVault(self._directory)
        except SecretctlError:  # it cannot be told, so the key is kept
            return True
        try:
            return slots.by_key_file(locked.header, file_key) is not None
        finally:
            locked.close()
