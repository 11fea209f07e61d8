"""Running a program that decrypts: what it prints comes through a pipe and lies nowhere else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

from secretctl.delivery.execute import is_own_key
from secretctl.errors import DeliveryError

_TERMINAL = "GPG_TTY"
"""Where pinentry asks for a passphrase."""


def surroundings(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for such a program: without what unlocks a vault."""
    environ = {name: value for name, value in inherited.items() if name and not is_own_key(name)}
    if _TERMINAL not in environ:
        with suppress(OSError):
            environ[_TERMINAL] = os.ttyname(2)
    return environ


def output(
    words: Sequence[str], what: str, environ: Mapping[str, str], most_bytes: int, *hints: str
) -> bytes:
    """Return what a program prints; what it has to say of itself goes to standard error.

    Args:
        words: The program and its arguments.
        what: What it decrypts, for messages.
        environ: Its environment; `surroundings` makes it.
        most_bytes: Where it prints more, it is killed.
        hints: What else to do where there is no such program.

    Raises:
        DeliveryError: It is not there, fails or prints too much.
    """
    try:
        with subprocess.Popen(  # noqa: S603 a program that is named here, without a shell
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environ
        ) as process:
            assert process.stdout is not None
            try:
                content = process.stdout.read(most_bytes + 1)
            except BaseException:
                process.kill()
                raise
            if len(content) > most_bytes:
                process.kill()
    except FileNotFoundError:
        raise DeliveryError(f"there is no program '{words[0]}' that decrypts", *hints) from None
    except OSError as error:
        raise DeliveryError(f"'{words[0]}' cannot be run: {error.strerror}") from None
    if len(content) > most_bytes:
        raise DeliveryError(f"{what} is larger than {most_bytes} bytes")
    if process.returncode:
        status = process.returncode
        ending = f"exit status {status}" if status > 0 else f"ended by signal {-status}"
        raise DeliveryError(f"{words[0]} could not decrypt {what}: {ending}")
    return content
