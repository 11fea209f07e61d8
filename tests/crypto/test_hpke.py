"""Opening in HPKE, against the RFC and against the library that seals."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from secretctl.crypto import hpke
from secretctl.crypto.seal import SealError

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
RECIPIENT = bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
ENCAPSULATED = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
AGREED = bytes.fromhex("fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc")


def test_the_shared_secret_is_the_one_of_the_rfc() -> None:
    """RFC 9180, appendix A.1.1: the same KEM as ours."""
    assert hpke.shared_secret(RECIPIENT, ENCAPSULATED) == AGREED


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300), st.binary(max_size=100))
def test_what_the_library_seals_opens(private: bytes, plain: bytes, info: bytes) -> None:
    """With the same key and info, and with no other info."""
    public = X25519PrivateKey.from_private_bytes(private).public_key()
    sealed = SUITE.encrypt(plain, public, info)
    assert hpke.open_base(private, info, sealed) == plain
    with pytest.raises(SealError):
        hpke.open_base(private, info + b"x", sealed)


@pytest.mark.parametrize("encapsulated", [bytes(32), b"\1" + bytes(31), bytes(31), b""])
def test_a_key_on_which_nothing_can_be_agreed_is_refused(encapsulated: bytes) -> None:
    """Points that give everybody the same secret, and what is no point."""
    with pytest.raises(ValueError, match=r"."):
        hpke.shared_secret(RECIPIENT, encapsulated)
