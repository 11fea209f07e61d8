"""Key files: 0600, ours, and never where the vault or a repository would carry them along."""

from __future__ import annotations

import os
import stat

from secretctl.errors import SecretctlError, StoreError, UnlockError, UnsafePermissionsError
from secretctl.store import directories
from secretctl.vault.slots import key_file_text, parse_key_file

_LARGEST_BYTES = 4096


def read(path: str, vault_directory: str) -> bytes:
    """Return the 32 bytes of the key file at *path*.

    Raises:
        UnlockError: There is none, or it is not a key file.
        UnsafePermissionsError: Somebody else could read or replace it.
    """
    check_place(path, vault_directory)
    return parse_key_file(read_private(path, "key file"))


def create(path: str, vault_directory: str, file_key: bytes) -> None:
    """Write a new key file, durable before this returns.

    Raises:
        StoreError: Something is there already, or the file system refuses.
        UnsafePermissionsError: It would lie in the vault's directory or a git work tree.
    """
    check_place(path, vault_directory)
    directory = os.path.dirname(os.path.abspath(path))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        directories.make(directory)
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise StoreError(f"cannot write the key file: {error.strerror}") from None
    try:
        _write(descriptor, key_file_text(file_key).encode())
        directories.sync(directory)
    except OSError as error:
        remove(path)
        raise StoreError(f"cannot write the key file: {error.strerror}") from None


def read_private(path: str, what: str) -> bytes:
    """Return the content of a small file that nobody else can read.

    Raises:
        UnlockError: It cannot be opened or is too large.
        UnsafePermissionsError: It is not a regular file, or others can reach it.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise UnlockError(f"cannot open the {what} '{path}': {error.strerror}") from None
    try:
        _check_state(os.fstat(descriptor), path, what)
        content = os.read(descriptor, _LARGEST_BYTES + 1)
    except OSError as error:
        raise UnlockError(f"cannot read the {what} '{path}': {error.strerror}") from None
    finally:
        os.close(descriptor)
    if len(content) > _LARGEST_BYTES:
        raise UnlockError(f"the {what} '{path}' is too large")
    return content


def check_place(path: str, vault_directory: str) -> None:
    """Refuse a key file that would travel with the vault or with a repository.

    Raises:
        UnsafePermissionsError: It lies in the vault's directory or in a git work tree.
    """
    folder = os.path.dirname(os.path.realpath(path))
    vault = os.path.realpath(vault_directory)
    hint = "keep it where it is not copied along, as 'secretctl init' does by itself"
    if os.path.commonpath((folder, vault)) == vault:
        raise UnsafePermissionsError(f"the key file '{path}' lies in the vault's directory", hint)
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            raise UnsafePermissionsError(f"the key file '{path}' lies in a git work tree", hint)
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def exists(path: str) -> bool:
    """Tell whether anything is at *path*."""
    return os.path.lexists(path)


def remove(path: str) -> None:
    """Remove a key file that opens nothing; one that is gone already is no error."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise SecretctlError(f"cannot remove the key file: {error.strerror}") from None


def _check_state(state: os.stat_result, path: str, what: str) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise UnsafePermissionsError(f"the {what} '{path}' is not a regular file")
    if state.st_uid not in (os.geteuid(), 0) or state.st_mode & 0o077:
        raise UnsafePermissionsError(
            f"the {what} '{path}' can be reached by somebody else", f"chmod 600 {path}"
        )


def _write(descriptor: int, content: bytes) -> None:
    try:
        while content:
            content = content[os.write(descriptor, content) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
