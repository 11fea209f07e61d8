"""Key files: 0600, ours, and never where the vault or a repository would carry them along."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from secretctl.cli import places
from secretctl.errors import SecretctlError, StoreError, UnlockError, UnsafePermissionsError
from secretctl.store import directories
from secretctl.store.parents import check_above, work_tree
from secretctl.vault import slots
from secretctl.vault.header import Header
from secretctl.vault.slots import KEY_FILE_MARK, key_file_text, parse_key_file

_LARGEST_BYTES = 4096

OF_THE_VAULT = "set SECRETCTL_KEY_FILE to where this vault's key file is"
"""What to do where a key file is to open a vault."""

FOR_INIT = (
    "name another with SECRETCTL_KEY_FILE or secretctl init --key-file; where nothing is, one is "
    "made"
)
INIT, ADD = "secretctl init", "secretctl unlock-slot add"
"""Commands by which a key file is made."""

FOR_A_SLOT = "name another with --key-file; where nothing is, one is made"


def read(path: str, vault_directory: str, hint: str = OF_THE_VAULT, command: str = INIT) -> bytes:
    """Return the 32 bytes of the key file at *path*; *hint* says what to do if it is none.

    Where it lies in a wrong place, the error names *command* as the one that does without.

    Raises:
        UnlockError: There is none, or it is not a key file.
        UnsafePermissionsError: Somebody else could read or replace it.
    """
    check_place(path, vault_directory, command)
    try:
        content = read_private(path, "key file", KEY_FILE_MARK.encode())
    except UnlockError as error:
        raise UnlockError(error.message, hint) from None
    try:
        return parse_key_file(content)
    except UnlockError as error:
        raise UnlockError(f"{error.message}: '{path}'", hint) from None


def root_key(header: Header, path: str, vault_directory: str, *, puts: bool = True) -> bytes | None:
    """Return the root key of a vault by the key file at *path*, None where that is another's.

    Where a rekey was killed before it put the new key file there, that is done now, if *puts*.

    Raises:
        UnlockError: There is none, or it is not a key file.
        UnsafePermissionsError: Somebody else could read or replace it.
    """
    file_key = read(path, vault_directory)
    found = slots.by_key_file(header, file_key)
    if found is None:
        from secretctl.cli import keyfile_waiting

        return keyfile_waiting.root_key(header, path, vault_directory, file_key, puts=puts)
    return found


def make_room(path: str, vault_directory: str, command: str = INIT) -> None:
    """Make the folder of a new key file; *command* is what makes it.

    Raises:
        StoreError: The file system refuses.
        UnsafePermissionsError: The file would lie in the vault's directory or a git work tree, or
            where others could replace it.
    """
    check_place(path, vault_directory, command)
    try:
        directories.make(os.path.dirname(os.path.abspath(path)))
    except OSError as error:
        raise StoreError(f"cannot write the key file: {error.strerror}") from None
    check_above(path)


def create(path: str, vault_directory: str, file_key: bytes, command: str = INIT) -> None:
    """Write a new key file, durable before this returns; *command* is what makes it.

    Raises:
        StoreError: Something is there already, or the file system refuses.
        UnsafePermissionsError: As `make_room`.
    """
    make_room(path, vault_directory, command)
    try:
        _write_new(path, key_file_text(file_key).encode())
    except OSError as error:
        raise StoreError(f"cannot write the key file: {error.strerror}") from None


def read_private(path: str, what: str, mark: bytes = b"") -> bytes:
    """Return the content of a small file that nobody else can read.

    Args:
        path: The file.
        what: What it should be, for messages.
        mark: How it begins. That is looked at first: nobody should be told to change the mode of a
            file that is something else.

    Raises:
        UnlockError: It cannot be opened, is too large or begins otherwise.
        UnsafePermissionsError: It is not a regular file, or others can reach or replace it.
    """
    check_above(path)
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise UnlockError(f"cannot open the {what} '{path}': {error.strerror}") from None
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise UnsafePermissionsError(f"the {what} '{path}' is not a regular file")
        content = os.read(descriptor, _LARGEST_BYTES + 1)
    except OSError as error:
        raise UnlockError(f"cannot read the {what} '{path}': {error.strerror}") from None
    finally:
        os.close(descriptor)
    if not content.startswith(mark):
        raise UnlockError(f"the {what} is not one of secretctl's: '{path}'")
    _check_reach(state, path, what)
    if len(content) > _LARGEST_BYTES:
        raise UnlockError(f"the {what} '{path}' is too large")
    return content


def check_place(path: str, vault_directory: str, command: str) -> None:
    """Refuse a key file that would travel with the vault or with a repository.

    Where nothing is there yet, the error names *command*, which is to make it, with another place.

    Raises:
        UnsafePermissionsError: It lies in the vault's directory or in a git work tree.
    """
    folder = os.path.dirname(os.path.realpath(path))
    vault = os.path.realpath(vault_directory)
    if os.path.commonpath((folder, vault)) == vault:
        raise _misplaced(path, "the vault's directory", vault, command)
    if tree := work_tree(path):
        raise _misplaced(path, "a git work tree", tree, command)


def _misplaced(path: str, where: str, folder: str, command: str) -> UnsafePermissionsError:
    action = f"mv {path} FILE" if os.path.lexists(path) else f"{command} --key-file FILE"
    named = "" if command == ADD else " && export SECRETCTL_KEY_FILE=FILE"
    return UnsafePermissionsError(
        f"the key file '{path}' lies in {where} and would be copied along with it",
        f"choose a FILE outside of {folder}: {action}{named}",
        f"or do without a key file: {command} --passphrase",
    )


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


def forget(header: Header, vault_directory: str, environ: Mapping[str, str]) -> None:
    """Remove the key file that was made for a vault which never came to be.

    Only one that opens what is left of that vault, or that is still empty; and none of a vault that
    this machine has seen: whoever can write to *vault_directory* could put a copy of one there.

    Args:
        header: Of what is left of that vault.
        vault_directory: Where that is.
        environ: Tells where key files are kept.

    Raises:
        SecretctlError: It cannot be told what it is, or the file system refuses.
    """
    vault_id = header.vault_id.hex()
    path = places.key_file(environ, vault_id)
    if not exists(path) or exists(places.trust_file(environ, vault_id)):
        return
    is_empty = os.lstat(path).st_size == 0
    if is_empty or slots.by_key_file(header, read(path, vault_directory)) is not None:
        remove(path)


def _check_reach(state: os.stat_result, path: str, what: str) -> None:
    if state.st_uid not in (os.geteuid(), 0) or state.st_mode & 0o077:
        from secretctl.store import reach

        raise UnsafePermissionsError(
            f"the {what} '{path}' can be reached by somebody else", reach.hint(state, path)
        )


def _write_new(path: str, content: bytes) -> None:
    """Write a file that is whole as soon as it has its name, where the file system can do that."""
    from secretctl.store import unnamed

    descriptor, has_name = unnamed.opened(path)
    try:
        _write(descriptor, content)
        if not has_name:
            unnamed.name(descriptor, path)
            has_name = True
        directories.sync(os.path.dirname(os.path.abspath(path)))
    except BaseException:
        if has_name:
            remove(path)
        raise
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
    os.fsync(descriptor)
