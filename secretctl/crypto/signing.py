"""Signatures that others can check: Ed25519 (RFC 8032)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)


def public_key(secret: bytes) -> bytes:
    """Return the public key (32 bytes) of a secret one (32 bytes)."""
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def sign(secret: bytes, message: bytes) -> bytes:
    """Return the signature (64 bytes) of *message*."""
    return Ed25519PrivateKey.from_private_bytes(secret).sign(message)


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether *signature* is that of *message* under the public key (32 bytes).

    Raises:
        ValueError: The key has another length.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
