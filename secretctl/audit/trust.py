"""What this machine has seen of a vault: a file outside of it, so that an old copy is noticed.

    "SCTTRST2" | vault id (16) | generation (8) | state digest (32) | number + 1 (8) | hash (32)
    | renewals (8) | HMAC-SHA-256 (32)

Generation and state digest are of the newest commit seen, number and hash of the newest record of
the journal, renewals of what the vault's owner vouches for. The key comes from the vault's journal
key. Losing the file is no attack by itself, and forgetting is noticed: it is recorded when the file
is made.

While a restored vault takes the place of the one that was seen, as much again follows, of the one
to come. Its MAC covers both, so that it means nothing any more once the first is written again.
See: docs/threat-model.md, on what is noticed when old files are put back
"""

from __future__ import annotations

import os
from contextlib import suppress

from secretctl.audit.line import NO_HASH, Head
from secretctl.audit.segments import open_checked
from secretctl.crypto.keys import equal, mac
from secretctl.errors import NoJournalFileError, SecretctlError, UnsafePermissionsError
from secretctl.record import NamedTuple
from secretctl.store import directories

_MAGIC = b"SCTTRST2"
_WHAT = "the trust file"
_BODY_BYTES = 112
_BYTES = _BODY_BYTES + 32

MOST_COMMITS = 1 << 47
"""What names a later generation was written by hand: nobody commits that often."""


class Anchor(NamedTuple):
    """The newest commit of a vault, and the newest record of its journal, that were seen."""

    generation: int
    digest: bytes
    """Of the vault's state at that generation (32 bytes)."""

    head: Head
    vouched: int
    """How often what the owner vouches for was renewed."""


NOTHING = Anchor(0, NO_HASH, Head(-1, NO_HASH), 0)


class Trust:
    """The trust file of one vault; one that is missing or of no use gives `NOTHING`."""

    def __init__(
        self, path: str, key: bytes, vault_id: bytes, former: tuple[bytes, ...] = ()
    ) -> None:
        """Name the trust file; nothing is opened yet.

        Args:
            path: Where it lies.
            key: Its key; what is written has a MAC under it.
            vault_id: Whose trust file it must be.
            former: Keys that were replaced: what this machine saw before is believed.
        """
        self._path = path
        self._key = key
        self._vault_id = vault_id
        self._former = former
        self._handle = -1
        self._is_long = False
        self._kept: tuple[bytes, Anchor | None] = b"", None
        """What was written last, so that it need not be verified again."""

        self._seen: Anchor | None = None
        self._coming: Anchor | None = None
        """What a restore was about to put in the place of what was read last."""

        self.is_unusable = False
        """Whether something keeps this machine from remembering."""

        self.why = ""
        """What that is, if it lies in the file."""

        self.is_of_other_keys = False
        """Whether what was read is of this vault, under keys that it has not, nor had before."""

        self.told_generation = 0
        """What such says, and nothing proves: the newest generation of the vault; else 0."""

    def read(self) -> Anchor | None:
        """Return what was seen last; None if there is nothing that can be believed."""
        self._seen = self._coming = None
        self.is_of_other_keys, self.told_generation = False, 0
        self._seen = self._read()
        return self._seen

    def seen_of(self, generation: int, digest: bytes) -> Anchor | None:
        """Return what was read, or what a restore announced, if this is the state of that vault."""
        coming = self._coming
        if coming is None or (coming.generation, coming.digest) != (generation, digest):
            return self._seen
        return coming

    def newest(self) -> Anchor | None:
        """Return what was read or announced, whichever is newer."""
        return self._coming or self._seen

    def _read(self) -> Anchor | None:
        try:
            if self._handle < 0:
                self._handle = open_checked(self._path, os.O_RDWR, _WHAT)
            stored = os.pread(self._handle, 2 * _BYTES + 1, 0)
        except FileNotFoundError:
            return None
        except (OSError, SecretctlError) as error:
            self._refuse(error)
            return None
        if stored == self._kept[0]:
            return self._kept[1]
        self._is_long = len(stored) > _BYTES
        seen = self._believed(stored[:_BYTES])
        if self.is_of_other_keys:
            self.told_generation = max(_generation(stored), _generation(stored[_BYTES:]))
        if seen is not None and self._is_long:
            self._coming = self._believed(stored[_BYTES:], stored[:_BODY_BYTES])
        return seen

    def _believed(self, stored: bytes, before: bytes = b"") -> Anchor | None:
        """Return what *stored* says, whose MAC covers what stands *before* as well."""
        body, given = stored[:_BODY_BYTES], stored[_BODY_BYTES:]
        if len(stored) != _BYTES or body[:24] != _MAGIC + self._vault_id:
            return None
        keys = (self._key, *self._former)
        if not any(equal(mac(key, before + body), given) for key in keys):
            self.is_of_other_keys = self.is_of_other_keys or not before
            return None
        return Anchor(
            generation=_generation(body),
            digest=body[32:64],
            head=Head(int.from_bytes(body[64:72], "big") - 1, body[72:104]),
            vouched=int.from_bytes(body[104:112], "big"),
        )

    def announce(self, coming: Anchor) -> None:
        """Keep *coming* besides what was seen, if that can be: a restore puts it in its place.

        Synced: after a loss of power the vault that has the place is one of the two.
        """
        seen = self.read()
        if seen is None:
            return
        before, body = self._body(seen), self._body(coming)
        self._is_long = True
        with suppress(OSError):  # only accept-restore has to be typed then, if it comes to that
            os.pwrite(self._handle, body + mac(self._key, before + body), _BYTES)
            os.fsync(self._handle)

    def _body(self, anchor: Anchor) -> bytes:
        return b"".join(
            (
                _MAGIC,
                self._vault_id,
                anchor.generation.to_bytes(8, "big"),
                anchor.digest,
                (anchor.head.number + 1).to_bytes(8, "big"),
                anchor.head.hash,
                anchor.vouched.to_bytes(8, "big"),
            )
        )

    def write(self, anchor: Anchor) -> None:
        """Keep *anchor*, if that can be. Not synced: what a loss of power takes is only older.

        NOTE: behind an announcement it is: without that, only the vault that went would be known.
        """
        body = self._body(anchor)
        try:
            if self._handle < 0:
                self._handle = self._create()
            self._kept = body + mac(self._key, body), anchor
            os.pwrite(self._handle, self._kept[0], 0)
            if self._is_long:
                os.fsync(self._handle)
                os.ftruncate(self._handle, _BYTES)
                self._is_long = False
        except (OSError, SecretctlError) as error:
            self._refuse(error)

    def under(self, key: bytes) -> Trust:
        """Return the same file under a new key; this one is closed."""
        self.close()
        return Trust(self._path, key, self._vault_id, (*self._former, self._key))

    def close(self) -> None:
        """Give the file back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _create(self) -> int:
        directories.make(os.path.dirname(self._path), is_durable=False)
        return open_checked(self._path, os.O_RDWR | os.O_CREAT, _WHAT)

    def _refuse(self, error: OSError | SecretctlError) -> None:
        self.is_unusable = True
        if isinstance(error, NoJournalFileError | UnsafePermissionsError):
            self.why = error.message


def _generation(body: bytes) -> int:
    return int.from_bytes(body[24:32], "big")
