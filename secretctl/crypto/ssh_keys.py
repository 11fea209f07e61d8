"""Key pairs for SSH: new ones of Ed25519, and the public key of whatever kind there is.

See: https://www.rfc-editor.org/rfc/rfc8709 (Ed25519), https://www.rfc-editor.org/rfc/rfc4253 (6.6)
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization.ssh import SSHPrivateKeyTypes


def new_pair(secret: bytes) -> tuple[str, str]:
    """Return the private key that 32 random bytes are, as OpenSSH writes it, and its public one."""
    key = Ed25519PrivateKey.from_private_bytes(secret)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    return private.decode("ascii"), _public(key)


def public_of(private: str) -> str:
    """Return the public key, ``TYPE BASE64``, of a private one in OpenSSH's format or PEM.

    Raises:
        ValueError: It is neither, or encrypted, or of a kind that is not known.
    """
    try:
        return _public(_loaded(private.encode()))
    except (TypeError, UnsupportedAlgorithm):  # encrypted, and no passphrase was given
        raise ValueError("unusable private key") from None


def _loaded(private: bytes) -> SSHPrivateKeyTypes:
    if b"BEGIN OPENSSH PRIVATE KEY" in private:
        return serialization.load_ssh_private_key(private, None)
    return serialization.load_pem_private_key(private, None)  # type: ignore[return-value]  # what SSH has no name for, public_bytes refuses


def _public(key: SSHPrivateKeyTypes) -> str:
    written = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return written.decode("ascii")
