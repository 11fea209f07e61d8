"""One run of a program of the user's: a JSON object on standard input, and an exit status.

What it prints is kept in the log and in no message: it may be a value.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from secretctl import json_text
from secretctl.rotation.steps import Fields, StepError
from secretctl.rotation.surroundings import Surroundings


def begun(
    surroundings: Surroundings, words: Sequence[str], name: str, stdout: int = -1
) -> subprocess.Popen[bytes]:
    """Start a program; see `Surroundings.start`.

    Raises:
        StepError: It cannot be started; the message says *name*.
    """
    try:
        return surroundings.start(words, subprocess.PIPE, stdout)
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise StepError(f"{name} cannot be run: {why}") from None


def ended(process: subprocess.Popen[bytes], said: Fields, timeout_s: int) -> int | None:
    """Tell a program something, and wait for it; return its exit status, None if it took longer."""
    try:
        process.communicate(json_text.compact(said).encode() + b"\n", timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        assert process.stdin is not None, "a pipe"
        with suppress(OSError):
            process.stdin.close()
    return process.returncode


def judge(status: int | None, name: str, log: str) -> None:
    """Say what became of a program.

    Raises:
        StepError: It took too long, was killed, or failed.
    """
    if status is None:
        raise StepError(f"{name} took longer than its timeout", log)
    if status < 0:
        raise StepError(f"{name} was killed by a signal", log)
    if status:
        raise StepError(f"{name} failed with exit status {status}", log)
