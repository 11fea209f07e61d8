"""A new key file takes the place of one, which is kept beside it under another name.

Only once the vault is opened by the new one: until then none in force is called an old one.
"""

from __future__ import annotations

import os
from contextlib import suppress

from secretctl.cli import keyfile
from secretctl.errors import SecretctlError
from secretctl.store import directories

_OLD = ".old-"


def put_in_place(path: str, vault_directory: str, old_key: bytes) -> None:
    """Let the new key file that lies beside *path* be the one there, durable.

    Args:
        path: Of the key file that is replaced.
        vault_directory: Where no key file may lie.
        old_key: What is in it.

    Raises:
        SecretctlError: The old one cannot be kept.
        OSError: The file system refuses, or the new one is there by now.
    """
    keep(path, vault_directory, old_key)
    exchange(path)


def exchange(path: str) -> None:
    """Let the new key file have the name *path*, durable; the old one is kept already.

    Raises:
        OSError: As `put_in_place`.
    """
    os.replace(path + keyfile.NEW, path)
    directories.sync(os.path.dirname(os.path.abspath(path)))


def keep(path: str, vault_directory: str, old_key: bytes) -> str:
    """Keep *old_key*, which is in the key file at *path*, beside it; return where.

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
