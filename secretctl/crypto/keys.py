"""Keys from keys, keyed hashes, and comparison in constant time."""

from __future__ import annotations

from secretctl.crypto.hashing import SHA256_BYTES, hkdf_expand, hkdf_extract, hmac_sha256

try:  # what hmac uses without OpenSSL; importing hmac would cost 5 ms of every start
    from _operator import _compare_digest as compare_digest
except ImportError:  # pragma: no cover - another Python
    from hmac import compare_digest  # type: ignore[no-redef]  # the same, by its public name

MAC_BYTES = SHA256_BYTES
KEY_BYTES = 32


def derive(key: bytes, label: str, vault_id: bytes) -> bytes:
    """Return the 32-byte key that *label* names under *key* (HKDF-SHA-512, RFC 5869)."""
    info = b"secretctl/v1/derive\0" + label.encode()
    return hkdf_expand(hkdf_extract(vault_id, key), info)[:KEY_BYTES]


def mac(key: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA-256 of *parts* one after the other; the caller makes them unambiguous."""
    return hmac_sha256(key, *parts)


def equal(left: bytes, right: bytes) -> bool:
    """Compare in a time that depends on the lengths only."""
    return compare_digest(left, right)
