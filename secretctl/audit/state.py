"""The journal's state file: where the next record goes, and the key for it.

512 bytes, written in place, one disk sector: after a crash the old ones or the new ones are there.
Before records are appended it is noted where they will end (*pending*), so that what a killed
process left behind is told apart from what somebody else wrote.

    "SCTJRNL1" | vault id (16) | boot id (16) | segment (4) | offset (8) | number (8) | hash (32)
    | key (32) | next seed (32) | generation (8) | intent offset + 1 (8) | pending offset (8)
    | pending hash (32) | closed (1) | zeros | SHA-256 of all before (32)

Numbers are big-endian. The checksum finds accidents; what the state says is checked against the
journal, whose MACs nobody can make for the past. See: docs/audit.md
"""

from __future__ import annotations

import os

from secretctl.audit.line import NO_HASH, Head
from secretctl.crypto.hashing import sha256_digest
from secretctl.record import NamedTuple

FILE = "state"
DRAFT = "state.new"
BYTES = 512
NO_INTENT = -1
_MAGIC = b"SCTJRNL1"
_CHECKSUM_BYTES = 32
_WIDTHS = (16, 16, 4, 8, 8, 32, 32, 32, 8, 8, 8, 32, 1)
_LARGEST_NUMBER = 1 << 53
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


class State(NamedTuple):
    """Where the journal stands."""

    vault_id: bytes
    boot_id: bytes
    """Of the system that wrote this; zeros where there is no such thing."""

    segment: int
    offset: int
    """Size in bytes of the segment with all its complete records."""

    number: int
    """Number of the next record."""

    hash: bytes
    """Hash of the last record."""

    key: bytes
    """Key of the next record."""

    next_seed: bytes
    """Seed of the next segment."""

    generation: int = 0
    """The vault's generation after the last change whose outcome was recorded."""

    intent: int = NO_INTENT
    """Offset of a change, the first of those committed together, without a recorded outcome."""

    pending_offset: int = 0
    """Where records being appended will end; 0 if none are."""

    pending_hash: bytes = NO_HASH
    closed: int = 0
    """1 when the segment has its closing record and the next one is to be begun."""

    @property
    def head(self) -> Head:
        """The last record."""
        return Head(self.number - 1, self.hash)


def exists(directory: str) -> bool:
    """Tell whether there is a journal: its state comes last when one is made."""
    return os.path.lexists(os.path.join(directory, FILE))


def encode(state: State) -> bytes:
    """Return the 512 bytes of the file."""
    body = b"".join(
        (
            _MAGIC,
            state.vault_id,
            state.boot_id,
            state.segment.to_bytes(4, "big"),
            state.offset.to_bytes(8, "big"),
            state.number.to_bytes(8, "big"),
            state.hash,
            state.key,
            state.next_seed,
            state.generation.to_bytes(8, "big"),
            (state.intent + 1).to_bytes(8, "big"),
            state.pending_offset.to_bytes(8, "big"),
            state.pending_hash,
            state.closed.to_bytes(1, "big"),
        )
    ).ljust(BYTES - _CHECKSUM_BYTES, b"\0")
    return body + sha256_digest(body)


def decode(stored: bytes) -> State | None:
    """Read the file; None if the bytes are not a state."""
    body, checksum = stored[:-_CHECKSUM_BYTES], stored[-_CHECKSUM_BYTES:]
    if len(stored) != BYTES or sha256_digest(body) != checksum or body[:8] != _MAGIC:
        return None
    fields: list[bytes] = []
    at = len(_MAGIC)
    for width in _WIDTHS:
        fields.append(body[at : at + width])
        at += width
    if body[at:].strip(b"\0"):
        return None
    whole = [int.from_bytes(field, "big") for field in fields]
    if max(whole[3], whole[4], whole[8], whole[9], whole[10]) > _LARGEST_NUMBER:
        return None
    if whole[9] > whole[3] or (whole[10] and whole[10] < whole[3]) or whole[12] > 1:
        return None
    return State(
        vault_id=fields[0],
        boot_id=fields[1],
        segment=whole[2],
        offset=whole[3],
        number=whole[4],
        hash=fields[5],
        key=fields[6],
        next_seed=fields[7],
        generation=whole[8],
        intent=whole[9] - 1,
        pending_offset=whole[10],
        pending_hash=fields[11],
        closed=whole[12],
    )


def boot_id() -> bytes:
    """Return what tells this run of the system from all others (16 bytes); zeros if nothing does.

    See: random(4), /proc/sys/kernel/random/boot_id
    """
    try:
        handle = os.open(_BOOT_ID, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return bytes.fromhex(os.read(handle, 64).decode("ascii").strip().replace("-", ""))
        finally:
            os.close(handle)
    except (OSError, ValueError):
        return bytes(16)
