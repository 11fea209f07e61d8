"""A new key file takes the place of one, which is kept beside it under another name.

Only once the vault is opened by the new one: until then none in force is called an old one. And
only of the one that it was made for: a key file may open two vaults, and be replaced for either.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from secretctl.cli import keyfile
from secretctl.errors import SecretctlError, StoreError
from secretctl.store import directories
from secretctl.vault import slots
from secretctl.vault.header import Header

_OLD = ".old-"


def put_in_place(new: str, path: str, vault_directory: str, old_key: bytes) -> None:
    """Let the key file *new* have the name *path*, durable; the one that has it is kept.

    Args:
        new: Where it lies.
        path: Of the key file that is replaced.
        vault_directory: Where no key file may lie.
        old_key: What is in it.

    Raises:
        SecretctlError: The old one cannot be kept, or something else is there by now.
        OSError: The file system refuses, or the new one is there by now.
    """
    with alone(path):
        keep(path, vault_directory, old_key)
        exchange(new, path, vault_directory, old_key)


@contextmanager
def alone(path: str) -> Iterator[None]:
    """Keep others from exchanging key files in the folder of *path* meanwhile.

    Raises:
        OSError: The file system refuses.
    """
    folder = os.path.dirname(os.path.abspath(path))
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def exchange(new: str, path: str, vault_directory: str, old_key: bytes) -> None:
    """Let the key file *new* have the name *path*, durable; the old one is kept already.

    Call while `alone`.

    Raises:
        SecretctlError, OSError: As `put_in_place`.
    """
    if keyfile.exists(path) and keyfile.read(path, vault_directory) != old_key:
        raise StoreError(f"another key file lies there by now: '{path}'")
    os.replace(new, path)
    directories.sync(os.path.dirname(os.path.abspath(path)))


def kept_for(header: Header, path: str, vault_directory: str) -> str:
    """Return which of the old ones that are kept beside *path* opens a vault; empty if none."""
    folder, base = os.path.split(path)
    names: list[str] = []
    with suppress(OSError):  # a folder that may be passed through and not listed
        names = [each for each in os.listdir(folder or ".") if each.startswith(base + _OLD)]
    for old in (os.path.join(folder, each) for each in sorted(names)):
        with suppress(SecretctlError):
            if slots.by_key_file(header, keyfile.read(old, vault_directory)) is not None:
                return old
    return ""


def keep(path: str, vault_directory: str, old_key: bytes) -> str:
    """Keep *old_key*, which is or was in the key file at *path*, beside it; return where.

    Raises:
        SecretctlError: The file system refuses.
    """
    number = 1
    while os.path.lexists(aside := f"{path}{_OLD}{number}"):
        with suppress(SecretctlError):
            if keyfile.read(aside, vault_directory) == old_key:
                return aside
        number += 1
    keyfile.create(aside, vault_directory, old_key)
    return aside
