"""What a process is given by its surroundings, as one record that is passed in.

Nothing below ``cli`` reads the environment, the clock or the random source by itself, so that
tests choose all three. The one exception is the salt of a seal, which nobody may choose.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping

from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import TextIO


class KdfProfile(NamedTuple):
    """Cost of turning a passphrase into a key with Argon2id (RFC 9106)."""

    memory_kib: int
    """Memory in kibibytes."""

    iterations: int
    lanes: int


STANDARD = KdfProfile(memory_kib=256 * 1024, iterations=4, lanes=4)
"""For new passphrase slots: about 0.7 s on one 2020s core."""

CHEAPEST = KdfProfile(memory_kib=64 * 1024, iterations=3, lanes=4)
"""The floor, RFC 9106's second recommended option: for tests."""


class Context(NamedTuple):
    """Streams, environment, clock, randomness and key-derivation cost."""

    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    now_ms: Callable[[], int]
    """Milliseconds since 1970-01-01 UTC."""

    random: Callable[[int], bytes]
    """That many unpredictable bytes."""

    kdf: KdfProfile = STANDARD
    interactive: bool = True
    """Whether a person may be asked for a passphrase on the terminal."""

    restore: Callable[[], None] = lambda: None
    """Gives a program that is about to be executed the umask and limits we were started with."""


def uuid4(random: bytes) -> str:
    """Write 16 random bytes as a UUID of version 4 (RFC 9562, section 5.4)."""
    octets = bytearray(random)
    octets[6] = octets[6] & 0x0F | 0x40
    octets[8] = octets[8] & 0x3F | 0x80
    text = octets.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def of_process(restore: Callable[[], None] = lambda: None) -> Context:
    """Return the context of the running process."""
    return Context(
        environ=os.environ,
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
        now_ms=lambda: time.time_ns() // 1_000_000,
        random=os.urandom,
        restore=restore,
    )
