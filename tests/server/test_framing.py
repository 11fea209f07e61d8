"""Where requests begin and end, however the bytes of them arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.server.framing import MOST_BODY_BYTES, MOST_HEAD_BYTES, Framing, RefusedError

BODIES = st.lists(st.binary(max_size=60), min_size=1, max_size=4)
CUTS = st.lists(st.integers(min_value=1, max_value=40), max_size=60)


def request(body: bytes) -> bytes:
    """Return a request with that body."""
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def pieces(whole: bytes, cuts: list[int]) -> list[bytes]:
    """Cut *whole* into pieces of those sizes, and the rest."""
    found = []
    for size in cuts:
        found.append(whole[:size])
        whole = whole[size:]
    return [each for each in [*found, whole] if each]


@given(bodies=BODIES, cuts=CUTS)
def test_nothing_depends_on_how_it_arrives(bodies: list[bytes], cuts: list[int]) -> None:
    """All of it is passed on, none of a head before the whole of it, and each request counts."""
    whole = b"".join(map(request, bodies))
    framing, passed = Framing(), b""
    for piece in pieces(whole, cuts):
        passed += framing.feed(piece)
        assert whole.startswith(passed)
    assert passed == whole
    assert framing.is_between
    assert framing.begun == len(bodies)


@given(data=st.binary(max_size=400), cuts=CUTS)
def test_what_is_no_request_is_never_passed_on(data: bytes, cuts: list[int]) -> None:
    """Arbitrary bytes are refused, or waited with; whichever way they arrive."""
    framing = Framing()
    for piece in pieces(data, cuts):
        try:
            assert framing.feed(piece) == b""
        except RefusedError:
            return


@given(name=st.binary(max_size=12), value=st.binary(max_size=12))
def test_a_header_is_refused_or_means_what_its_bytes_say(name: bytes, value: bytes) -> None:
    """No byte of a header can end it early, or make another one of it."""
    head = b"GET / HTTP/1.1\r\nHost: a\r\n" + name + b": " + value + b"\r\n\r\n"
    try:
        passed = Framing().feed(head)
    except RefusedError:
        return
    assert passed == head
    assert head.count(b"\n") == 4
    assert not set(name + value) & {*range(9), *range(10, 32), 127}


def test_limits_are_exact() -> None:
    """The largest head and body pass; a byte more does not."""
    line = b"GET / HTTP/1.1\r\nHost: a\r\nX: "
    fits = line + b"a" * (MOST_HEAD_BYTES - len(line))
    assert Framing().feed(fits + b"\r\n\r\n") == fits + b"\r\n\r\n"
    for more in (fits + b"a\r\n\r\n", fits + b"aaaaa"):
        with pytest.raises(RefusedError) as caught:
            Framing().feed(more)
        assert caught.value.status == 431
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
    assert Framing().feed(head % MOST_BODY_BYTES)
    with pytest.raises(RefusedError):
        Framing().feed(head % (MOST_BODY_BYTES + 1))
