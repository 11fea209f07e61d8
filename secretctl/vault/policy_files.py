"""Documents of managed policies: ``policies/NAME.json`` in the vault's directory.

They are there to be read, compared and kept in git; what is in force is what the vault knows by its
digest. A file that was changed, is missing, or could be changed by somebody else, is an error.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from secretctl.crypto.hashing import sha256
from secretctl.errors import PolicyFileError, UnsafePermissionsError

DIRECTORY = "policies"
_SUFFIX = ".json"
DRAFT = ".new"
_LARGEST_BYTES = 65_536
_LONGEST_NAME = 128
_PUNCTUATION = "_+=,.@-"
APPLY = "secretctl policy apply"


def path_of(vault_directory: str, name: str) -> str:
    """Return where the document of the policy *name* lies."""
    return os.path.join(vault_directory, DIRECTORY, name + _SUFFIX)


def names(vault_directory: str) -> list[str]:
    """Return the names of all files that are there, in order.

    Raises:
        UnsafePermissionsError: Others could put files there.
        PolicyFileError: The directory cannot be read.
    """
    _check_directory(vault_directory)
    try:
        found = os.listdir(os.path.join(vault_directory, DIRECTORY))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise PolicyFileError(f"cannot read the policies: {error.strerror}") from None
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
        UnsafePermissionsError: It is no regular file, or others can change or replace it.
    """
    _check_directory(vault_directory)
    return _read(path_of(vault_directory, name), name)


def _read(path: str, name: str) -> str:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(path, flags)
    except FileNotFoundError:
        raise PolicyFileError(
            f"the file of the policy {name} is missing", f"{APPLY} --restore {quoted(name)}"
        ) from None
    except OSError as error:
        if os.path.islink(path):
            hint = f"cp --remove-destination FILE {quoted(path)}"
            raise _unsafe(name, "is a link", hint) from None
        with suppress(FileNotFoundError):  # a socket cannot even be opened
            _check(os.lstat(path), name, path)
        raise PolicyFileError(f"cannot read the policy {name}: {error.strerror}") from None
    try:
        _check(os.fstat(handle), name, path)
        stored = os.read(handle, _LARGEST_BYTES + 1)
    finally:
        os.close(handle)
    return _text(stored, name, path)


def in_force(vault_directory: str, name: str, digest: str) -> str:
    """Return a document, which must be the one that is in force.

    Raises:
        PolicyFileError: It was changed since, or is missing.
        UnsafePermissionsError: It is no regular file, or others can change it.
    """
    text = read(vault_directory, name)
    if digest_of(text) != digest:
        raise PolicyFileError(
            f"the file of the policy {name} was changed and is not in force",
            f"{APPLY} {quoted(name)}",
        )
    return text


def is_drafted(vault_directory: str, name: str, digest: str) -> bool:
    """Tell whether a draft of that document lies there: a process did not live to place it."""
    try:
        return digest_of(_read(path_of(vault_directory, name) + DRAFT, name)) == digest
    except (PolicyFileError, UnsafePermissionsError):
        return False


def digest_of(text: str) -> str:
    """Return the SHA-256 of a document, in hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def _text(stored: bytes, name: str, path: str) -> str:
    text = why = ""
    if len(stored) > _LARGEST_BYTES:
        why = f"is larger than {_LARGEST_BYTES} bytes"
    elif not stored:
        why = "is empty"
    else:
        try:
            text = stored.decode()
        except UnicodeDecodeError:
            why = "is not UTF-8"
    if why:
        shown = f"secretctl policy lint {quoted(path)}"
        raise PolicyFileError(f"the file of the policy {name} {why}", shown)
    return text


def _check_directory(vault_directory: str) -> None:
    """Refuse a directory in which others could replace a file."""
    path = os.path.join(vault_directory, DIRECTORY)
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        return
    why = "" if stat.S_ISDIR(there.st_mode) else "is no directory"
    why, command = _fault(there, why, "ls -ld", "chmod 700")
    if why:
        raise UnsafePermissionsError(f"the vault's {DIRECTORY} {why}", f"{command} {quoted(path)}")


def _check(there: os.stat_result, name: str, path: str) -> None:
    why = ""
    if not stat.S_ISREG(there.st_mode):
        why = "is no regular file"
    elif there.st_nlink != 1:
        why = "has another name somewhere, under which it can be changed"
    why, command = _fault(there, why, "ls -l", "chmod 600")
    if why:
        raise _unsafe(name, why, f"{command} {quoted(path)}")


def _fault(there: os.stat_result, why: str, looking: str, mending: str) -> tuple[str, str]:
    """Return *why* it is not taken, if that is known, or who else could change it; and a command.

    That is *mending* where others could, else *looking*. The first is empty if nothing is wrong.
    """
    if not why and there.st_uid != os.geteuid():
        why = "belongs to somebody else"
    elif not why and there.st_mode & 0o022:
        return "can be changed by others", mending
    return why, looking


def _unsafe(name: str, why: str, hint: str) -> UnsafePermissionsError:
    return UnsafePermissionsError(f"the file of the policy {name} {why}", hint)


def quoted(word: str) -> str:
    """Return *word* as a shell takes it; only errors need it, and it is slow to import."""
    import shlex

    return shlex.quote(word)
