"""What is run for a function of the user's own: only what nobody else could have written or led to.

It runs as the user, who registered it as it was. So its file, the interpreter, and the folders
above both are looked at before each run, as those of a key file are; and a program is run from the
place that was looked at, not looked for anew.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping

from secretctl.errors import UnsafePermissionsError
from secretctl.rotation.registry import Registered, digest_of
from secretctl.rotation.steps import StepError
from secretctl.store.parents import check_above, trusted


def check_file(registered: Registered) -> None:
    """See that the file of a function is the one that was registered, and nobody else's.

    Raises:
        StepError: It is not, or cannot be read.
    """
    shown = f"the file of the function {registered.name}"
    check_own(registered.path, shown)
    try:
        digest = digest_of(registered.path)
    except OSError as error:
        raise _unread(shown, error) from None
    if registered.sha256 not in ("", digest):
        raise StepError(
            f"{shown} is not the one that was registered",
            f'read it; if it is meant, the configuration file is to say: sha256 = "{digest}"',
        )


def check_own(path: str, shown: str) -> None:
    """See that nobody else could have written a file that is run, or lead to another by its path.

    Nor may others put files into its folder, sticky or not: Python imports from there, and finds
    there what says where its library is.

    Args:
        path: The file, absolute.
        shown: What it is called in messages.

    Raises:
        StepError: Somebody could, or it cannot be read.
    """
    try:
        state = os.stat(path)
    except OSError as error:
        raise _unread(shown, error) from None
    if not stat.S_ISREG(state.st_mode):
        raise StepError(f"{shown} is no regular file")
    if state.st_uid not in trusted() or state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise StepError(f"somebody else could have written {shown}", "chmod go-w FILE")
    try:
        check_above(path, alone=True)
    except UnsafePermissionsError as error:
        raise StepError(f"{shown} is not run: {error.message}", *error.hints) from None


def program(registered: Registered, word: str, environ: Mapping[str, str]) -> str:
    """Return the absolute path of the program that *word* means to a function; empty if none.

    Args:
        registered: Whose PATH holds, if it was given one.
        word: A name, or an absolute path.
        environ: Whose PATH holds else.
    """
    path = dict(registered.env).get("PATH", environ.get("PATH", os.defpath))
    folders = [each for each in path.split(os.pathsep) if os.path.isabs(each)]
    found = shutil.which(word, path=os.pathsep.join(folders)) or ""
    return found if os.path.isabs(found) else ""


def _unread(shown: str, error: OSError) -> StepError:
    return StepError(f"{shown} cannot be read: {os.strerror(error.errno or 0).lower()}")
