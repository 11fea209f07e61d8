"""A vault: opened with a root key, read and changed in transactions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from secretctl.domain.credential import Given
from secretctl.errors import (
    NoVaultError,
    SecretctlError,
    StoreError,
    UnsafePermissionsError,
    VaultDamagedError,
)
from secretctl.record import TYPE_CHECKING
from secretctl.store.lock import WAIT_S
from secretctl.store.parents import check_above
from secretctl.store.sqlite import SqliteEngine
from secretctl.vault import layout
from secretctl.vault.credentials import opens_nothing, place, unlocked
from secretctl.vault.header import Header, check
from secretctl.vault.header import decode as decode_header
from secretctl.vault.header import encode as encode_header
from secretctl.vault.keyring import open_access
from secretctl.vault.state import State, opened
from secretctl.vault.unlocked import Keys
from secretctl.vault.view import View

if TYPE_CHECKING:
    from secretctl.vault.transaction import Prove, Transaction

FILE = "vault.db"
CREATION = "creation"
"""What opened a vault that was just made."""

Settle = Callable[[State, "Transaction", BaseException | None], None]
"""Given the vault's state once a transaction has ended, that transaction, and what broke it off."""


class LockedVault:
    """A vault whose header has been read and whose root key is not known yet."""

    def __init__(self, directory: str, wait_s: float = WAIT_S) -> None:
        """Open the store in *directory* and read the plain header; wait *wait_s* for locks.

        Raises:
            NoVaultError: There is none.
            VaultError: Permissions, schema or header are not as they must be.
        """
        check_directory(directory)
        self.directory = directory
        self.engine = SqliteEngine(os.path.join(directory, FILE), wait_s)
        try:
            with self.engine.read() as reader:
                self.header: Header = decode_header(reader.get(layout.HEADER))
        except BaseException:
            self.engine.close()
            raise

    def unlock(
        self, root_key: bytes, random: Callable[[int], bytes], method: str, *, accepts: bool = False
    ) -> Vault:
        """Open the vault with its root key, which *method* gave.

        Args:
            root_key: 32 bytes.
            random: Source of keys.
            method: What gave it.
            accepts: Whether an older header is taken as well, to go on from it.

        Raises:
            VaultDamagedError: The header or the access keys were changed, or an older header was
                put back.
        """
        with self.engine.read() as reader:  # one moment: slots may be changed at this time
            header = reader.get(layout.HEADER)
            vault_id = check(header, root_key).vault_id
            access = reader.get(layout.ACCESS)
            if access is None:
                raise VaultDamagedError("the vault's access keys are missing", "secretctl fsck")
            keys = Keys(vault_id, root_key, open_access(root_key, vault_id, access))
            if not accepts:
                View(reader, keys).check_latest(header or b"")
        return Vault(self.directory, self.engine, keys, random, method, (header, access))

    def unlock_with(self, given: Given, random: Callable[[int], bytes]) -> Vault | None:
        """Open the vault as far as a principal's credential does; None if it opens nothing.

        Raises:
            VaultDamagedError: A record was changed, or an older header was put back.
        """
        with self.engine.read() as reader:
            vault_id = self.header.vault_id
            stored = reader.get(place(vault_id, given.key_id))
            keys = None if stored is None else unlocked(given, vault_id, stored)
            if keys is None:
                return None
            header = reader.get(layout.HEADER)
            View(reader, keys).check_latest(header or b"")
        return Vault(self.directory, self.engine, keys, random, "access-key", (header, stored))

    def knows(self, given: Given) -> bool:
        """Tell whether there is a credential of that access key id that is in use."""
        with self.engine.read() as reader:
            stored = reader.get(place(self.header.vault_id, given.key_id))
            return stored is not None and not opens_nothing(stored)

    def close(self) -> None:
        """Release the store."""
        self.engine.close()


class Vault:
    """An open vault."""

    def __init__(  # noqa: PLR0913 each is a fact of an open vault
        self,
        directory: str,
        engine: SqliteEngine,
        keys: Keys,
        random: Callable[[int], bytes],
        unlocked_by: str,
        opened_from: tuple[bytes | None, bytes | None] | None = None,
    ) -> None:
        self.directory = directory
        self.unlocked_by = unlocked_by
        """``key-file``, ``passphrase``, ``access-key``, or `CREATION`."""

        self.engine = engine
        self.keys = keys
        self._random = random
        self._opened_from = opened_from
        """The header and the record of keys that were opened, as stored; None of a new vault."""

    def is_as_opened(self) -> bool:
        """Tell whether what opened the vault would do so now, and give the same keys.

        Not after a rekey, a change of unlock slots, or one of the credential, which goes with its
        principal.
        """
        holder, vault_id = self.keys.holder, self.keys.vault_id
        own = layout.ACCESS if holder is None else place(vault_id, holder.key_id)
        with self.engine.read() as reader:
            return (reader.get(layout.HEADER), reader.get(own)) == self._opened_from

    @property
    def account(self) -> str:
        """The vault's account id, twelve digits."""
        return self.keys.access.account

    @contextmanager
    def read(self) -> Iterator[View]:
        """Hold one moment of the vault for reading."""
        with self.engine.read() as reader:
            view = View(reader, self.keys)
            view.directory = self.directory
            yield view

    @contextmanager
    def write(self, prove: Prove, settle: Settle) -> Iterator[Transaction]:
        """Change the vault: committed and durable at the end of the block, or not at all.

        Args:
            prove: Records in the journal what is about to be committed, and tells where.
            settle: Is told how the vault stands afterwards, before anybody else may change it.
        """
        transaction: Transaction | None = None
        state: State | None = None

        def ended(failure: BaseException | None) -> None:
            if transaction is not None:
                now = state if failure is None else None
                with suppress(SecretctlError):  # whoever changes the vault next will find out
                    now = now or self.state()
                try:
                    if now is not None:
                        settle(now, transaction, failure)
                finally:
                    for each in transaction.afterwards:
                        each(failure is None)

        with self.engine.write(ended) as writer:
            from secretctl.vault.transaction import Transaction

            transaction = Transaction(writer, self.keys, self._random)
            transaction.directory = self.directory
            yield transaction
            state = transaction.finish(prove)

    def generation_of(self, stored: bytes) -> int:
        """Return the generation in the stored bytes of a state record.

        Raises:
            VaultDamagedError: They are not what was written.
        """
        return opened(self.keys, stored).generation

    def state(self) -> State:
        """Return the state that the last commit left."""
        with self.read() as view:
            return view.state()

    def header(self) -> Header:
        """Return the header as it is now, checked."""
        with self.read() as view:
            return view.header()

    def change_header(self, transaction: Transaction, change: Callable[[Header], Header]) -> Header:
        """Replace the unlock slots by what *change* makes of the present header."""
        header = change(transaction.header())
        transaction.put_header(encode_header(header, self.keys.root))
        return header

    def close(self) -> None:
        """Release the store."""
        self.engine.close()


def check_directory(directory: str) -> None:
    """Refuse a vault directory that others could change.

    Raises:
        NoVaultError: There is no vault in it, or no such directory.
        UnsafePermissionsError: It, or a folder above it, is somebody else's or open to others.
    """
    try:
        os.lstat(os.path.join(directory, FILE))
    except (FileNotFoundError, NotADirectoryError):
        raise NoVaultError(f"there is no vault in '{directory}'") from None
    except OSError as error:
        raise StoreError(f"cannot reach the vault: {error.strerror}") from None
    check_reach(directory)


def check_reach(directory: str) -> None:
    """Refuse a directory that others could change.

    Raises:
        UnsafePermissionsError: It, or a folder above it, is somebody else's or open to others.
    """
    if is_open_to_others(directory):
        from secretctl.store import reach

        raise UnsafePermissionsError(
            "the vault directory belongs to or can be reached by somebody else",
            reach.hint(os.stat(directory), directory),
        )
    check_above(directory)


def is_open_to_others(directory: str) -> bool:
    """Tell whether a directory is somebody else's, or can be reached by others."""
    state = os.stat(directory)
    return state.st_uid != os.geteuid() or state.st_mode & 0o077 != 0
