"""One consistent copy of vault, policies, journal and state, made while others work.

The vault's writing lock is held only until the vault's moment is fixed and the journal's end is
known: by then no change is half way. What is copied afterwards cannot change any more: the moment
of the vault is a read transaction, and of the journal only bytes that were there are taken.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import BinaryIO

from secretctl.audit import segments
from secretctl.audit import state as journal_state
from secretctl.audit.records import own
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verdict import Finding
from secretctl.errors import SegmentGoneError, StoreError, VaultDamagedError
from secretctl.model.shapes import Fields
from secretctl.record import NamedTuple
from secretctl.service import backup_file, owner
from secretctl.service.backup_file import Entry
from secretctl.service.failures import announced, failing
from secretctl.service.proof import verified
from secretctl.service.session import Session
from secretctl.store import directories, renaming
from secretctl.vault import fsck, layout, policy_files
from secretctl.vault.vault import Vault

_NOT_MADE = "The backup was not made."
_MOMENTS = 20
"""How often a backup is begun where the journal is pruned meanwhile: many segments go in turns."""

POLICIES = policy_files.DIRECTORY
RECORD = "record/"


class Summary(NamedTuple):
    """What a backup holds."""

    generation: int
    secrets: int
    versions: int
    records: int
    """Of the journal, those that were pruned counted as well."""

    findings: tuple[Finding, ...] = ()
    """What of the journal does not verify: it is backed up as it is."""

    left_out: tuple[str, ...] = ()
    """Files beside the policies that are not in it: no policy can have their names."""


def back_up(session: Session, path: str) -> Summary:
    """Write a backup to *path*, a new file (0600), and verify it.

    Raises:
        OwnerOnlyError: AccessDenied.
        StoreError: Something is there already, another vault was put in the place of this one, or
            the file system refuses.
        VaultDamagedError: The vault is not sound: nobody could restore it.
        PolicyFileError, UnsafePermissionsError: A policy's file is none, or not ours alone.
    """
    path = os.path.abspath(path)
    draft = f"{path}.{session.context.random(8).hex()}.part"
    event = own("BackUpVault", session.region, {}, read_only=True)
    with failing(session.recorder, lambda: event, _NOT_MADE):
        owner.refuse_principals(session, event.name)
        out, findings = _begun(path, draft, session)
    said: Fields = {"file": os.path.basename(path)}
    if findings:
        said["journal"] = findings[0].verdict.name.lower()
    try:
        with out, announced(session.recorder, event._replace(request=said), _NOT_MADE):
            left_out = _left_out(session.vault.directory)
            made = _made(session, path, draft, out)
            return made._replace(findings=findings, left_out=left_out)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)


def _begun(path: str, draft: str, session: Session) -> tuple[BinaryIO, tuple[Finding, ...]]:
    """Return the open file that is to be the backup, and what of the journal does not verify."""
    if os.path.lexists(path):
        raise _taken()
    findings = _checked(session.vault, session.context.now_ms())
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.fdopen(os.open(draft, flags, 0o600), "wb"), findings
    except OSError as error:
        raise _unwritten(error) from None


def _checked(vault: Vault, now_ms: int) -> tuple[Finding, ...]:
    """See that a vault is sound, and return what of its journal does not verify."""
    if fsck.check(vault, now_ms).problems:
        raise VaultDamagedError(
            "the vault is damaged; no backup was made",
            "secretctl fsck",
            f"cp -a {shlex.quote(vault.directory)} COPY, to keep it as it is",
        )
    return verified(vault, "", [], deep=True).findings


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
    for _ in range(_MOMENTS):
        out.seek(0)
        out.truncate()
        try:
            backup_file.write(out, header, keys, backup_id, _entries(session))
        except SegmentGoneError:  # pruned: the backup is of a later moment
            continue
        return
    raise SegmentGoneError


def _entries(session: Session) -> Iterator[Entry]:
    """Yield what a backup holds, all of one moment."""
    vault = session.vault
    journal = os.path.join(vault.directory, segments.DIRECTORY)
    session.recorder.journal.settled()
    with ExitStack() as moment:
        with vault.engine.held():
            moment.enter_context(vault.engine.read())
            there = Snapshot(journal)
            policies = _policies(vault.directory)
        for key, value in vault.engine.records():
            yield RECORD + key.hex(), value
    for segment, size in sorted(there.sizes.items()):
        for start in range(0, size, 1 << 24):
            content = _read(there, segment, start, min(size, start + (1 << 24)))
            yield f"{segments.DIRECTORY}/{segments.name_of(segment)}", content
    assert there.state is not None, "settled"
    yield f"{segments.DIRECTORY}/{journal_state.FILE}", journal_state.encode(there.state)
    yield from policies
    there.check_in_place()


def _read(there: Snapshot, segment: int, start: int, end: int) -> bytes:
    try:
        return there.read(segment, start, end)
    except OSError as error:
        raise StoreError(f"cannot read the journal: {error.strerror}") from None


def _policies(directory: str) -> list[Entry]:
    """Return the documents of the vault's policies.

    Raises:
        PolicyFileError, UnsafePermissionsError: A file is none, or not ours alone.
    """
    return [
        (f"{POLICIES}/{name}.json", policy_files.read(directory, name).encode())
        for name in _names(directory)
        if policy_files.is_name(name)
    ]


def _left_out(directory: str) -> tuple[str, ...]:
    """Return the files that are named like documents of policies, but as no policy can be."""
    return tuple(f"{name}.json" for name in _names(directory) if not policy_files.is_name(name))


def _names(directory: str) -> list[str]:
    try:
        return policy_files.names(directory)
    except OSError as error:
        raise StoreError(
            f"cannot read the folder of the policies: {error.strerror}",
            f"ls -ld {shlex.quote(os.path.join(directory, POLICIES))}",
        ) from None


def _verified(path: str, vault: Vault) -> Summary:
    """Read a backup that was just written, and say what it holds."""
    secrets = versions = records = generation = 0
    keys = vault.keys.root, vault.keys.vault_id
    with open(path, "rb") as source:
        header = backup_file.read_header(source)
        for name, data in backup_file.entries(source, header, keys):
            key = bytes.fromhex(name.removeprefix(RECORD)) if name.startswith(RECORD) else b""
            secrets += key[:1] == layout.SECRET
            versions += key[:1] == layout.VALUE
            if name == f"{segments.DIRECTORY}/{journal_state.FILE}":
                stands = journal_state.decode(data)
                records = stands.number if stands else 0
            if key == layout.STATE:
                generation = vault.generation_of(data)
    return Summary(generation, secrets, versions, records)
