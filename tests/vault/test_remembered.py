"""What records say is worked out once for as long as they are as they were."""

import pytest

from secretctl.vault.remembered import Remembered


def test_the_same_bytes_are_read_once_and_others_anew() -> None:
    """By place and bytes; what was there before is not kept."""
    remembered, made = Remembered(), []

    def make(key: bytes, stored: bytes) -> bytes:
        made.append(key + stored)
        return key + stored

    for stored in (b"1", b"1", b"2", b"2", b"1"):
        assert remembered.of(b"k", stored, make) == b"k" + stored
    assert remembered.of(b"l", b"1", make) == b"l1"
    assert made == [b"k1", b"k2", b"k1", b"l1"]
    assert len(remembered._made) == 2


def test_what_could_not_be_read_is_not_remembered() -> None:
    """It fails again, and what was known of the place stays nowhere in its stead."""
    remembered = Remembered()
    remembered.of(b"k", b"good", lambda *_: 1)

    def fail(_key: bytes, _stored: bytes) -> int:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            remembered.of(b"k", b"bad", fail)


def test_it_is_bounded() -> None:
    """Whoever asks a server names the secrets; what is large is read each time."""
    remembered = Remembered()
    remembered.of("large", bytes(1 << 13), lambda *_: 1)
    assert not remembered._made
    for number in range(5000):
        remembered.of(number, b"", lambda key, _: key)
    assert len(remembered._made) == 4096
    assert remembered.of(4999, b"", lambda *_: -1) == 4999
    assert remembered.of(0, b"", lambda *_: -1) == -1
