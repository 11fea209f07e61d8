"""A vault: made once, opened with a root key, read and changed in transactions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl.crypto.keys import KEY_BYTES
from secretctl.errors import (
    NoVaultError,
    StoreError,
    UnsafePermissionsError,
    VaultDamagedError,
    VaultExistsError,
)
from secretctl.store import directories
from secretctl.store.lock import LOCK_FILE, WAIT_S, FileLock
from secretctl.store.sqlite import SqliteEngine, create
from secretctl.vault import layout
from secretctl.vault.header import VAULT_ID_BYTES, Header, Slot, check
from secretctl.vault.header import decode as decode_header
from secretctl.vault.header import encode as encode_header
from secretctl.vault.keyring import AccessKeys, open_access, seal_access
from secretctl.vault.state import State, leaf, with_record
from secretctl.vault.transaction import Transaction
from secretctl.vault.unlocked import Keys
from secretctl.vault.view import View, sealed_state

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
        NoVaultError: There is no vault in it, or no such directory.
        UnsafePermissionsError: It is somebody else's, or open to others.
    """
    try:
        os.lstat(os.path.join(directory, FILE))
    except (FileNotFoundError, NotADirectoryError):
        raise NoVaultError(f"there is no vault in '{directory}'") from None
    except OSError as error:
        raise StoreError(f"cannot reach the vault: {error.strerror}") from None
    if _is_open_to_others(directory):
        raise UnsafePermissionsError(
            "the vault directory belongs to or can be reached by somebody else",
            f"chmod 700 {directory}",
        )


def _is_open_to_others(directory: str) -> bool:
    state = os.stat(directory)
    return state.st_uid != os.geteuid() or state.st_mode & 0o077 != 0


def new_vault_id(random: Callable[[int], bytes]) -> bytes:
    """Return an identifier for a new vault."""
    return random(VAULT_ID_BYTES)


def create_vault(  # noqa: PLR0913 each is a fact the vault is made from
    directory: str,
    vault_id: bytes,
    account: str,
    slots: Callable[[bytes], tuple[Slot, ...]],
    random: Callable[[int], bytes],
    now_ms: int,
) -> Vault:
    """Make an empty vault in *directory* (created 0700) and open it.

    The vault appears whole: its file is made under another name and renamed.

    Args:
        directory: Where ``vault.db`` is to lie.
        vault_id: From `new_vault_id`.
        account: Account id, twelve digits.
        slots: Given the new root key, returns the unlock slots.
        random: Source of keys.
        now_ms: Time of creation, milliseconds since 1970.

    Raises:
        VaultExistsError: There is one already.
        StoreError: The file system refuses.
    """
    path = os.path.join(directory, FILE)
    _make_directory(directory)
    if os.path.lexists(path):
        raise VaultExistsError("there is a vault already", "secretctl status")
    root_key = random(KEY_BYTES)
    access = AccessKeys(
        name_index=random(KEY_BYTES),
        metadata=random(KEY_BYTES),
        state=random(KEY_BYTES),
        journal=random(KEY_BYTES),
        account=account,
    )
    keys = Keys(vault_id, root_key, access)
    header = Header(vault_id, now_ms, slots(root_key))
    draft = f"{path}.new-{random(8).hex()}"
    try:
        _write_first_records(draft, keys, header)
        _publish(draft, path)
    finally:
        if os.path.lexists(draft):
            os.unlink(draft)
    return Vault(directory, SqliteEngine(path), keys, random)


def _write_first_records(path: str, keys: Keys, header: Header) -> None:
    engine = create(path)
    records = {
        layout.HEADER: encode_header(header, keys.root),
        layout.ACCESS: seal_access(keys.root, keys.vault_id, keys.access),
    }
    state = State()
    try:
        with engine.write() as writer:
            for key, value in records.items():
                writer.put(key, value)
                state = with_record(state, leaf(keys.access.state, key, value))
            writer.put(layout.STATE, sealed_state(keys, state))
    finally:
        engine.close()


def _publish(draft: str, path: str) -> None:
    """Give the finished file its name, unless somebody else was faster.

    NOTE: renamed under the writers' lock, not linked: a crash between link and unlink would
    leave a file with two names, which is refused on opening.
    """
    directory = os.path.dirname(path)
    lock = FileLock(os.path.join(directory, LOCK_FILE), WAIT_S)
    lock.acquire()
    try:
        if os.path.lexists(path):
            raise VaultExistsError("there is a vault already", "secretctl status")
        os.rename(draft, path)
        directories.sync(directory)
    except OSError as error:
        raise StoreError(f"cannot create the vault file: {error.strerror}") from None
    finally:
        lock.close()


def _make_directory(directory: str) -> None:
    try:
        directories.make(directory)
    except OSError as error:
        raise StoreError(f"cannot create the vault directory: {error.strerror}") from None
    if _is_open_to_others(directory):
        raise UnsafePermissionsError(
            "the directory for the vault belongs to or can be reached by somebody else",
            "name one that is not there yet: it is made for you alone",
        )
