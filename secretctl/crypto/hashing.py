"""HMAC and HKDF over the standard library's SHA-2, loaded without OpenSSL.

``hmac`` and ``hashlib`` load the system's OpenSSL, cryptography's hashes load ``typing``, ``re``
and ``enum``: each a third of the interpreter's own start. The compression functions beneath
``hashlib`` need nothing; the two constructions over them are a few lines and are compared with
cryptography's in the tests. Where the names are missing, ``hashlib`` takes their place.

See: https://www.rfc-editor.org/rfc/rfc2104 (HMAC) and https://www.rfc-editor.org/rfc/rfc5869 (HKDF)
"""

from __future__ import annotations

import sys

from secretctl.record import TYPE_CHECKING

__all__ = ["SHA256_BYTES", "hkdf_expand", "hkdf_expander", "hkdf_extract", "hmac_sha256"]
__all__ += ["hmac_sha512", "sha256", "sha256_digest", "sha512"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from hashlib import sha256, sha512
else:
    try:  # Python 3.11
        from _sha256 import sha256
        from _sha512 import sha512
    except ImportError:
        try:  # from 3.12 on
            from _sha2 import sha256, sha512
        except ImportError:  # pragma: no cover - a Python whose hashes all come from OpenSSL
            from hashlib import sha256, sha512

SHA256_BYTES = 32
_SHA256_BLOCK = 64
_SHA512_BLOCK = 128
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def sha256_digest(data: bytes) -> bytes:
    """Return the SHA-256 of *data* (32 bytes), by OpenSSL where a long-lived process has it loaded.

    That takes a quarter of the time for a thousand bytes; loading it, that of hundreds of such.
    """
    loaded = sys.modules.get("_hashlib")
    return (sha256(data) if loaded is None else loaded.openssl_sha256(data)).digest()


def hmac_sha256(key: bytes, *parts: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA-256 of *parts* one after the other."""
    padded = (key if len(key) <= _SHA256_BLOCK else sha256(key).digest()).ljust(
        _SHA256_BLOCK, b"\0"
    )
    inner = sha256(b"".join((padded.translate(_INNER), *parts))).digest()
    return sha256(padded.translate(_OUTER) + inner).digest()


def hmac_sha512(key: bytes, message: bytes) -> bytes:
    """Return the 64-byte HMAC-SHA-512 of *message*."""
    padded = (key if len(key) <= _SHA512_BLOCK else sha512(key).digest()).ljust(
        _SHA512_BLOCK, b"\0"
    )
    inner = sha512(padded.translate(_INNER) + message).digest()
    return sha512(padded.translate(_OUTER) + inner).digest()


def hkdf_expander(pseudorandom_key: bytes) -> Callable[[bytes], bytes]:
    """Return `hkdf_expand` for one key, which hashes the key once for many outputs."""
    padded = pseudorandom_key.ljust(_SHA512_BLOCK, b"\0")
    if len(padded) > _SHA512_BLOCK:
        padded = sha512(pseudorandom_key).digest().ljust(_SHA512_BLOCK, b"\0")
    inner_start, outer_start = sha512(padded.translate(_INNER)), sha512(padded.translate(_OUTER))

    def expand(info: bytes) -> bytes:
        inner, outer = inner_start.copy(), outer_start.copy()
        inner.update(info + b"\1")
        outer.update(inner.digest())
        return outer.digest()

    return expand


def hkdf_extract(salt: bytes, key: bytes) -> bytes:
    """Return a 64-byte pseudorandom key (HKDF-SHA-512, section 2.2)."""
    return hmac_sha512(salt, key)


def hkdf_expand(pseudorandom_key: bytes, info: bytes) -> bytes:
    """Return the first 64 bytes of output (HKDF-SHA-512, section 2.3): one block, the first."""
    return hmac_sha512(pseudorandom_key, info + b"\1")
