"""One consistent copy of vault, policies, journal and state, made while others work; and back.

The vault's writing lock is held only until the vault's moment is fixed and the journal's end is
known: by then no change is half way. What is copied afterwards cannot change any more: the moment
of the vault is a read transaction, and of the journal only bytes that were there are taken.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import BinaryIO

from secretctl.audit import segments
from secretctl.audit import state as journal_state
from secretctl.audit.event import Fields
from secretctl.audit.records import own
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verdict import Verdict
from secretctl.errors import StoreError, VaultDamagedError, VaultExistsError
from secretctl.record import NamedTuple
from secretctl.service import backup_file
from secretctl.service.backup_file import Entry
from secretctl.service.failures import announced, failed
from secretctl.service.proof import verified
from secretctl.service.session import Session
from secretctl.store import directories, renaming
from secretctl.store.sqlite import create
from secretctl.vault import fsck, layout
from secretctl.vault.header import decode as decode_header
from secretctl.vault.vault import FILE, LockedVault, Vault

_NOT_MADE = "The backup was not made."
_POLICIES = "policies"
_RECORD = "record/"


class Summary(NamedTuple):
    """What a backup holds."""

    generation: int
    secrets: int
    versions: int
    records: int
    """Of the journal."""


def back_up(session: Session, path: str) -> Summary:
    """Write a backup to *path*, a new file (0600), and verify it.

    Raises:
        StoreError: Something is there already, or the file system refuses.
    """
    path = os.path.abspath(path)
    draft = f"{path}.{session.context.random(8).hex()}.part"
    event = own("BackUpVault", session.region, {}, read_only=True)
    try:
        out = _begun(path, draft)
    except StoreError as error:
        session.recorder.write([failed(event, error, _NOT_MADE)])
        raise
    said: Fields = {"file": os.path.basename(path)}
    try:
        with out, announced(session.recorder, event._replace(request=said), _NOT_MADE):
            return _made(session, path, draft, out)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)


def restore(
    path: str, directory: str, unlock: Callable[[bytes], bytes], random: Callable[[int], bytes]
) -> Vault:
    """Put the backup at *path* into *directory*, where no vault may be; return the vault, open.

    Everything is laid out beside it and verified before it gets its name.

    Args:
        path: A file that `back_up` wrote.
        directory: For the vault.
        unlock: Given the stored header, returns the root key.
        random: Source of randomness.

    Raises:
        VaultExistsError: There is a vault.
        VaultDamagedError: The backup is not what was written.
        StoreError: The file system refuses.
    """
    if os.path.lexists(directory):
        raise VaultExistsError("there is something already where the vault is to be restored")
    draft = f"{directory}.restoring-{random(8).hex()}"
    try:
        with open(path, "rb") as source:
            header = backup_file.read_header(source)
            root_key = unlock(header)
            keys = root_key, decode_header(header).vault_id
            directories.make(draft)
            _lay_out(draft, backup_file.entries(source, header, keys))
        _checked(draft, root_key, random).close()
        directories.make(os.path.dirname(directory))
        os.rename(draft, directory)
        directories.sync(os.path.dirname(directory))
    except OSError as error:
        raise StoreError(f"cannot restore the backup: {error.strerror}") from None
    finally:
        _remove(draft)
    return LockedVault(directory).unlock(root_key, random, "backup")


def _begun(path: str, draft: str) -> BinaryIO:
    """Return the open file that is to be the backup at *path*."""
    if os.path.lexists(path):
        raise _taken()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.fdopen(os.open(draft, flags, 0o600), "wb")
    except OSError as error:
        raise _unwritten(error) from None


def _made(session: Session, path: str, draft: str, out: BinaryIO) -> Summary:
    try:
        _write(session, out)
        out.flush()
        os.fsync(out.fileno())
        summary = _verified(draft, session.vault)
        renaming.to_free_name(draft, path)
        directories.sync(os.path.dirname(path))
    except FileExistsError:
        raise _taken() from None
    except OSError as error:
        raise _unwritten(error) from None
    return summary


def _taken() -> StoreError:
    return StoreError("something is there already", "give the backup another name")


def _unwritten(error: OSError) -> StoreError:
    return StoreError(f"cannot write the backup: {error.strerror}")


def _write(session: Session, out: BinaryIO) -> None:
    vault = session.vault
    with vault.engine.read() as reader:
        header = reader.get(layout.HEADER) or b""
    keys = vault.keys.root, vault.keys.vault_id
    backup_id = session.context.random(backup_file.ID_BYTES)
    backup_file.write(out, header, keys, backup_id, _entries(session))


def _entries(session: Session) -> Iterator[Entry]:
    """Yield what a backup holds, all of one moment."""
    vault = session.vault
    journal = os.path.join(vault.directory, segments.DIRECTORY)
    session.recorder.journal.settled()
    with ExitStack() as moment:
        with vault.engine.held():
            moment.enter_context(vault.engine.read())
            there = Snapshot(journal)
        for key, value in vault.engine.records():
            yield _RECORD + key.hex(), value
    for segment, size in sorted(there.sizes.items()):
        for start in range(0, size, 1 << 24):
            content = there.read(segment, start, min(size, start + (1 << 24)))
            yield f"{segments.DIRECTORY}/{segments.name_of(segment)}", content
    assert there.state is not None, "settled"
    yield f"{segments.DIRECTORY}/{journal_state.FILE}", journal_state.encode(there.state)
    yield from _policies(os.path.join(vault.directory, _POLICIES))


def _policies(folder: str) -> Iterator[Entry]:
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if name.endswith(".json"):
            with open(os.path.join(folder, name), "rb") as file:
                yield f"{_POLICIES}/{name}", file.read()


def _lay_out(directory: str, found: Iterator[Entry]) -> None:
    engine = create(os.path.join(directory, FILE))
    try:
        with engine.write() as writer:
            for name, data in found:
                if name.startswith(_RECORD):
                    writer.put(bytes.fromhex(name.removeprefix(_RECORD)), data)
                else:
                    _append(directory, name, data)
    finally:
        engine.close()


def _append(directory: str, name: str, data: bytes) -> None:
    folder, _, base = name.partition("/")
    if folder not in (segments.DIRECTORY, _POLICIES) or "/" in base or base.startswith("."):
        raise VaultDamagedError("the backup names a file that no backup holds")
    directories.make(os.path.join(directory, folder))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(os.path.join(directory, folder, base), flags, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _checked(directory: str, root_key: bytes, random: Callable[[int], bytes]) -> Vault:
    vault = LockedVault(directory).unlock(root_key, random, "backup")
    report = fsck.check(vault)
    journal = verified(vault, "", [], deep=True)
    if report.problems or journal.verdict != Verdict.INTACT:
        vault.close()
        raise VaultDamagedError("what the backup holds is damaged; nothing was restored")
    return vault


def _verified(path: str, vault: Vault) -> Summary:
    """Read a backup that was just written, and say what it holds."""
    secrets = versions = records = generation = 0
    keys = vault.keys.root, vault.keys.vault_id
    with open(path, "rb") as source:
        header = backup_file.read_header(source)
        for name, data in backup_file.entries(source, header, keys):
            key = bytes.fromhex(name.removeprefix(_RECORD)) if name.startswith(_RECORD) else b""
            secrets += key[:1] == layout.SECRET
            versions += key[:1] == layout.VALUE
            if name.endswith(".jsonl"):
                records += data.count(b"\n")
            if key == layout.STATE:
                generation = vault.generation_of(data)
    return Summary(generation, secrets, versions, records)


def _remove(directory: str) -> None:
    import shutil

    with suppress(FileNotFoundError):
        shutil.rmtree(directory)
