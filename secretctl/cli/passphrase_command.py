"""What a program prints that tells a secret: run without a shell, its output and time bounded."""

from __future__ import annotations

import os
import select
import shlex
import subprocess
import time
from collections.abc import Mapping

from secretctl.errors import UnlockError

_OF_A_SHELL = frozenset("|;&$<>`*~")
_NO_SHELL = "no shell reads it: where one is needed, write sh -c '...'"


def output(
    name: str,
    command: str,
    most_bytes: int,
    seconds: float,
    environ: Mapping[str, str] | None = None,
) -> bytes:
    """Return what *command* prints, which is split into words as a shell would do it.

    Args:
        name: The variable it stands in, for messages; the command itself is never repeated.
        command: Program and arguments.
        most_bytes: A command that prints more is killed.
        seconds: One that takes longer too.
        environ: What it is given; None for our own environment.

    Raises:
        UnlockError: It cannot be run, fails, prints too much or takes too long.
    """
    hints = (_NO_SHELL,) if _OF_A_SHELL & set(command) else ()
    try:
        words = shlex.split(command)
    except ValueError:
        raise UnlockError(f"{name} has a quote without its other half", *hints) from None
    if not words:
        hint = f"unset {name}" if name.isupper() else "it is to name a program"
        raise UnlockError(f"{name} is blank", hint)
    try:
        with subprocess.Popen(words, stdout=subprocess.PIPE, env=environ) as process:  # noqa: S603 the user's own command, without a shell
            try:
                content = _read(process, name, most_bytes, time.monotonic() + seconds)
            except subprocess.TimeoutExpired:
                raise UnlockError(f"{name} took longer than {seconds:g} s", *hints) from None
            finally:
                process.kill()
    except FileNotFoundError:
        raise UnlockError(f"{name} names no program there is", *hints) from None
    except OSError as error:
        raise UnlockError(f"{name} cannot be run: {error.strerror}", *hints) from None
    if process.returncode:
        raise UnlockError(f"{name} failed: {_ending(process.returncode)}", *hints)
    return content


def _read(process: subprocess.Popen[bytes], name: str, most_bytes: int, deadline: float) -> bytes:
    """Read to the end of the output and wait for that of the program."""
    assert process.stdout is not None
    pipe, content = process.stdout.fileno(), b""
    ready = select.poll()  # select itself knows no descriptor beyond 1,023
    ready.register(pipe, select.POLLIN)
    while True:
        left = max(0.0, deadline - time.monotonic())
        if not ready.poll(left * 1000):
            raise subprocess.TimeoutExpired(name, left)
        part = os.read(pipe, most_bytes + 1 - len(content))
        content += part
        if len(content) > most_bytes:
            raise UnlockError(f"{name} printed more than {most_bytes} bytes")
        if not part:
            process.wait(max(0.0, deadline - time.monotonic()))
            return content


def _ending(status: int) -> str:
    return f"exit status {status}" if status > 0 else f"ended by signal {-status}"
