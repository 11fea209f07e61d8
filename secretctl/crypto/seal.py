"""The one sealing primitive: authenticated encryption that commits to key and context.

A sealed message is

    format (1 byte, 0x01) | salt (32) | commitment (32) | AES-256-GCM ciphertext and tag

* 64 bytes come from HKDF-Expand with SHA-512 (RFC 5869), the key as pseudorandom key and, as
  info, ``secretctl/v1/seal`` NUL salt context: 32 for the cipher, 32 as the commitment. Keys are
  uniformly random, so the extract step is left out (RFC 5869, section 3.3).
* Each message has a cipher key of its own, so the nonce is twelve zero bytes.
* The commitment is compared before anything is decrypted: AES-GCM by itself lets one
  ciphertext open under two keys.
* The plaintext is a 4-byte big-endian length, the message and zeros up to the next step
  (`padded_length`), so that a stored size does not tell a PIN from a private key.
* The context is the additional data as well: a message opens only where it was put.
"""

from __future__ import annotations

import os
from functools import partial

from secretctl.crypto.hashing import hkdf_expand, hkdf_expander
from secretctl.crypto.keys import KEY_BYTES, equal
from secretctl.record import TYPE_CHECKING

try:  # the same object as the public name, without the imports around it: half of every start
    from cryptography.hazmat.bindings._rust import openssl

    AESGCM = openssl.aead.AESGCM
except (ImportError, AttributeError):  # pragma: no cover - another release of cryptography
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = 1
_SALT_BYTES = 32
_COMMITMENT_BYTES = 32
_SALT_END = 1 + _SALT_BYTES
_HEAD_BYTES = _SALT_END + _COMMITMENT_BYTES
_TAG_BYTES = 16
_LENGTH_BYTES = 4
_NONCE = bytes(12)
_INFO = b"secretctl/v1/seal\0"
_SMALLEST = 64
_LARGE = 4096
_LEAST_BYTES = _HEAD_BYTES + _SMALLEST + _TAG_BYTES


class SealError(Exception):
    """Sealed bytes do not open with this key in this context."""


def context(*fields: bytes) -> bytes:
    """Encode *fields* so that no two lists of fields give the same bytes."""
    return b"".join([framed(field) for field in fields])


def framed(field: bytes) -> bytes:
    """Encode one field of a context."""
    return len(field).to_bytes(4, "big") + field


def padded_length(length: int) -> int:
    """Return the size in bytes to which a plaintext of *length* bytes is padded.

    Powers of two from 64 to 4,096, then multiples of 4,096.
    """
    whole = length + _LENGTH_BYTES
    if whole > _LARGE:
        return -(-whole // _LARGE) * _LARGE
    return max(_SMALLEST, 1 << (whole - 1).bit_length())


def sealed_length(length: int) -> int:
    """Return the size in bytes of a sealed message of *length* bytes."""
    return _HEAD_BYTES + padded_length(length) + _TAG_BYTES


def seal(key: bytes, where: bytes, plain: bytes) -> bytes:
    """Seal *plain* under *key* (32 bytes) for the context *where*.

    NOTE: the salt comes from the operating system and cannot be chosen by a caller: a salt used
    twice would use a cipher key and nonce twice.

    Raises:
        SealError: The key has another length.
    """
    if len(key) != KEY_BYTES:
        raise SealError
    return _sealed(partial(hkdf_expand, key), where, plain)


def sealer(key: bytes) -> Callable[[bytes, bytes], bytes]:
    """Return `seal` for one key, quicker for many messages; raises as `seal`."""
    if len(key) != KEY_BYTES:
        raise SealError
    return partial(_sealed, hkdf_expander(key))


def _sealed(expand: Callable[[bytes], bytes], where: bytes, plain: bytes) -> bytes:
    salt = os.urandom(_SALT_BYTES)
    okm = expand(b"".join((_INFO, salt, where)))
    padded = (len(plain).to_bytes(_LENGTH_BYTES, "big") + plain).ljust(
        padded_length(len(plain)), b"\0"
    )
    body = AESGCM(okm[:KEY_BYTES]).encrypt(_NONCE, padded, where)
    return b"".join((bytes((FORMAT,)), salt, okm[KEY_BYTES:], body))


def open_sealed(key: bytes, where: bytes, sealed: bytes) -> bytes:
    """Return what was sealed under *key* for the context *where*.

    Raises:
        SealError: Other key, other context, or other bytes than `seal` gave.
    """
    if len(key) != KEY_BYTES:
        raise SealError
    return _opened(partial(hkdf_expand, key), where, sealed)


def opener(key: bytes) -> Callable[[bytes, bytes], bytes]:
    """Return `open_sealed` for one key (32 bytes), quicker for many messages.

    Raises:
        SealError: The key has another length.
    """
    if len(key) != KEY_BYTES:
        raise SealError
    return partial(_opened, hkdf_expander(key))


def _opened(expand: Callable[[bytes], bytes], where: bytes, sealed: bytes) -> bytes:
    if len(sealed) < _LEAST_BYTES or sealed[0] != FORMAT:
        raise SealError
    okm = expand(b"".join((_INFO, sealed[1:_SALT_END], where)))
    if not equal(okm[KEY_BYTES:], sealed[_SALT_END:_HEAD_BYTES]):
        raise SealError
    padded = decrypted(okm[:KEY_BYTES], _NONCE, sealed[_HEAD_BYTES:], where)
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    if len(padded) != padded_length(length):
        raise SealError
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def decrypted(cipher_key: bytes, nonce: bytes, body: bytes, data: bytes) -> bytes:
    """Return the plaintext of an AES-256-GCM ciphertext with its tag.

    Raises:
        SealError: Another key, nonce, text or additional *data*.
    """
    try:
        return AESGCM(cipher_key).decrypt(nonce, body, data)
    except Exception as error:
        from cryptography.exceptions import InvalidTag

        if not isinstance(error, InvalidTag):
            raise
        raise SealError from None
