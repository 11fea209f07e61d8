"""Files that are written for the user: whole or not at all, and for their owner alone."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from secretctl.errors import OutputError, UsageError
from secretctl.store import directories
from secretctl.store.parents import above, is_within
from secretctl.vault.vault import FILE


def refuse_within(path: str, vault: str) -> None:
    """Refuse a file in the directory of a vault, which it would replace a part of, or be one.

    Raises:
        UsageError: It would lie there.
    """
    if is_within(path, vault):
        raise UsageError(
            "that file would lie in the vault's directory", f"name one outside of '{vault}'"
        )


def refuse_nested(directory: str) -> None:
    """Refuse a place for a vault in the directory of another, which would take it along.

    Raises:
        UsageError: It is in one.
    """
    for folder in above(os.path.realpath(directory)):
        if os.path.lexists(os.path.join(folder, FILE)):
            raise UsageError(
                "that vault would lie in the directory of another vault",
                f"name one outside of '{folder}'",
            )


def write(path: str, parts: Iterable[str], vault: str) -> None:
    """Write *parts* into the file at *path* (0600), which appears or is replaced once it is whole.

    It may not lie in the directory *vault*.

    Raises:
        UsageError: It would.
        OutputError: Something else than a file is there, or the file system refuses.
    """
    refuse_within(path, vault)
    path = os.path.abspath(path)
    draft = f"{path}.{os.urandom(8).hex()}.new"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
            raise OutputError("output not delivered: what is there is not a regular file")
        handle = os.open(draft, flags, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.writelines(parts)
                file.flush()
                os.fsync(handle)
            os.replace(draft, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(draft)
            raise
        directories.sync(os.path.dirname(path))
    except OSError as error:
        raise OutputError(f"output not delivered: {error.strerror}") from None
