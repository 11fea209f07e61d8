"""Documents of managed policies on their way to their place: drafted, placed, removed.

See `policy_files`, which reads them.
"""

from __future__ import annotations

import os
from contextlib import suppress

from secretctl.errors import PolicyFileError, StoreError
from secretctl.store import directories
from secretctl.vault.policy_files import APPLY, DRAFT, path_of, quoted

_HOLDS = "the change holds"


def draft(vault_directory: str, name: str, text: str) -> None:
    """Write a document beside its place, durable; `place` puts it there.

    Call while holding the vault's writing lock: there is one draft of a document.

    Raises:
        StoreError: The file system refuses, or would not let it be placed.
    """
    path = path_of(vault_directory, name) + DRAFT
    try:
        directories.make(os.path.dirname(path))
        _check_place(vault_directory, name)
        with suppress(FileNotFoundError):  # of a process that did not live to place it
            os.unlink(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(path, flags, 0o600)
        try:
            content = text.encode()
            while content:
                content = content[os.write(handle, content) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        directories.sync(os.path.dirname(path))
    except OSError as error:
        discard(vault_directory, name)
        raise StoreError(f"cannot write the policy {name}: {error.strerror}") from None


def place(vault_directory: str, name: str) -> None:
    """Put the draft of a policy that is changed in its place, durable.

    Raises:
        PolicyFileError: The file system refuses; the draft stays.
    """
    try:
        _rename(vault_directory, name)
    except OSError as error:
        why = f"the file of the policy {name} could not be replaced: {error.strerror}"
        raise PolicyFileError(f"{_HOLDS}, but {why}", f"{APPLY} {quoted(name)}") from None


def discard(vault_directory: str, name: str) -> None:
    """Remove a draft, if that can be done: the next one takes its place anyway."""
    with suppress(OSError):
        os.unlink(path_of(vault_directory, name) + DRAFT)


def write(vault_directory: str, name: str, text: str) -> None:
    """Put a document in its place at once, durable.

    Raises:
        StoreError: The file system refuses.
    """
    draft(vault_directory, name, text)
    try:
        _rename(vault_directory, name)
    except OSError as error:
        discard(vault_directory, name)
        raise StoreError(f"cannot write the policy {name}: {error.strerror}") from None


def remove(vault_directory: str, name: str) -> None:
    """Remove a document, if it is there, and a draft of it.

    Raises:
        PolicyFileError: The file system refuses.
    """
    path = path_of(vault_directory, name)
    discard(vault_directory, name)
    try:
        with suppress(FileNotFoundError):
            os.unlink(path)
            directories.sync(os.path.dirname(path))
    except OSError as error:
        why = f"the file of the policy {name} could not be removed: {error.strerror}"
        raise PolicyFileError(f"{_HOLDS}, but {why}", f"ls -ld {quoted(path)}") from None


def _check_place(vault_directory: str, name: str) -> None:
    """Refuse to write what could not be put in its place: it is found out before a change holds."""
    path = path_of(vault_directory, name)
    if os.path.isdir(path) and not os.path.islink(path):
        why = f"cannot write the policy {name}: a directory is in its place"
        raise StoreError(why, f"ls -ld {quoted(path)}")


def _rename(vault_directory: str, name: str) -> None:
    path = path_of(vault_directory, name)
    os.rename(path + DRAFT, path)
    directories.sync(os.path.dirname(path))
