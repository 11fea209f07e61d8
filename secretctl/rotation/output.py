"""What a function prints: kept in a file without the values it has seen, as much as has room.

The file lies beside the secret's lock in the vault's directory, and is begun anew by each rotation.
"""

from __future__ import annotations

import os
from threading import Thread
from typing import BinaryIO

from secretctl import json_text
from secretctl.delivery.masking import Masker, searched
from secretctl.delivery.masking_forms import patterns
from secretctl.rotation.lease import folder

_MOST_BYTES = 64 * 1024
_CHUNK_BYTES = 8192
_WAIT_S = 1.0
_CUT_OFF = b"\n(the rest is left out)\n"


class Output:
    """The output of one function, read in a thread of its own."""

    def __init__(self, stream: BinaryIO) -> None:
        """Begin to read."""
        self._stream = stream
        self._kept = bytearray()
        self._is_cut_off = False
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self, path: str, values: set[str]) -> None:
        """Write what was read, once the function has ended, without any of *values*."""
        self._thread.join(_WAIT_S)
        if not self._thread.is_alive():  # what the function left running may hold the stream
            self._stream.close()
        masker = Masker(searched(patterns(_parts(values))))
        text = masker.feed(bytes(self._kept)) + masker.finish()
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(text + (_CUT_OFF if self._is_cut_off else b""))

    def _read(self) -> None:
        while chunk := self._stream.read1(_CHUNK_BYTES):  # type: ignore[attr-defined]  # of a pipe
            room = _MOST_BYTES - len(self._kept)
            self._kept += chunk[:room]
            self._is_cut_off = self._is_cut_off or len(chunk) > room


def path_of(vault_directory: str, number: int) -> str:
    """Return where the output of the function that rotates a secret lies."""
    return os.path.join(folder(vault_directory), f"{number}.log")


def _parts(values: set[str]) -> list[str]:
    """Return values, and the texts in those that are JSON objects."""
    found = list(values)
    for value in values:
        try:
            members = json_text.read(value)
        except (ValueError, RecursionError):
            continue
        if isinstance(members, dict):
            found += [each for each in members.values() if isinstance(each, str)]
    return found
