"""One rotation of a secret at a time, by a kernel lock that ends with the process.

The lock's file lies in ``rotation/`` of the vault's directory. The vault itself is never held while
a function runs: that comes back with requests of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.errors import StoreBusyError, StoreError
from secretctl.store.lock import FileLock

DIRECTORY = "rotation"


class LeaseHeldError(StoreBusyError):
    """Somebody else rotates the secret just now."""


def folder(vault_directory: str) -> str:
    """Return the folder of locks and of what functions printed; it is made where there is none.

    Raises:
        StoreError: It cannot be made.
    """
    found = os.path.join(vault_directory, DIRECTORY)
    try:
        os.mkdir(found, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreError(f"cannot make the folder {DIRECTORY}: {error.strerror}") from None
    return found


@contextmanager
def lease(vault_directory: str, number: int) -> Iterator[None]:
    """Hold the lease of a secret.

    Args:
        vault_directory: Of the vault.
        number: The secret's, which no other of the vault ever has.

    Raises:
        LeaseHeldError: Another process rotates it.
        StoreError: The lock cannot be made.
    """
    path = os.path.join(folder(vault_directory), f"{number}.lock")
    lock = FileLock(path, 0, "rotation of this secret")
    try:
        try:
            lock.acquire()
        except StoreBusyError as error:
            raise LeaseHeldError(error.message, *error.hints) from None
        yield
    finally:
        lock.close()
