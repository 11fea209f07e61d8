"""What a backup holds, made into the files of a vault."""

from __future__ import annotations

import os
from collections.abc import Iterator

from secretctl.audit import segments
from secretctl.errors import VaultDamagedError
from secretctl.service.backup import POLICIES, RECORD
from secretctl.service.backup_file import Entry
from secretctl.store import directories
from secretctl.store.sqlite import create
from secretctl.vault.vault import FILE

_FOLDERS = (segments.DIRECTORY, POLICIES)
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


def lay_out(directory: str, found: Iterator[Entry]) -> None:
    """Make the files of a vault in the empty folder *directory*, durable.

    Raises:
        VaultDamagedError: An entry is none of a backup.
        StoreError, OutcomeUnknownError, OSError: The file system refuses.
    """
    engine = create(os.path.join(directory, FILE))
    try:
        with engine.write() as writer:
            for name, data in found:
                if name.startswith(RECORD):
                    writer.put(bytes.fromhex(name.removeprefix(RECORD)), data)
                else:
                    _append(directory, name, data)
    finally:
        engine.close()
    for folder in _FOLDERS:
        if os.path.isdir(os.path.join(directory, folder)):
            directories.sync(os.path.join(directory, folder))
    directories.sync(directory)


def _append(directory: str, name: str, data: bytes) -> None:
    folder, _, base = name.partition("/")
    if folder not in _FOLDERS or "/" in base or base in ("", ".", ".."):
        raise VaultDamagedError("the backup names a file that no backup holds")
    directories.make(os.path.join(directory, folder))
    handle = os.open(os.path.join(directory, folder, base), _APPEND, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
