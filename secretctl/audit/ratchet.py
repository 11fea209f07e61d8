"""Keys of the journal: each record is authenticated with a key that is gone once it was used.

    segment seed  S(1) = derived from the vault's journal key      S(n+1) = H("segment" | S(n))
                  S(n) = derived from a new journal key, for the first segment under that
    record key    A(n, 0) = H("record" | S(n))                     A(n, i+1) = H("next" | A(n, i))
    MAC of a record: HMAC-SHA-256 under H("mac" | A(n, i))

H is SHA-256 with a NUL between label and key. The state file holds only the *next* record's key
and the *next* segment's seed, so whoever reads it can authenticate nothing that was written
before; whoever has the vault's journal key can work out all of them.

Two levels, so that the first record of any segment is checked without walking through all
records before it. See: docs/audit.md
"""

from __future__ import annotations

from secretctl.crypto.hashing import sha256
from secretctl.crypto.keys import derive, mac

FIRST_SEGMENT = 1


Former = tuple[bytes, int]
"""A journal key that another one replaced, and the number of the last segment under it."""


def first_seed(journal_key: bytes, vault_id: bytes) -> bytes:
    """Return the seed (32 bytes) of the first segment under a journal key."""
    return derive(journal_key, "journal/segment-1", vault_id)


def seed_of(journal_key: bytes, vault_id: bytes, segment: int, former: tuple[Former, ...]) -> bytes:
    """Return the seed of *segment*; *former* are the journal keys before the present, in order."""
    first = FIRST_SEGMENT
    for key, through in former:
        if segment <= through:
            journal_key = key
            break
        first = through + 1
    seed = first_seed(journal_key, vault_id)
    for _ in range(first, segment):
        seed = next_seed(seed)
    return seed


def next_seed(seed: bytes) -> bytes:
    """Return the seed of the segment after the one of *seed*."""
    return sha256(b"segment\0" + seed).digest()


def first_key(seed: bytes) -> bytes:
    """Return the key of a segment's first record."""
    return sha256(b"record\0" + seed).digest()


def next_key(key: bytes) -> bytes:
    """Return the key of the record after the one of *key*."""
    return sha256(b"next\0" + key).digest()


def record_mac(key: bytes, record_hash: bytes) -> bytes:
    """Return the MAC (32 bytes) of the record that *key* is for."""
    return mac(sha256(b"mac\0" + key).digest(), record_hash)


def owner_mac(journal_key: bytes, vault_id: bytes, statement: bytes) -> bytes:
    """Return the MAC by which the vault's owner excuses what is missing from the journal.

    Nobody who only read the state file can make one.
    """
    return mac(derive(journal_key, "journal/owner", vault_id), statement)
