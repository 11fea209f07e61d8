"""A folder laid out beside the place that it is to have."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from secretctl.store import directories

RESTORING, REKEYING = ".restoring-", ".rekeying-"
"""What is done, behind the name of the place."""

_RANDOM_BYTES = 8
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def beside(directory: str, random: Callable[[int], bytes], mark: str = RESTORING) -> Iterator[str]:
    """Make a draft of *directory*, named by *mark*; what is left of it at the end is removed.

    Raises:
        OSError: The file system refuses.
    """
    draft = f"{directory}{mark}{random(_RANDOM_BYTES).hex()}"
    directories.make(draft)
    handle = os.open(draft, _DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield draft
    finally:
        _remove(draft)
        os.close(handle)


def clear(directory: str, mark: str = RESTORING, keeps: str = "") -> None:
    """Remove the drafts that killed commands left; one that is worked at is locked, and stays.

    One with a file that is called *keeps* stays, too.
    """
    folder, base = os.path.split(directory)
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        path = os.path.join(folder, name)
        if _is_draft(name, base + mark) and not (keeps and os.path.lexists(f"{path}/{keeps}")):
            with suppress(OSError):  # another process was faster; or it stays, and does no harm
                _remove_unlocked(path)


def clear_rekeying(vault_directory: str, keeps: str = "") -> None:
    """Remove what killed rekeys laid out in a vault's directory, as far as that can be."""
    with suppress(OSError):  # the next rekey tries again
        clear(os.path.join(vault_directory, "vault"), REKEYING, keeps)


def run_of(folder: str) -> str:
    """Return what tells a draft from all others, from the path of its folder."""
    return folder[-2 * _RANDOM_BYTES :]


def of_rekey(vault_directory: str, run: str) -> str:
    """Return the folder in which a rekey writes, or wrote, a vault anew."""
    return os.path.join(vault_directory, f"vault{REKEYING}{run}")


def _is_draft(name: str, stem: str) -> bool:
    try:
        number = bytes.fromhex(name.removeprefix(stem))
    except ValueError:
        return False
    return name == f"{stem}{number.hex()}" and len(number) == _RANDOM_BYTES


def _remove_unlocked(draft: str) -> None:
    handle = os.open(draft, _DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(draft)
    finally:
        os.close(handle)


def _remove(directory: str) -> None:
    import shutil

    with suppress(FileNotFoundError):
        shutil.rmtree(directory)
