"""Whatever bytes come back: a result, AWS's error, or that it is no answer. Nothing else."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretctl.errors import EndpointError, ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.remote import calling
from secretctl.remote.address import parse
from secretctl.remote.calling import Remote
from secretctl.remote.connection import Connection, Reach
from tests.conftest import World
from tests.remote import peers

PIECES = [
    *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 \r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    *(b"HTTP/1.1 400 Bad\r\n", b"HTTP/1.1 503 x\r\n", b"HTTP/9.9 999 x\r\n", b"HTTP/1.1 -1 x\r\n"),
    *(b"HTTP/1.1 204 x\r\n\r\n", b"HTTP/1.1 304 x\r\n\r\n", b"HTTP/1.1 101 x\r\n\r\n"),
    *(b"Content-Length: 2\r\n", b"Content-Length: -1\r\n", b"Content-Length: 9e9\r\n", b": \r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Connection: close\r\n"),
    *(b"\r\n", b"\n", b"\0", b" x\r\n", b"A:\r\n b\r\n", b"2\r\n{}\r\n0\r\n\r\n", b"fffffffff\r\n"),
    *(b"{}", b'{"SecretString": "v"}', b'{"__type": "X"}', b'{"__type": 7}', b"[", b"\xff\xfe"),
    *(b'{"CreatedDate": 1e308}', b'{"CreatedDate": -1e11}', b'{"SecretString": "\\ud800"}'),
]
BYTES = st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=7).map(b"".join)


class Mouth:
    """A server that says what it was told to, whoever asks."""

    said = b""

    def __call__(self, there: socket.socket) -> None:
        """Read a request, and answer."""
        received = b""
        while not received.endswith(b"}"):
            received += there.recv(65536)
        there.sendall(self.said)


@pytest.fixture(scope="module")
def mouth() -> Iterator[tuple[Mouth, str]]:
    """The server, and where it is."""
    made = Mouth()
    with peers.breaking(made) as peer:
        yield made, peer.url


@given(said=BYTES)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_answer_is_read_or_refused(said: bytes, mouth: tuple[Mouth, str], world: World) -> None:
    """No other exception comes of it."""
    server, url = mouth
    server.said = said
    connection = Connection(parse(url, may_be_plain=False), Reach(connect_s=5, read_s=5))
    remote = Remote(connection, "us-east-1", None, world.context, lambda _: None)
    try:
        result = calling.call(remote, BY_NAME["GetSecretValue"], {"SecretId": "a"})
    except (EndpointError, ServiceError):
        pass
    else:
        assert result.keys() <= {"SecretString", "CreatedDate"}
    finally:
        connection.close()
