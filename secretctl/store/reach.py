"""Commands that mend what lies at a path, for hints."""

from __future__ import annotations

import os
import stat
from shlex import quote


def hint(there: os.stat_result, path: str) -> str:
    """Return the command that makes what lies at *path*, of that state, ours alone."""
    is_directory = stat.S_ISDIR(there.st_mode)
    if there.st_uid != os.geteuid():
        return f'chown {"-R " if is_directory else ""}"$USER" {quote(path)}'
    return f"chmod {700 if is_directory else 600} {quote(path)}"


def away_hint(path: str) -> str:
    """Return the command that moves what lies at *path* out of the way."""
    return f"mv {quote(path)} {quote(f'{path}.away')}"


def unlink_hint(path: str) -> str:
    """Return the command that gives *path* a file of its own, with what is in it.

    A file with a second name (a hard link) can be changed by whoever has that.
    """
    copy = quote(f"{path}.copy")
    return f"cp -p {quote(path)} {copy} && mv {copy} {quote(path)}"
