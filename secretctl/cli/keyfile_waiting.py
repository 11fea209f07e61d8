"""New key files of rekeys that wait beside the one whose place they are to take.

``FILE.new-MARKRUN``: the mark is made of what is in FILE and the vault's id, the run is that of the
rekey, so none is taken for that of another vault which FILE opens, or of a copy of the vault.
"""

from __future__ import annotations

import os
from contextlib import suppress

from secretctl.cli import keyfile
from secretctl.errors import SecretctlError
from secretctl.record import NamedTuple
from secretctl.store import draft
from secretctl.vault import slots
from secretctl.vault.header import Header
from secretctl.vault.vault import FILE, LockedVault

_NEW = ".new-"
_DIGITS = 16
"""Of mark and run each, hexadecimal."""


class Waiting(NamedTuple):
    """A new key file that opens a vault. Its ``repr`` shows no key."""

    path: str
    file_key: bytes
    is_next: bool
    """Whether what it is to replace is still there; another vault's key may be by now."""

    def __repr__(self) -> str:
        """Name the file."""
        return f"<the new key file {self.path}>"


def name(path: str, vault_id: bytes, old_key: bytes, run: str) -> str:
    """Return where the new key file lies that a rekey makes for *path*, with *old_key* in it."""
    return f"{path}{_NEW}{slots.replaced_mark(vault_id, old_key).hex()}{run}"


def root_key(
    header: Header, path: str, vault_directory: str, file_key: bytes, *, puts: bool
) -> bytes | None:
    """Return the root key by what waits beside *path*; None where nothing does that opens it.

    Args:
        header: Of the vault.
        path: A key file that does not open it.
        vault_directory: Where no key file may lie.
        file_key: What is in it.
        puts: Whether the new one takes its place, if it is next.

    Raises:
        UnlockError: What waits for just this place is no key file.
        UnsafePermissionsError: Somebody else could read or replace it.
    """
    waiting = find(header, path, vault_directory, file_key)
    if waiting is None:
        return None
    if waiting.is_next and puts:
        from secretctl.cli.keyfile_exchange import put_in_place

        # Another command was faster; or the next one tries again.
        with suppress(OSError, SecretctlError):
            put_in_place(waiting.path, path, vault_directory, file_key)
    return slots.by_key_file(header, waiting.file_key)


def find(header: Header, path: str, vault_directory: str, file_key: bytes) -> Waiting | None:
    """Return the new key file beside *path*, with *file_key* in it, that opens a vault.

    Raises:
        UnlockError, UnsafePermissionsError: As `root_key`.
    """
    mine = name(path, header.vault_id, file_key, "")
    for new in beside(path):
        try:
            found = keyfile.read(new, vault_directory)
        except SecretctlError:
            if new.startswith(mine):
                raise
            continue
        if slots.by_key_file(header, found) is not None:
            return Waiting(new, found, new.startswith(mine))
    return None


def beside(path: str) -> list[str]:
    """Return what is named as a new key file for *path*, in the order of the names."""
    folder, base = os.path.split(path)
    names: list[str] = []
    with suppress(OSError):  # a folder that may be passed through and not listed
        names = sorted(os.listdir(folder or "."))
    return [os.path.join(folder, each) for each in names if _is_new(each, base + _NEW)]


def is_never_used(new: str, vault_directory: str) -> bool:
    """Tell whether a new key file opens nothing but what a killed rekey never finished.

    That lies in the vault's directory still; the vault itself is not opened by it.
    """
    try:
        file_key = keyfile.read(new, vault_directory)
    except SecretctlError:
        return False
    from secretctl.vault.creation import header_of

    folder = draft.of_rekey(vault_directory, draft.run_of(new))
    header = header_of(os.path.join(folder, FILE))
    if header is None or slots.by_key_file(header, file_key) is None:
        return False
    return not opens(vault_directory, file_key)


def opens(vault_directory: str, file_key: bytes) -> bool:
    """Tell whether *file_key* opens the vault; true if that cannot be told, so the key is kept."""
    try:
        locked = LockedVault(vault_directory)
    except SecretctlError:
        return True
    try:
        return slots.by_key_file(locked.header, file_key) is not None
    finally:
        locked.close()


def _is_new(file: str, stem: str) -> bool:
    rest = file.removeprefix(stem)
    return file.startswith(stem) and len(rest) == 2 * _DIGITS and not rest.strip("0123456789abcdef")
