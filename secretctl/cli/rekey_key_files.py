"""Key files of a vault that gets new keys: others are made beside them, and take their places.

All of it is done while nobody else changes the vault. A key file may open other vaults, too, which
get new keys at the same time: no file is removed but what this rekey made, or one of this vault
that was killed before anything was opened by it.
"""

from __future__ import annotations

from contextlib import suppress

from secretctl.cli import keyfile, keyfile_exchange, keyfile_waiting
from secretctl.cli.rekey_slots import Means
from secretctl.context import Context
from secretctl.errors import SecretctlError, StoreError
from secretctl.record import NamedTuple
from secretctl.store import draft
from secretctl.vault import slots
from secretctl.vault.header import Slot


class _Renewed(NamedTuple):
    """A key file that is replaced. Its ``repr`` shows no key."""

    path: str
    old_key: bytes
    file_key: bytes
    """What is in the new one."""

    new: str
    """Where that is made."""

    def __repr__(self) -> str:
        """Name the file."""
        return f"<new key file for {self.path}>"


class KeyFiles:
    """The key files of one rekey."""

    def __init__(self, directory: str, means: tuple[Means, ...], *, are_renewed: bool) -> None:
        self._directory = directory
        self._means = means
        self._are_renewed = are_renewed
        self._renewed: list[_Renewed] = []
        self._file_keys: dict[bytes, bytes] = {}
        """New ones, by the id of the slot: what several files hold goes on being the same."""

        self.told: list[tuple[str, str]] = []
        """Where each new key file lies, and where its old one is kept."""

    def slots(self, vault_id: bytes, root_key: bytes, context: Context) -> tuple[Slot, ...]:
        """Return the slots with the new root key; see to what a rekey that was killed left.

        Raises:
            SecretctlError: The file system refuses.
        """
        for each in self._of_files():
            self._settle(each)
            if self._are_renewed and each.slot.id not in self._file_keys:
                self._file_keys[each.slot.id] = context.random(len(each.file_key))
        by_slot = {each.slot.id: each for each in self._means}
        return tuple(self._sealed(each, vault_id, root_key, context) for each in by_slot.values())

    def make(self, vault_id: bytes, folder: str) -> None:
        """Make the new key files, durable.

        Args:
            vault_id: Of the vault.
            folder: Where it is written anew.

        Raises:
            SecretctlError: The file system refuses.
        """
        for each in self._of_files() if self._are_renewed else ():
            run, file_key = draft.run_of(folder), self._file_keys[each.slot.id]
            new = keyfile_waiting.name(each.path, vault_id, each.file_key, run)
            self._renewed.append(_Renewed(each.path, each.file_key, file_key, new))
            keyfile.create(new, self._directory, file_key)

    def put_in_place(self) -> None:
        """Let the new ones take their places; one that cannot is found where it lies."""
        for path, old_key, _, new in self._renewed:
            aside = path
            with suppress(OSError, SecretctlError), keyfile_exchange.alone(path):
                aside = keyfile_exchange.keep(path, self._directory, old_key)
                keyfile_exchange.exchange(new, path, self._directory, old_key)
            self.told.append((new if keyfile.exists(new) else path, aside))

    def discard(self) -> None:
        """Remove the new ones, unless they open the vault."""
        for each in self._renewed:
            with suppress(SecretctlError):
                is_ours = keyfile.read(each.new, self._directory) == each.file_key
                if is_ours and not keyfile_waiting.opens(self._directory, each.file_key):
                    keyfile.remove(each.new)

    def _of_files(self) -> list[Means]:
        return [each for each in self._means if each.path]

    def _settle(self, means: Means) -> None:
        """See to what a rekey that was killed left beside a key file."""
        if means.waiting:
            self._put(means.waiting, means.path)
        for new in keyfile_waiting.beside(means.path):
            if keyfile_waiting.is_never_used(new, self._directory):
                keyfile.remove(new)

    def _put(self, new: str, path: str) -> None:
        old_key = keyfile.read(path, self._directory)
        try:
            keyfile_exchange.put_in_place(new, path, self._directory, old_key)
        except OSError as error:
            raise StoreError(f"cannot write the key file: {error.strerror}") from None

    def _sealed(self, means: Means, vault_id: bytes, root_key: bytes, context: Context) -> Slot:
        """Return the slot of *means* with the new root key."""
        if not means.path:
            arguments = (vault_id, means.slot, root_key, means.words, context.kdf, context.random)
            return slots.renewed_passphrase(*arguments)
        file_key = self._file_keys.get(means.slot.id, means.file_key)
        return slots.renewed_key_file(vault_id, means.slot, root_key, file_key)
