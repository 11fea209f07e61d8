"""Sealing to a key pair: HPKE (RFC 9180), base mode, X25519, HKDF-SHA-256, AES-256-GCM.

Whoever has the public key can seal; who sealed is not proven. A sealed message is a format byte
and what HPKE gives: the encapsulated key and the ciphertext. The context is HPKE's *info*, so a
message opens only where it was put: with `hpke.open_with`.
"""

from __future__ import annotations

from secretctl.crypto.hpke import FORMAT, INFO
from secretctl.crypto.seal import SealError


def public_key(private: bytes) -> bytes:
    """Return the public key (32 bytes) of a private one (32 random bytes)."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal_to(public: bytes, where: bytes, plain: bytes) -> bytes:
    """Seal *plain* to the owner of *public* (32 bytes) for the context *where*.

    Raises:
        SealError: There is no such public key.
    """
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    try:
        key = X25519PublicKey.from_public_bytes(public)
        return bytes((FORMAT,)) + suite.encrypt(plain, key, INFO + where)
    except ValueError:
        raise SealError from None
