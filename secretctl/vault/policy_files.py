"""Documents of managed policies: ``policies/NAME.json`` in the vault's directory.

They are there to be read, compared and kept in git; what is in force is what the vault knows by its
digest. A file that was changed, is missing, or could be changed by somebody else, is an error.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from secretctl.crypto.hashing import sha256
from secretctl.errors import PolicyFileError, StoreError, UnsafePermissionsError
from secretctl.store import directories

DIRECTORY = "policies"
_SUFFIX = ".json"
_DRAFT = ".new"
_LARGEST_BYTES = 65_536
_LONGEST_NAME = 128
_PUNCTUATION = "_+=,.@-"
_OTHERS_WRITE = 0o022
_APPLY = "secretctl policy apply"


def path_of(vault_directory: str, name: str) -> str:
    """Return where the document of the policy *name* lies."""
    return os.path.join(vault_directory, DIRECTORY, name + _SUFFIX)


def names(vault_directory: str) -> list[str]:
    """Return the names of all files that are there, in order."""
    try:
        found = os.listdir(os.path.join(vault_directory, DIRECTORY))
    except FileNotFoundError:
        return []
    return sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX))


def is_name(name: str) -> bool:
    """Tell whether a policy can have that name.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
    """
    known = all(one.isalnum() or one in _PUNCTUATION for one in name)
    return 0 < len(name) <= _LONGEST_NAME and name.isascii() and known


def read(vault_directory: str, name: str) -> str:
    """Return a document as it lies there.

    Raises:
        PolicyFileError: It is missing, no text, or too long.
        UnsafePermissionsError: It is no regular file, or others can change it or its folder.
    """
    path = path_of(vault_directory, name)
    _check_folder(os.path.dirname(path))
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(path, flags)
    except FileNotFoundError:
        raise PolicyFileError(f"the file of the policy {name} is missing", _APPLY) from None
    except OSError as error:
        if os.path.islink(path):
            raise _unsafe(name, "is a link", f"ls -l {path}") from None
        raise PolicyFileError(f"cannot read the policy {name}: {error.strerror}") from None
    try:
        _check(os.fstat(handle), name, path)
        stored = os.read(handle, _LARGEST_BYTES + 1)
    finally:
        os.close(handle)
    try:
        text = stored.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or len(stored) > _LARGEST_BYTES:
        raise PolicyFileError(f"the file of the policy {name} is no policy", _APPLY)
    return text


def in_force(vault_directory: str, name: str, digest: str) -> str:
    """Return a document, which must be the one that is in force.

    Raises:
        PolicyFileError: It was changed since, or is missing.
        UnsafePermissionsError: It is no regular file, or others can change it.
    """
    text = read(vault_directory, name)
    if digest_of(text) != digest:
        raise PolicyFileError(
            f"the file of the policy {name} was changed and is not in force", _APPLY
        )
    return text


def draft(vault_directory: str, name: str, text: str) -> None:
    """Write a document beside its place, durable; `place` puts it there.

    Call while holding the vault's writing lock: there is one draft of a document.

    Raises:
        StoreError: The file system refuses.
    """
    path = path_of(vault_directory, name) + _DRAFT
    try:
        directories.make(os.path.dirname(path))
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
    """Put a draft in its place, durable.

    Raises:
        PolicyFileError: The file system refuses.
    """
    path = path_of(vault_directory, name)
    try:
        os.rename(path + _DRAFT, path)
        directories.sync(os.path.dirname(path))
    except OSError as error:
        why = f"the file of the policy {name} could not be replaced: {error.strerror}"
        raise PolicyFileError(why, _APPLY) from None


def discard(vault_directory: str, name: str) -> None:
    """Remove a draft, if that can be done: the next one takes its place anyway."""
    with suppress(OSError):
        os.unlink(path_of(vault_directory, name) + _DRAFT)


def write(vault_directory: str, name: str, text: str) -> None:
    """Put a document in its place at once, durable.

    Raises:
        StoreError: It could not be written.
        PolicyFileError: It could not be put in its place.
    """
    draft(vault_directory, name, text)
    place(vault_directory, name)


def remove(vault_directory: str, name: str) -> None:
    """Remove a document, if it is there.

    Raises:
        PolicyFileError: The file system refuses.
    """
    path = path_of(vault_directory, name)
    try:
        with suppress(FileNotFoundError):
            os.unlink(path)
            directories.sync(os.path.dirname(path))
    except OSError as error:
        why = f"the file of the policy {name} could not be removed: {error.strerror}"
        raise PolicyFileError(why, f"rm {path}") from None


def digest_of(text: str) -> str:
    """Return the SHA-256 of a document, in hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def _check_folder(folder: str) -> None:
    try:
        there = os.stat(folder)
    except FileNotFoundError:
        return  # and so is the file
    if there.st_uid != os.geteuid() or there.st_mode & _OTHERS_WRITE:
        raise UnsafePermissionsError(
            "the folder of the policies belongs to or can be changed by somebody else",
            f"chmod 700 {folder}",
        )


def _check(there: os.stat_result, name: str, path: str) -> None:
    if not stat.S_ISREG(there.st_mode) or there.st_nlink != 1:
        raise _unsafe(name, "is no regular file with one name", f"ls -l {path}")
    if there.st_uid != os.geteuid():
        raise _unsafe(name, "belongs to somebody else", f"ls -l {path}")
    if there.st_mode & _OTHERS_WRITE:
        raise _unsafe(name, "can be changed by others", f"chmod 600 {path}")


def _unsafe(name: str, why: str, hint: str) -> UnsafePermissionsError:
    return UnsafePermissionsError(f"the file of the policy {name} {why}", hint)
