"""What this machine has seen of a vault: a file outside of it, so that an old copy is noticed.

    "SCTTRST1" | vault id (16) | generation (8) | state digest (32) | number + 1 (8) | hash (32)
    | HMAC-SHA-256 (32)

Generation and state digest are of the newest commit seen, number and hash of the newest record of
the journal. The key comes from the vault's journal key. Losing the file is no attack by itself,
and forgetting is noticed: it is recorded when the file is made.
See: docs/threat-model.md, on what is noticed when old files are put back
"""

from __future__ import annotations

import os

from secretctl.audit.line import NO_HASH, Head
from secretctl.audit.segments import open_checked
from secretctl.crypto.keys import equal, mac
from secretctl.errors import NoJournalFileError, SecretctlError, UnsafePermissionsError
from secretctl.record import NamedTuple

_MAGIC = b"SCTTRST1"
_WHAT = "the trust file"
_BODY_BYTES = 104
_BYTES = _BODY_BYTES + 32


class Anchor(NamedTuple):
    """The newest of a vault."""

    generation: int
    digest: bytes
    """Of the vault's state at that generation (32 bytes)."""

    head: Head


NOTHING = Anchor(0, NO_HASH, Head(-1, NO_HASH))


class Trust:
    """The trust file of one vault; one that is missing or of no use gives `NOTHING`."""

    def __init__(self, path: str, key: bytes, vault_id: bytes) -> None:
        self._path = path
        self._key = key
        self._vault_id = vault_id
        self._handle = -1
        self._is_long = False
        self._kept: tuple[bytes, Anchor | None] = b"", None
        """What was written last, so that it need not be verified again."""

        self.is_unusable = False
        """Whether something keeps this machine from remembering."""

        self.why = ""
        """What that is, if it lies in the file."""

    def read(self) -> Anchor | None:
        """Return what was seen last; None if there is nothing that can be believed."""
        try:
            if self._handle < 0:
                self._handle = open_checked(self._path, os.O_RDWR, _WHAT)
            stored = os.pread(self._handle, _BYTES + 1, 0)
        except FileNotFoundError:
            return None
        except (OSError, SecretctlError) as error:
            self._refuse(error)
            return None
        if stored == self._kept[0]:
            return self._kept[1]
        self._is_long = len(stored) > _BYTES
        body, given = stored[:_BODY_BYTES], stored[_BODY_BYTES:]
        if len(stored) != _BYTES or not equal(mac(self._key, body), given):
            return None
        if body[:8] != _MAGIC or body[8:24] != self._vault_id:
            return None
        return Anchor(
            generation=int.from_bytes(body[24:32], "big"),
            digest=body[32:64],
            head=Head(int.from_bytes(body[64:72], "big") - 1, body[72:104]),
        )

    def write(self, anchor: Anchor) -> None:
        """Keep *anchor*, if that can be. Not synced: what a loss of power takes is only older."""
        body = b"".join(
            (
                _MAGIC,
                self._vault_id,
                anchor.generation.to_bytes(8, "big"),
                anchor.digest,
                (anchor.head.number + 1).to_bytes(8, "big"),
                anchor.head.hash,
            )
        )
        try:
            if self._handle < 0:
                self._handle = self._create()
            self._kept = body + mac(self._key, body), anchor
            os.pwrite(self._handle, self._kept[0], 0)
            if self._is_long:
                os.ftruncate(self._handle, _BYTES)
                self._is_long = False
        except (OSError, SecretctlError) as error:
            self._refuse(error)

    def close(self) -> None:
        """Give the file back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _create(self) -> int:
        os.makedirs(os.path.dirname(self._path), 0o700, exist_ok=True)
        return open_checked(self._path, os.O_RDWR | os.O_CREAT, _WHAT)

    def _refuse(self, error: OSError | SecretctlError) -> None:
        self.is_unusable = True
        if isinstance(error, NoJournalFileError | UnsafePermissionsError):
            self.why = error.message
