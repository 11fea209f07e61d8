"""Opening in HPKE (RFC 9180), base mode, one message, without the start of the library's own.

cryptography's HPKE loads ``typing``, ``re`` and ``enum`` with its classes of hashes and keys, half
as much again as a whole reading. X25519 and AES-GCM are cryptography's; what is here is the
schedule of keys between them, which the tests hold against the RFC's vector and, by random search,
against what cryptography seals. Sealing is left to cryptography.

Suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
See: https://www.rfc-editor.org/rfc/rfc9180
"""

from __future__ import annotations

from secretctl.crypto.hashing import SHA256_BYTES, hmac_sha256
from secretctl.crypto.keys import KEY_BYTES
from secretctl.crypto.seal import SealError, decrypted

try:  # the same objects as the public names, without the imports around them
    from cryptography.hazmat.bindings._rust import openssl

    _private_key = openssl.x25519.from_private_bytes
    _public_key = openssl.x25519.from_public_bytes
except (ImportError, AttributeError):  # pragma: no cover - another release of cryptography
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    _private_key = X25519PrivateKey.from_private_bytes
    _public_key = X25519PublicKey.from_public_bytes

FORMAT = 1
SEALED_KEY_BYTES = 1 + 32 + KEY_BYTES + 16
"""Of a sealed key: format, encapsulated key, the key itself, and the cipher's tag."""

INFO = b"secretctl/v1/recipient\0"
_NONCE_BYTES = 12
_KEM = b"KEM\x00\x20"
_HPKE = b"HPKE\x00\x20\x00\x01\x00\x02"
_VERSION = b"HPKE-v1"
_BASE = b"\0"
"""Mode of the schedule: no key shared before, no sender who proves to be one."""


def open_with(private: bytes, where: bytes, sealed: bytes) -> bytes:
    """Return what was sealed to the owner of *private* for the context *where*; see `recipients`.

    Raises:
        SealError: Another key, another context, or other bytes than `seal_to` gave.
    """
    if len(private) != KEY_BYTES or sealed[:1] != bytes((FORMAT,)):
        raise SealError
    try:
        return open_base(private, INFO + where, sealed[1:])
    except ValueError:
        raise SealError from None


def open_base(private: bytes, info: bytes, sealed: bytes) -> bytes:
    """Return the plaintext of *sealed*: an encapsulated key (32 bytes) and a ciphertext.

    Args:
        private: Key of the recipient, 32 bytes.
        info: What sealing and opening are about.
        sealed: Of one message; there are no additional data.

    Raises:
        ValueError: An encapsulated key that is none.
        SealError: Other keys, other info, another message.
    """
    encapsulated, body = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
    key, nonce = _schedule(shared_secret(private, encapsulated), info)
    return decrypted(key, nonce, body, b"")


def shared_secret(private: bytes, encapsulated: bytes) -> bytes:
    """Return what the KEM agrees on, 32 bytes (section 4.1, ``Decap``).

    Raises:
        ValueError: The encapsulated key is none.
    """
    own = _private_key(private)
    agreed = own.exchange(_public_key(encapsulated))
    about = encapsulated + own.public_key().public_bytes_raw()
    key = _extract(_KEM, b"", b"eae_prk", agreed)
    return _expand(_KEM, key, b"shared_secret", about, SHA256_BYTES)


def _schedule(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Return the key and the nonce of the first message (section 5.1, ``KeySchedule``)."""
    no_id = _extract(_HPKE, b"", b"psk_id_hash", b"")
    context = _BASE + no_id + _extract(_HPKE, b"", b"info_hash", info)
    secret = _extract(_HPKE, shared, b"secret", b"")
    key = _expand(_HPKE, secret, b"key", context, KEY_BYTES)
    return key, _expand(_HPKE, secret, b"base_nonce", context, _NONCE_BYTES)


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac_sha256(salt, _VERSION + suite + label + material)


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """Return up to 32 bytes: one block of HKDF-Expand."""
    labelled = length.to_bytes(2, "big") + _VERSION + suite + label + info
    return hmac_sha256(key, labelled + b"\1")[:length]
