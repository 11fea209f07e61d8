"""Keys from keys, keyed hashes, and comparison in constant time."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

try:  # what hmac uses without OpenSSL; importing hmac would cost 5 ms of every start
    from _operator import _compare_digest as compare_digest
except ImportError:  # pragma: no cover - another Python
    from hmac import compare_digest  # type: ignore[no-redef]  # the same, by its public name

MAC_BYTES = 32
_SHA256 = hashes.SHA256()
_SHA512 = hashes.SHA512()


def derive(key: bytes, label: str, vault_id: bytes) -> bytes:
    """Return the 32-byte key that *label* names under *key* (HKDF-SHA-512, RFC 5869)."""
    info = b"secretctl/v1/derive\0" + label.encode()
    return HKDF(algorithm=_SHA512, length=32, salt=vault_id, info=info).derive(key)


def mac(key: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA-256 of *parts* one after the other; the caller makes them unambiguous."""
    state = HMAC(key, _SHA256)
    for part in parts:
        state.update(part)
    return state.finalize()


def equal(left: bytes, right: bytes) -> bool:
    """Compare in a time that depends on the lengths only."""
    return compare_digest(left, right)
