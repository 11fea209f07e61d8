"""A backup put back: laid out and checked beside its place, recorded, and then put there at once.

Until the last step nothing is changed where the vault is to be. That step is one rename, or one
exchange of two names, while the locks of the vault that goes are held: nobody is half way with a
change of it, and whoever waits finds that it is gone.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from secretctl.audit import journal, segments
from secretctl.audit.verdict import Finding
from secretctl.context import Context
from secretctl.errors import (
    OutcomeNotRecordedError,
    OutcomeUnknownError,
    StoreError,
    VaultDamagedError,
    VaultExistsError,
)
from secretctl.record import NamedTuple
from secretctl.service import backup_file, older_copy
from secretctl.service.laying_out import lay_out
from secretctl.service.opening import Recording
from secretctl.service.proof import verified
from secretctl.store import directories, draft, renaming
from secretctl.store.inputs import open_input
from secretctl.store.lock import LOCK_FILE, WAIT_S, FileLock
from secretctl.vault import fsck
from secretctl.vault.header import decode as decode_header
from secretctl.vault.vault import FILE, LockedVault, Vault

_JOURNAL_LOCK = os.path.join(segments.DIRECTORY, journal.LOCK_FILE)
_NOT_FREE = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)

Unlock = Callable[[bytes], tuple[bytes, Recording]]
"""Given the stored header, returns the root key, and how the restoring is recorded."""


class Place(NamedTuple):
    """Where a backup is to be restored."""

    directory: str
    region: str
    """For the record."""

    replaces: bool = False
    """Whether what is there may be moved aside."""


class Restored(NamedTuple):
    """What came of it."""

    aside: str
    """Where that is now what was there before; empty if nothing was."""

    moved: list[str]
    """Files of the journal into which what did not verify was moved."""

    removed: list[str]
    """Segments of the journal whose pruning had been interrupted."""

    findings: tuple[Finding, ...]
    """What of the backup's journal did not verify."""

    unsure: str
    """Why a loss of power may undo it; empty if none can."""


def restore(context: Context, path: str, place: Place, unlock: Unlock) -> Restored:
    """Put the backup at *path* into its place.

    Raises:
        VaultExistsError: Something is there.
        VaultDamagedError: The backup is not what was written.
        StoreError: The file system refuses; nothing was restored.
        OutcomeUnknownError: It is restored, but a loss of power may undo that.
    """
    context.now_ms()  # a clock far off ends the command here, not half way
    place = place._replace(directory=os.path.realpath(place.directory))
    try:
        os.stat(path)  # a name that was mistyped is told before what would be in its way
        restored = _restored(context, path, place, unlock)
    except OSError as error:
        raise StoreError(f"cannot restore the backup: {error.strerror}") from None
    except (OutcomeUnknownError, OutcomeNotRecordedError):
        raise StoreError(
            "the disk failed while the vault was laid out; nothing was restored"
        ) from None
    if restored.unsure:
        raise OutcomeUnknownError(
            f"the vault was restored, but a loss of power may undo that: {restored.unsure}",
            f"what was there is in {restored.aside}" if restored.aside else "secretctl fsck",
        )
    return restored


def _restored(context: Context, path: str, place: Place, unlock: Unlock) -> Restored:
    _check_free(place)
    with open_input(path) as source:
        header = backup_file.read_header(source)
        root_key, recording = unlock(header)
        keys = root_key, decode_header(header).vault_id
        draft.clear(place.directory)
        with draft.beside(place.directory, context.random) as folder:
            lay_out(folder, backup_file.entries(source, header, keys))
            vault = LockedVault(folder).unlock(root_key, context.random, "backup")
            try:
                return _checked_in(context, vault, place, recording)
            finally:
                vault.close()


def _checked_in(context: Context, vault: Vault, place: Place, recording: Recording) -> Restored:
    """Check what was laid out, record that it is restored, and put it into its place."""
    if fsck.check(vault, context.now_ms()).problems:
        raise VaultDamagedError(
            "what the backup holds is damaged; nothing was restored",
            "secretctl restore FILE, with an older backup",
        )
    findings = verified(vault, "", [], deep=True).findings
    mended = older_copy.mend(vault)
    with ExitStack() as held:
        if os.path.lexists(os.path.join(place.directory, FILE)):
            held.enter_context(_lock(place.directory, LOCK_FILE, "vault"))
            held.enter_context(_lock(place.directory, _JOURNAL_LOCK, "journal"))
        _check_free(place)  # it may have been made meanwhile
        anchor = older_copy.record_restore(context, vault, place.region, recording, mended)
        vault.close()
        held.enter_context(_lock(vault.directory, _JOURNAL_LOCK, "journal"))
        with older_copy.announced(recording, vault.keys, anchor) as remember:
            aside = _put(vault.directory, place.directory)
            unsure = _synced(os.path.dirname(place.directory))
            if not unsure:
                remember()
    return Restored(aside, mended.moved, mended.removed, findings, unsure)


@contextmanager
def _lock(directory: str, name: str, thing: str) -> Iterator[None]:
    """Hold a lock of the vault in *directory*, where there is a folder for it."""
    path = os.path.join(directory, name)
    lock = FileLock(path, WAIT_S, thing)
    try:
        if os.path.isdir(os.path.dirname(path)):
            lock.acquire()
        yield
    finally:
        lock.close()


def _check_free(place: Place) -> None:
    if os.path.ismount(place.directory):
        raise StoreError(
            "something is mounted where the vault is to be restored, and cannot be replaced",
            f"name a folder in it: --vault {os.path.join(place.directory, 'vault')}",
        )
    if not _is_free(place.directory) and not place.replaces:
        raise _taken()


def _is_free(directory: str) -> bool:
    """Tell whether there is nothing, or an empty folder, which a rename replaces."""
    return not os.path.lexists(directory) or (
        os.path.isdir(directory) and not os.listdir(directory)
    )


def _taken() -> VaultExistsError:
    return VaultExistsError(
        "there is something already where the vault is to be restored",
        "add --replace to move it aside",
    )


def _put(folder: str, directory: str) -> str:
    """Put what is laid out in *folder* into its place; return where what was there is now.

    NOTE: the draft has the name of what goes before the two change places: nobody ever removes
    that, as drafts are removed.
    """
    if _is_free(directory):
        try:
            os.rename(folder, directory)
        except OSError as error:
            if error.errno in _NOT_FREE:  # it is not any more
                raise _taken() from None
            raise
        return ""
    aside = _name_aside(directory)
    os.rename(folder, aside)
    if renaming.exchange(aside, directory):
        return aside
    os.rename(aside, folder)
    os.rename(directory, aside)
    try:
        os.rename(folder, directory)
    except BaseException:
        os.rename(aside, directory)
        raise
    return aside


def _synced(directory: str) -> str:
    """Make the entries of *directory* durable; return why that cannot be, empty if it was done."""
    try:
        directories.sync(directory)
    except OSError as error:
        return str(error.strerror)
    return ""


def _name_aside(directory: str) -> str:
    number = 1
    while os.path.lexists(aside := f"{directory}.replaced-{number}"):
        number += 1
    return aside
