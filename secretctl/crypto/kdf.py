"""A key from a passphrase: Argon2id (RFC 9106), within bounds checked before it runs.

The floor keeps a stolen vault expensive to guess; the ceiling keeps a hostile header from
taking all memory. Neither can be moved by configuration.
"""

from __future__ import annotations

from secretctl.context import KdfProfile

FLOOR = KdfProfile(memory_kib=64 * 1024, iterations=3, lanes=1)
CEILING = KdfProfile(memory_kib=2 * 1024 * 1024, iterations=32, lanes=16)
SALT_BYTES = 16


def within_bounds(profile: KdfProfile) -> bool:
    """Tell whether *profile* is one this program is willing to run."""
    return all(
        low <= given <= high for low, given, high in zip(FLOOR, profile, CEILING, strict=True)
    )


def passphrase_key(passphrase: str, salt: bytes, profile: KdfProfile, where: bytes) -> bytes:
    """Return the 32-byte key of *passphrase*, normalised to NFC, bound to the context *where*.

    Raises:
        ValueError: *profile* is outside `FLOOR` and `CEILING`.
    """
    from unicodedata import normalize

    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    if not within_bounds(profile):
        raise ValueError
    return Argon2id(
        salt=salt,
        length=32,
        iterations=profile.iterations,
        lanes=profile.lanes,
        memory_cost=profile.memory_kib,
        ad=where,
    ).derive(normalize("NFC", passphrase).encode())
