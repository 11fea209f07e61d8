"""Making the journal of a new vault: an empty first segment, and the state that goes with it."""

from __future__ import annotations

import os
from contextlib import suppress

from secretctl.audit import line as lines
from secretctl.audit import recovery, segments, state
from secretctl.audit.files import refusals
from secretctl.audit.journal import LOCK_FILE, Describe
from secretctl.audit.line import Head
from secretctl.audit.ratchet import FIRST_SEGMENT, first_seed
from secretctl.errors import JournalDamagedError
from secretctl.store import directories
from secretctl.store.lock import WAIT_S, FileLock


def create(directory: str, vault_id: bytes, journal_key: bytes, describe: Describe) -> None:
    """Make an empty journal in *directory* unless one is there: its first segment and its state.

    Raises:
        JournalUnavailableError: The file system refuses.
        NoJournalFileError, UnsafePermissionsError: Its directory is none, or not ours alone.
    """
    with refusals():
        if os.path.lexists(directory):
            segments.checked_directory(directory)
        directories.make(directory)
        lock = FileLock(os.path.join(directory, LOCK_FILE), WAIT_S, "journal")
        lock.acquire()
        try:
            if not state.exists(directory):
                _create(directory, vault_id, journal_key, describe)
        finally:
            lock.close()


def _create(directory: str, vault_id: bytes, journal_key: bytes, describe: Describe) -> None:
    seed = first_seed(journal_key, vault_id)
    record = describe(recovery.SEGMENT_OPENED, {"previous": None}, 0)
    begun = recovery.begun(seed, FIRST_SEGMENT, Head(-1, lines.NO_HASH), vault_id, state.boot_id())
    line = lines.written(0, begun.hash, record.text, begun.key)
    path = os.path.join(directory, segments.name_of(FIRST_SEGMENT))
    _refuse_if_used(directory, path)
    with suppress(FileNotFoundError):  # an earlier try was interrupted before its state was kept
        os.unlink(path)
    os.close(segments.create(path, line))
    after = recovery.after(begun, line, record)
    draft = os.path.join(directory, state.DRAFT)
    with suppress(FileNotFoundError):
        os.unlink(draft)
    os.close(segments.create(draft, state.encode(after)))
    os.rename(draft, os.path.join(directory, state.FILE))
    directories.sync(directory)


def _refuse_if_used(directory: str, first: str) -> None:
    """Refuse to make anew a journal that somebody wrote to and whose state is missing."""
    there = segments.numbers(directory)
    if there and (there != [FIRST_SEGMENT] or segments.lines_in(first) > 1):
        raise JournalDamagedError(
            "the journal's state file is missing",
            "secretctl audit verify",
            "secretctl accept-restore",
        )
