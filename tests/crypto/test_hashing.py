"""HMAC and HKDF are those of the RFCs, by their vectors and against another implementation."""

import sys

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from hypothesis import example, given
from hypothesis import strategies as st

from secretctl.crypto import hashing

# RFC 4231, sections 4.2 to 4.8: key, data, the first 16 bytes of HMAC-SHA-256 and -SHA-512.
VECTORS = [
    (
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b",
        "87aa7cdea5ef619d4ff0b4241a1d6cb0",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c7",
        "164b7a7bfcf819e2e395fbe73b56e0a3",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a7",
        "fa73b0089d56a284efb0f0756c890be9",
    ),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f",
        "80b24263c7c1a3ebb71493c1dd7be8b4",
    ),
]
LONG = st.binary(max_size=400)


@pytest.mark.parametrize(("key", "data", "sha256", "sha512"), VECTORS)
def test_the_vectors_of_the_rfc(key: bytes, data: bytes, sha256: str, sha512: str) -> None:
    """HMAC gives what RFC 4231 prints."""
    assert hashing.hmac_sha256(key, data)[:16].hex() == sha256
    assert hashing.hmac_sha512(key, data)[:16].hex() == sha512


@given(LONG, st.lists(st.binary(max_size=100)))
def test_hmac_is_that_of_cryptography(key: bytes, parts: list[bytes]) -> None:
    """Any key, also one longer than a block, and any message in any parts."""
    for algorithm, ours in (
        (hashes.SHA256(), hashing.hmac_sha256(key, *parts)),
        (hashes.SHA512(), hashing.hmac_sha512(key, b"".join(parts))),
    ):
        theirs = HMAC(key, algorithm)
        theirs.update(b"".join(parts))
        assert ours == theirs.finalize()


@given(LONG, LONG, LONG)
def test_hkdf_is_that_of_cryptography(salt: bytes, key: bytes, info: bytes) -> None:
    """Extract and expand, together and expand alone."""
    prk = hashing.hkdf_extract(salt, key)
    whole = HKDF(algorithm=hashes.SHA512(), length=64, salt=salt, info=info).derive(key)
    assert hashing.hkdf_expand(prk, info) == whole
    alone = HKDFExpand(algorithm=hashes.SHA512(), length=64, info=info).derive(prk)
    assert hashing.hkdf_expand(prk, info) == alone


@given(st.binary(max_size=4096))
@example(b"")
def test_a_digest_is_the_same_with_and_without_openssl(data: bytes) -> None:
    """Loaded or not, it is that of cryptography."""
    hashed = hashes.Hash(hashes.SHA256())
    hashed.update(data)
    due = hashed.finalize()
    assert "_hashlib" in sys.modules
    assert hashing.sha256_digest(data) == due
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(sys.modules, "_hashlib")
        assert hashing.sha256_digest(data) == due
