"""Sealing to a key pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.crypto.hpke import open_with
from secretctl.crypto.recipients import public_key, seal_to
from secretctl.crypto.seal import SealError

PRIVATE = bytes(range(32))
PUBLIC = public_key(PRIVATE)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_what_is_sealed_to_a_key_opens_with_its_other_half(plain: bytes, where: bytes) -> None:
    """In its context, and only there; no two sealings are alike."""
    sealed = seal_to(PUBLIC, where, plain)
    assert open_with(PRIVATE, where, sealed) == plain
    assert seal_to(PUBLIC, where, plain) != sealed
    with pytest.raises(SealError):
        open_with(PRIVATE, where + b"x", sealed)
    with pytest.raises(SealError):
        open_with(bytes(32), where, sealed)


def test_each_changed_or_missing_byte_is_refused() -> None:
    """Every byte in two ways, and every length."""
    sealed = seal_to(PUBLIC, b"here", b"a key of thirty-two bytes, really")
    for at in range(len(sealed)):
        for bit in (1, 0x80):
            changed = bytearray(sealed)
            changed[at] ^= bit
            with pytest.raises(SealError):
                open_with(PRIVATE, b"here", bytes(changed))
        with pytest.raises(SealError):
            open_with(PRIVATE, b"here", sealed[:at])


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(32)])
def test_what_is_no_public_key_is_refused(public: bytes) -> None:
    """Also the point that gives everybody the same secret."""
    with pytest.raises(SealError):
        seal_to(public, b"", b"plain")
