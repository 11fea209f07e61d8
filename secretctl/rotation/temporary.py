"""Folders for what a rotation runs; what one that was killed has left goes with the next.

They lie where TMPDIR says, with what is no secret in them, and are held and reaped as those of
``exec --file`` are: by a lock, see `run_folder`.
"""

from __future__ import annotations

import os
import tempfile

from secretctl.delivery import run_folder
from secretctl.delivery.run_folder import Base, Folder
from secretctl.rotation.steps import StepError

_PREFIX = "secretctl-rotation-"


def made() -> Folder:
    """Make a folder and hold it, until `removed`.

    Raises:
        StepError: None can be made.
    """
    try:
        path = tempfile.gettempdir()
        base = Base(path, os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), _PREFIX)
        try:
            run_folder.reap(base)
            return run_folder.make(base, os.urandom)
        finally:
            os.close(base.handle)
    except OSError as error:
        raise not_usable(error) from None


def removed(folder: Folder) -> None:
    """Remove a folder that was made, as far as it can be."""
    run_folder.remove(folder)
    run_folder.close(folder)


def not_usable(error: OSError) -> StepError:
    """Return what is said where TMPDIR has no room."""
    why = os.strerror(error.errno or 0).lower()
    return StepError(f"no folder for temporary files can be used: {why}", "TMPDIR names one")
