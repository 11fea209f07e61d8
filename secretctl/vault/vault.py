"""A vault: opened with a root key, read and changed in transactions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl.errors import (
    NoVaultError,
    StoreError,
    UnsafePermissionsError,
    VaultDamagedError,
)
from secretctl.store.sqlite import SqliteEngine
from secretctl.vault import layout
from secretctl.vault.header import Header, check
from secretctl.vault.header import decode as decode_header
from secretctl.vault.header import encode as encode_header
from secretctl.vault.keyring import open_access
from secretctl.vault.transaction import Transaction
from secretctl.vault.unlocked import Keys
from secretctl.vault.view import View

FILE = "vault.db"


class LockedVault:
    """A vault whose header has been read and whose root key is not known yet."""

    def __init__(self, directory: str) -> None:
        """Open the store in *directory* and read the plain header.

        Raises:
            NoVaultError: There is none.
            VaultError: Permissions, schema or header are not as they must be.
        """
        check_directory(directory)
        self.directory = directory
        self.engine = SqliteEngine(os.path.join(directory, FILE))
        try:
            with self.engine.read() as reader:
                stored = reader.get(layout.HEADER)
            if stored is None:
                raise VaultDamagedError("the vault's header is missing")
            self._stored_header = stored
            self.header: Header = decode_header(stored)
        except BaseException:
            self.engine.close()
            raise

    def unlock(self, root_key: bytes, random: Callable[[int], bytes]) -> Vault:
        """Open the vault with its root key.

        Raises:
            VaultDamagedError: The header or the access keys were changed.
        """
        check(self._stored_header, root_key)
        with self.engine.read() as reader:
            stored = reader.get(layout.ACCESS)
        if stored is None:
            raise VaultDamagedError("the vault's access keys are missing", "secretctl fsck")
        access = open_access(root_key, self.header.vault_id, stored)
        return Vault(
            self.directory, self.engine, Keys(self.header.vault_id, root_key, access), random
        )

    def close(self) -> None:
        """Release the store."""
        self.engine.close()


class Vault:
    """An open vault."""

    def __init__(
        self, directory: str, engine: SqliteEngine, keys: Keys, random: Callable[[int], bytes]
    ) -> None:
        self.directory = directory
        self.engine = engine
        self.keys = keys
        self._random = random

    @property
    def account(self) -> str:
        """The vault's account id, twelve digits."""
        return self.keys.access.account

    @contextmanager
    def read(self) -> Iterator[View]:
        """Hold one moment of the vault for reading."""
        with self.engine.read() as reader:
            yield View(reader, self.keys)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Change the vault: committed and durable at the end of the block, or not at all."""
        with self.engine.write() as writer:
            transaction = Transaction(writer, self.keys, self._random)
            yield transaction
            transaction.finish()

    def header(self) -> Header:
        """Return the header as it is now, checked."""
        with self.engine.read() as reader:
            return self._checked_header(reader.get(layout.HEADER))

    def change_slots(self, change: Callable[[Header], Header]) -> Header:
        """Replace the unlock slots by what *change* makes of the present header."""
        with self.write() as transaction:
            stored = self.engine.get(layout.HEADER)
            header = change(self._checked_header(stored))
            transaction.put_record(layout.HEADER, encode_header(header, self.keys.root))
        return header

    def close(self) -> None:
        """Release the store."""
        self.engine.close()

    def _checked_header(self, stored: bytes | None) -> Header:
        if stored is None:
            raise VaultDamagedError("the vault's header is missing")
        check(stored, self.keys.root)  # nor is it another vault's: that has another root key
        return decode_header(stored)


def check_directory(directory: str) -> None:
    """Refuse a vault directory that others could change.

    Raises:
        NoVaultError: There is no such directory.
        UnsafePermissionsError: It is somebody else's, or open to others.
    """
    try:
        state = os.stat(directory)
    except (FileNotFoundError, NotADirectoryError):
        raise NoVaultError(f"there is no vault in '{directory}'", "secretctl init") from None
    except OSError as error:
        raise StoreError(f"cannot reach the vault: {error.strerror}") from None
    if state.st_uid != os.geteuid() or state.st_mode & 0o077:
        raise UnsafePermissionsError(
            "the vault directory belongs to or can be reached by somebody else",
            f"chmod 700 {directory}",
        )
