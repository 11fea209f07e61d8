"""What a function prints: kept in a file without the values it has seen, as much as has room.

The file lies beside the secret's lock in the vault's directory, and is begun anew by each rotation.
"""

from __future__ import annotations

import os
from threading import Thread

from secretctl.delivery import json_values
from secretctl.delivery.json_values import Number
from secretctl.delivery.masking import Masker, searched
from secretctl.delivery.masking_forms import encoded, logged, patterns
from secretctl.rotation.lease import folder

MOST_BYTES = 64 * 1024
_CHUNK_BYTES = 8192
_WAIT_S = 1.0
_SHORTEST_NUMBER = 4
"""Digits: shorter ones are ports and counts, and stand everywhere."""

_CUT_OFF = b"\n(the rest is left out)\n"


class Output:
    """The beginning of what programs print to `handle`, read in a thread of its own."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Begin to read; what is more than *most_bytes* is read as well, and not kept."""
        self.is_cut_off = False
        self._most_bytes = most_bytes
        self._from, self.handle = os.pipe()
        self._kept = bytearray()
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def ended(self) -> bytes:
        """Return what was printed, once all who print have ended."""
        os.close(self.handle)
        self._thread.join(_WAIT_S)  # what has left the group may hold the other end
        return bytes(self._kept)

    def _read(self) -> None:
        while chunk := os.read(self._from, _CHUNK_BYTES):
            room = self._most_bytes - len(self._kept)
            self._kept += chunk[:room]
            self.is_cut_off = self.is_cut_off or len(chunk) > room
        os.close(self._from)


def keep(output: Output, path: str, values: set[str | bytes]) -> None:
    """Write what was printed, once the function has ended, without any of *values*.

    What may be the beginning of one is left out where the rest of it was not kept.
    """
    parts = _parts(values)
    texts = [each for each in parts if isinstance(each, str)]
    masker = Masker(searched([*patterns(parts), *encoded(parts), *logged(texts)]))
    text = masker.feed(output.ended())
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(text + (_CUT_OFF if output.is_cut_off else masker.finish()))


def path_of(vault_directory: str, number: int) -> str:
    """Return where the output of the function that rotates a secret lies."""
    return os.path.join(folder(vault_directory), f"{number}.log")


def _parts(values: set[str | bytes]) -> list[str | bytes]:
    """Return values, and the texts and numbers in those that are JSON."""
    found = list(values)
    for value in values:
        if isinstance(value, str):
            found += [leaf for leaf in json_values.leaves(value) if _says_enough(leaf)]
    return [each for each in found if isinstance(each, bytes) or _is_whole(each)]


def _says_enough(leaf: str) -> bool:
    return not isinstance(leaf, Number) or len(leaf) >= _SHORTEST_NUMBER


def _is_whole(text: str) -> bool:
    """Tell whether a text can be printed at all: half a character cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
