"""The sealing primitive: what opens is what was sealed, here, under this key."""

import hashlib
import hmac
import os

import pytest
from cryptography.hazmat.primitives.ciphers import aead
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.context import CHEAPEST, KdfProfile
from secretctl.crypto import seal
from secretctl.crypto.kdf import passphrase_key, within_bounds
from secretctl.crypto.seal import SealError, context, open_sealed, padded_length, sealed_length

KEY = bytes(range(32))
WHERE = context(b"record", b"place")


@given(st.binary(max_size=9000), st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_what_was_sealed_opens(plain: bytes, where: bytes) -> None:
    """A sealed message opens to itself, and its size tells only a step."""
    sealed = seal.seal(KEY, where, plain)
    assert open_sealed(KEY, where, sealed) == plain
    assert len(sealed) == sealed_length(len(plain))


def test_every_flipped_bit_and_every_cut_is_refused() -> None:
    """No byte of a sealed message can be changed, dropped or added."""
    sealed = seal.seal(KEY, WHERE, b"hunter2")
    for position in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(SealError):
            open_sealed(KEY, WHERE, bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            open_sealed(KEY, WHERE, sealed[:length])
    with pytest.raises(SealError):
        open_sealed(KEY, WHERE, sealed + b"\0")


def test_another_key_or_place_does_not_open() -> None:
    """A message opens under its key and in its context only."""
    sealed = seal.seal(KEY, WHERE, b"hunter2")
    for key, where in ((bytes(32), WHERE), (KEY, context(b"record", b"elsewhere"))):
        with pytest.raises(SealError):
            open_sealed(key, where, sealed)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    """Nothing is sealed or opened under it: zeros behind a key would make the same HMAC of it."""
    whole = KEY[:16] + bytes(16)
    key, sealed = whole[:length].ljust(length, b"\0"), seal.seal(whole, WHERE, b"hunter2")
    for use in (
        lambda: seal.seal(key, WHERE, b"hunter2"),
        lambda: seal.sealer(key),
        lambda: open_sealed(key, WHERE, sealed),
        lambda: seal.opener(key),
    ):
        with pytest.raises(SealError):
            use()


def test_what_is_sealed_by_one_way_opens_by_the_other() -> None:
    """The quicker functions for many messages give and take the same bytes."""
    sealed = seal.sealer(KEY)(WHERE, b"hunter2")
    assert open_sealed(KEY, WHERE, sealed) == b"hunter2"
    assert seal.opener(KEY)(WHERE, seal.seal(KEY, WHERE, b"hunter2")) == b"hunter2"


def by_hand(padded: bytes) -> tuple[bytes, bytes, bytes]:
    """Return head, commitment and body of a message of those padded bytes."""
    salt = bytes(32)
    okm = hmac.digest(KEY, b"secretctl/v1/seal\0" + salt + WHERE + b"\x01", hashlib.sha512)
    return b"\x01" + salt, okm[32:], aead.AESGCM(okm[:32]).encrypt(bytes(12), padded, WHERE)


def test_the_commitment_is_checked_beside_the_tag() -> None:
    """A message with a right tag and a wrong commitment is refused."""
    head, commitment, body = by_hand(b"\0\0\0\1x".ljust(64, b"\0"))
    assert open_sealed(KEY, WHERE, head + commitment + body) == b"x"
    with pytest.raises(SealError):
        open_sealed(KEY, WHERE, head + bytes(32) + body)


@pytest.mark.parametrize("length", [0, 60, 61, 124, 2**32 - 1])
def test_padding_to_another_step_is_refused(length: int) -> None:
    """Even by whoever has the key: for a message of some length there is one size."""
    padded = length.to_bytes(4, "big").ljust(128, b"\0")
    sealed = b"".join(by_hand(padded))
    if padded_length(length) == len(padded):
        assert open_sealed(KEY, WHERE, sealed) == bytes(length)
        return
    with pytest.raises(SealError):
        open_sealed(KEY, WHERE, sealed)


def test_a_fault_of_the_cipher_is_not_called_another_key() -> None:
    """What AES-GCM cannot even try is an error of the program."""
    with pytest.raises(ValueError, match="key"):
        seal.decrypted(bytes(5), bytes(12), bytes(32), b"")


def test_equal_messages_seal_differently() -> None:
    """Nobody sees from sealed bytes that two values are the same."""
    assert len({seal.seal(KEY, WHERE, b"same") for _ in range(50)}) == 50


@given(st.lists(st.binary(max_size=6), max_size=4), st.lists(st.binary(max_size=6), max_size=4))
@settings(max_examples=200, deadline=None)
def test_contexts_are_unambiguous(left: list[bytes], right: list[bytes]) -> None:
    """Two lists of fields give the same context only if they are the same."""
    assert (context(*left) == context(*right)) == (left == right)


def test_padding_hides_sizes_in_steps() -> None:
    """Up to 4,096 bytes in powers of two, beyond in steps of 4,096."""
    assert [padded_length(size) for size in (0, 60, 61, 4092, 4093, 65_537)] == [
        64,
        64,
        128,
        4096,
        8192,
        69_632,
    ]


def test_the_private_name_is_the_public_object() -> None:
    """What is imported by a shorter way is the same class."""
    assert seal.AESGCM is aead.AESGCM


@pytest.mark.parametrize(
    "profile",
    [
        KdfProfile(64 * 1024 - 1, 3, 4),
        KdfProfile(64 * 1024, 2, 4),
        KdfProfile(64 * 1024, 3, 0),
        KdfProfile(2**31, 3, 4),
        KdfProfile(64 * 1024, 2**31, 4),
        KdfProfile(64 * 1024, 3, 17),
    ],
)
def test_costs_out_of_bounds_are_refused_before_they_run(profile: KdfProfile) -> None:
    """A hostile header can neither weaken the derivation nor take all memory."""
    assert not within_bounds(profile)
    with pytest.raises(ValueError, match=r"^$"):
        passphrase_key("correct horse", bytes(16), profile, b"")


def test_a_passphrase_is_one_in_either_normal_form() -> None:
    """Composed and decomposed letters are the same passphrase."""
    salt = os.urandom(16)
    left, right = (passphrase_key(text, salt, CHEAPEST, b"x") for text in ("\u00e9", "e\u0301"))
    assert left == right
