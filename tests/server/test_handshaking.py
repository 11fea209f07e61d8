"""Endpoints with TLS: connections are counted, and end, before there is any HTTP on them."""

import gc
import os
import socket
import time
from asyncio.sslproto import SSLProtocol
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import uvicorn

from secretctl.errors import ConfigError
from secretctl.server import endpoint
from secretctl.server.connections import Limits
from secretctl.server.listening import tls
from tests.conftest import World, world_in
from tests.server.certificates import certificate
from tests.server.served import READY, WAIT_S, Served, create, received, serving, status_of

MOST = 8
LIMITS = Limits(connections=MOST, request_s=0.3)
TOKEN = b"token-of-the-agent"
READ = b"GET /v1/a HTTP/1.1\r\nHost: localhost\r\nX-Vault-Token: %s\r\n\r\n" % TOKEN
PING = b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each of the loops that uvicorn may have."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            endpoint, "Config", lambda **given: uvicorn.Config(**given, loop=request.param)
        )
        yield


@pytest.fixture(scope="module")
def secured(
    loop: None,  # noqa: ARG001 of which it is
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """An endpoint with TLS."""
    folder = tmp_path_factory.mktemp("secured")
    with serving(world_in(folder / "home"), LIMITS, certificate(folder)) as served:
        yield served
    assert served.troubles == []


def ended(connection: socket.socket) -> bool:
    """Wait until the other end has closed what is beneath TLS; tell whether it has."""
    with socket.socket(fileno=os.dup(connection.fileno())) as plain:
        plain.settimeout(WAIT_S / 2)
        try:
            while plain.recv(4096):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
    return True


def rest(connection: socket.socket, after: socket.socket) -> bytes:
    """Return what comes until the other end closes, once it has closed *after*; close it too."""
    assert ended(after)
    found = b""
    with connection:
        while part := connection.recv(65536):
            found += part
    return found


def test_who_says_nothing_keeps_nobody_out(secured: Served) -> None:
    """Connections without a handshake count like others; the longest silent is closed."""
    with ExitStack() as stack:
        silent = [stack.enter_context(secured.connect_plainly()) for _ in range(3 * MOST)]
        assert secured.status(READY) == 200
        assert secured.endpoint.connections <= MOST
        assert ended(silent[0])


def test_who_is_closed_to_make_room_is_not_waited_for(secured: Served) -> None:
    """A farewell of TLS would leave a descriptor to whoever answers none."""
    with ExitStack() as stack:
        first = stack.enter_context(secured.connect())
        first.sendall(PING)
        assert status_of(received(first)) == 200  # else the next may be accepted before it is done
        for _ in range(MOST):
            stack.enter_context(secured.connect())
        assert ended(first)


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01"])
def test_a_handshake_has_a_limit_of_time(secured: Served, said: bytes) -> None:
    """As a request has."""
    with secured.connect_plainly() as connection:
        began = time.monotonic()
        connection.sendall(said)
        assert ended(connection)
        assert time.monotonic() - began < WAIT_S / 4


def test_what_is_no_tls_is_closed(secured: Served) -> None:
    """And so is who leaves in the middle."""
    with secured.connect_plainly() as connection:
        connection.sendall(PING)
        assert ended(connection)
    secured.connect_plainly().close()
    secured.wait_until_quiet()


def test_what_is_sent_with_the_end_of_a_handshake_is_answered(secured: Served) -> None:
    """Many times, for it is a matter of turns; in pieces as well."""
    for _ in range(10):
        assert secured.status(PING) == 200
    with secured.connect() as connection:
        for each in (PING[:1], PING[1:], PING):
            connection.sendall(each)
        answers = b""
        while answers.count(b"healthy") < 2:
            answers += connection.recv(4096)


def test_nothing_is_kept_of_a_connection_that_has_ended(secured: Served) -> None:
    """What TLS has for each would be there until Python looks for garbage: 256 KiB."""
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            secured.connect_plainly().close()
            secured.connect().close()
            assert secured.status(PING) == 200
            with secured.connect_plainly() as connection:
                connection.sendall(PING)
        secured.wait_until_quiet()
        ends = time.monotonic() + WAIT_S / 4
        while secured_protocols() and time.monotonic() < ends:
            pass  # the loop is about to forget the last one
        assert not secured_protocols()
    finally:
        gc.enable()


def secured_protocols() -> int:
    """Return how many connections with TLS there are in memory."""
    return sum(isinstance(each, SSLProtocol) for each in gc.get_objects())


@pytest.mark.usefixtures("loop")
def test_the_end_waits_for_answers_and_for_no_farewell(world: World, tmp_path: Path) -> None:
    """An idle client reads none; one that reads slowly gets all of its answer."""
    with ExitStack() as stack:
        with serving(world, certificate=certificate(tmp_path), token=TOKEN) as served:
            create(world, "a", "\x01" * 65536)
            # Of a connection what its listener had: the system takes no whole answer.
            served.endpoint._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            idle, slow = (stack.enter_context(served.connect()) for _ in range(2))
            idle.sendall(PING)
            received(idle)
            slow.sendall(READ)
            answer = slow.recv(100)
            reading = stack.enter_context(ThreadPoolExecutor()).submit(rest, slow, idle)
            began = time.monotonic()
        assert time.monotonic() - began < Limits().drain_s / 2
        assert (answer + reading.result()).count(b"\\u0001") == 65536


def test_a_pipe_is_no_certificate(tmp_path: Path) -> None:
    """Nobody is waited for who might write one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="it is a pipe, not a regular file"):
        tls(str(pipe), str(pipe))
