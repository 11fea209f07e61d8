"""An endpoint that runs within the tests' process, and raw talk to it."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

from secretctl.cli import making, opening
from secretctl.cli.serving_rotations import Rotations
from secretctl.domain.credential import Given
from secretctl.model.operations import BY_NAME
from secretctl.server.app import Options
from secretctl.server.connections import Limits
from secretctl.server.endpoint import Endpoint
from secretctl.server.listening import bound, parse, tls
from secretctl.service.dispatch import call
from secretctl.service.opening import begin
from secretctl.vault.vault import Vault
from tests.conftest import World, token

WAIT_S = 20.0
READY = b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Served:
    """A running endpoint."""

    def __init__(self, world: World, endpoint: Endpoint, port: int) -> None:
        self.world = world
        self.endpoint = endpoint
        self.port = port
        self.troubles: list[BaseException] = []
        self.trusted: ssl.SSLContext | None = None
        """What a client of an endpoint with TLS takes for that."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def wait_until_quiet(self) -> None:
        """Wait until no connection is open."""
        ends = time.monotonic() + WAIT_S
        while self.endpoint.connections and time.monotonic() < ends:
            time.sleep(0.01)
        assert self.endpoint.connections == 0

    def connect(self) -> socket.socket:
        """Return a new connection, with TLS where the endpoint has it."""
        connection = self.connect_plainly()
        if self.trusted is None:
            return connection
        return self.trusted.wrap_socket(connection, server_hostname="localhost")

    def connect_plainly(self) -> socket.socket:
        """Return a new connection on which nothing was said."""
        return socket.create_connection(("127.0.0.1", self.port), WAIT_S)

    def raw(self, sent: bytes) -> bytes:
        """Send bytes and return what comes until the server closes, or answers nothing more."""
        with self.connect() as connection:
            connection.sendall(sent)
            return received(connection)

    def status(self, sent: bytes) -> int:
        """Return the status of the answer to *sent*; 0 where the connection was closed on it."""
        return status_of(self.raw(sent))


def received(connection: socket.socket) -> bytes:
    """Return one whole answer, or what came until the connection was closed."""
    whole = b""
    while not _is_whole(whole):
        try:
            part = connection.recv(65536)
        except ConnectionError:
            break
        if not part:
            break
        whole += part
    return whole


def status_of(answer: bytes) -> int:
    """Return the status of an answer."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def create(world: World, name: str, value: str) -> dict[str, object]:
    """Make a secret by another session, as another process would."""
    vault = opening.open_vault(world.directory, world.context)
    session = begin(world.context, vault, "us-east-1")
    try:
        given: dict[str, object] = {
            "Name": name,
            "SecretString": value,
            "ClientRequestToken": token(),
        }
        return call(session, BY_NAME["CreateSecret"], given)
    finally:
        session.close()


def _opened(world: World, given: Given | None) -> Vault:
    if given is None:
        return opening.open_vault(world.directory, world.context)
    return opening.open_as_principal(world.directory, given, world.context, opening.UNNAMED)


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(lengths) and len(body) >= int(lengths[0].partition(b":")[2])


@contextmanager
def serving(
    world: World,
    limits: Limits | None = None,
    certificate: tuple[str, str] | None = None,
    given: Given | None = None,
    **options: Any,
) -> Iterator[Served]:
    """Serve a vault of *world*, a new one if there is none; with a certificate, by TLS.

    Its owner does, or whoever has the credential that is *given*.
    """
    if not opening.is_there(world.directory):
        making.make_vault(world.directory, world.context).vault.close()
    listening = bound(parse("127.0.0.1:0"))
    troubles: list[BaseException] = []
    chosen = Options(world.context, troubles.append, **options)
    with_tls = None if certificate is None else tls(*certificate)
    endpoint = Endpoint(listening, chosen, limits or Limits(), with_tls)
    served = Served(world, endpoint, listening.getsockname()[1])
    if certificate is not None:
        served.trusted = ssl.create_default_context(cafile=certificate[0])
    served.troubles = troubles

    def answer() -> None:
        session = begin(world.context, _opened(world, given), "us-east-1")
        try:
            Rotations(troubles.append, has_schedule=False).answer(endpoint, session, given)
        finally:
            session.close()

    thread = Thread(target=answer)
    with closing(listening), endpoint:
        thread.start()
        ends = time.monotonic() + WAIT_S
        while served.status(READY) != 200:
            assert time.monotonic() < ends
            time.sleep(0.01)
        yield served
    thread.join(WAIT_S)
    assert not thread.is_alive()
