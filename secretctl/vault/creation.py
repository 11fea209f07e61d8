"""Making a vault: whole under its name, or not there."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from secretctl.crypto.keys import KEY_BYTES
from secretctl.errors import (
    SecretctlError,
    StoreError,
    UnsafePermissionsError,
    VaultDamagedError,
    VaultExistsError,
)
from secretctl.store import directories
from secretctl.store.lock import LOCK_FILE, WAIT_S, FileLock
from secretctl.store.parents import check_above
from secretctl.store.rollback_journal import JOURNAL, STRAYS
from secretctl.store.sqlite import SqliteEngine, create
from secretctl.vault import layout, vouched
from secretctl.vault.header import VAULT_ID_BYTES, Header, Slot
from secretctl.vault.header import decode as decode_header
from secretctl.vault.header import encode as encode_header
from secretctl.vault.keyring import AccessKeys, seal_access
from secretctl.vault.state import State, leaf, sealed_state, with_record
from secretctl.vault.unlocked import Keys
from secretctl.vault.vault import CREATION, FILE, Vault, is_open_to_others

_DRAFT = f"{FILE}.new-"
_NEW = State()
_STALE_S = 3600
"""Making a vault takes a second; a draft this old was given up, whatever it is."""


def new_vault_id(random: Callable[[int], bytes]) -> bytes:
    """Return an identifier for a new vault."""
    return random(VAULT_ID_BYTES)


def check_free(directory: str) -> None:
    """Refuse a place where a vault is, or a part of one.

    NOTE: SQLite would take a journal that outlived its vault for the new vault's, and undo with
    it what that has never done.

    Raises:
        VaultExistsError: There is a vault already.
        VaultDamagedError: A part of one lies there.
    """
    path = os.path.join(directory, FILE)
    if os.path.lexists(path):
        raise VaultExistsError("there is a vault already", "secretctl status")
    for trace in (JOURNAL, *STRAYS):
        if os.path.lexists(path + trace):
            raise _left_over(
                f"a part of a vault whose vault.db is gone lies there: {FILE}{trace}", path + trace
            )
    check_no_journal(directory)


def check_no_journal(directory: str) -> None:
    """Refuse a place where the journal of another vault lies.

    Raises:
        VaultDamagedError: It does.
    """
    audit = os.path.join(directory, "audit")
    if os.path.lexists(audit):
        raise _left_over("the journal of a vault whose vault.db is gone lies there: audit", audit)


def _left_over(message: str, path: str) -> VaultDamagedError:
    from secretctl.store import reach

    return VaultDamagedError(
        message,
        "put its vault.db back to read that vault again",
        f"{reach.away_hint(path)} to make a new one",
    )


def create_vault(  # noqa: PLR0913 each is a fact the vault is made from
    directory: str,
    vault_id: bytes,
    account: str,
    slots: Callable[[bytes], tuple[Slot, ...]],
    random: Callable[[int], bytes],
    now_ms: int,
    ready: Callable[[], None],
) -> Vault:
    """Make an empty vault in *directory* (created 0700) and open it.

    The vault appears whole: its file is made under another name, a draft, and renamed. What opens
    it is kept in between: no vault is there without its key, and of a key without its vault there
    is the draft to tell.

    Args:
        directory: Where ``vault.db`` is to lie.
        vault_id: From `new_vault_id`.
        account: Account id, twelve digits.
        slots: Given the new root key, returns the unlock slots.
        random: Source of keys.
        now_ms: Time of creation, milliseconds since 1970.
        ready: Called once all but the name is durable: keeps what opens the vault.

    Raises:
        VaultExistsError: There is one already.
        VaultDamagedError: A part of another vault lies there.
        StoreError: The file system refuses.
    """
    path = os.path.join(directory, FILE)
    _make_directory(directory)
    check_free(directory)
    root_key = random(KEY_BYTES)
    access = AccessKeys(
        name_index=random(KEY_BYTES),
        metadata=random(KEY_BYTES),
        state=random(KEY_BYTES),
        journal=random(KEY_BYTES),
        account=account,
        vouches=vouched.EXACT,
    )
    keys = Keys(vault_id, root_key, access)
    header = Header(vault_id, now_ms, slots(root_key))
    draft = os.path.join(directory, _DRAFT + random(8).hex())
    try:
        write_first_records(draft, keys, header)
        ready()
        _publish(draft, path)
    finally:
        for left in (draft, draft + JOURNAL):
            if os.path.lexists(left):
                os.unlink(left)
    return Vault(directory, SqliteEngine(path), keys, random, CREATION)


def write_first_records(path: str, keys: Keys, header: Header, begun: State = _NEW) -> None:
    """Make a store of a header, access keys and a state, which goes on from *begun*.

    Its owner vouches for nothing yet.

    Raises:
        StoreError: Something is there already, or the file system refuses.
    """
    engine = create(path)
    records = {
        layout.HEADER: encode_header(header, keys.root),
        layout.ACCESS: seal_access(keys.root, keys.vault_id, keys.access),
        layout.VOUCHED: vouched.sealed(keys, vouched.nothing(begun.vouched)),
    }
    header_leaf = leaf(keys.access.state, layout.HEADER, records[layout.HEADER])
    state = begun._replace(records=0, digest=0, header=header_leaf.hex())
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
        check_free(directory)
        os.rename(draft, path)
        directories.sync(directory)
    except OSError as error:
        raise StoreError(f"cannot create the vault file: {error.strerror}") from None
    finally:
        lock.close()


def clear_drafts(directory: str, now_ms: int, forget: Callable[[Header], None]) -> None:
    """Remove what is left of vaults that were never finished, now that one is there.

    No draft gets its name any more. One that cannot be read yet may still be written for an hour,
    so that whoever does that finds out by the vault that is there.

    Args:
        directory: Where a vault was made.
        now_ms: The present time, milliseconds since 1970.
        forget: Given the header of a draft, removes what was kept to open it.
    """
    drafts = [name for name in os.listdir(directory) if name.startswith(_DRAFT)]
    for name in drafts:
        with suppress(OSError, SecretctlError):  # it stays, and does no harm
            _clear(os.path.join(directory, name), now_ms, forget)


def _clear(draft: str, now_ms: int, forget: Callable[[Header], None]) -> None:
    header = header_of(draft)
    if header is not None:
        forget(header)
    if header is not None or os.lstat(draft).st_mtime < now_ms / 1000 - _STALE_S:
        os.unlink(draft)


def header_of(draft: str) -> Header | None:
    """Return the header of a vault that was never finished, not believed; None if it has none."""
    try:
        engine = SqliteEngine(draft)
    except SecretctlError:
        return None
    try:
        with engine.read() as reader:
            return decode_header(reader.get(layout.HEADER))
    except SecretctlError:
        return None
    finally:
        engine.close()


def _make_directory(directory: str) -> None:
    try:
        directories.make(directory)
    except OSError as error:
        raise StoreError(
            f"cannot create the vault directory '{directory}': {error.strerror}"
        ) from None
    if is_open_to_others(directory):
        raise UnsafePermissionsError(
            "the directory for the vault belongs to or can be reached by somebody else",
            "name one that is not there yet: it is made for you alone",
        )
    check_above(directory)
