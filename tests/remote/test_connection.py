"""A connection: what breaks it, what keeps it, and whom it trusts."""

import os
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from secretctl.errors import ConfigError, EndpointError
from secretctl.remote.address import parse
from secretctl.remote.connection import Connection, Reach
from secretctl.remote.proxies import Proxy
from tests.remote import peers
from tests.remote.peers import Canned, Certificate

Behaviour = Callable[[socket.socket], None]
SHORT = Reach(connect_s=30, read_s=0.2)


def exchange(url: str, reach: Reach = SHORT) -> bytes:
    """Post something to *url* and return what comes back."""
    connection = Connection(parse(url, may_be_plain=True), reach)
    try:
        return connection.exchange({"Host": "h"}, b"{}").body
    finally:
        connection.close()


def after_the_request(*parts: bytes) -> Behaviour:
    """Return what reads a request, answers with *parts* and closes."""

    def behave(there: socket.socket) -> None:
        received = b""
        while not received.endswith(b"{}"):
            received += there.recv(4096)
        for part in parts:
            there.sendall(part)

    return behave


def hang(there: socket.socket) -> None:
    """Answer nothing until the other end has gone."""
    while there.recv(4096):
        pass


def forever(first: bytes, part: bytes) -> Behaviour:
    """Return what answers a bit now and then, for long, and never all of it."""

    def behave(there: socket.socket) -> None:
        there.recv(4096)
        there.sendall(first)
        with suppress(ConnectionError):
            for _ in range(150):
                there.sendall(part)
                time.sleep(0.05)

    return behave


BEGINNING = b"HTTP/1.1 200 OK\r\n"
CUT = "Connection was closed before we received a valid response from endpoint URL: "
TIMEOUT = "Read timeout on endpoint URL: "
BROKEN: dict[str, tuple[Behaviour, str]] = {
    "nothing": (after_the_request(), CUT),
    "closed at once": (lambda _: None, CUT),
    "half a line": (after_the_request(b"HTTP/1.1 2"), CUT),
    "no HTTP": (after_the_request(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), CUT),
    "half a body": (after_the_request(BEGINNING, b"Content-Length: 20\r\n\r\n{}"), CUT),
    "half a chunk": (
        after_the_request(BEGINNING, b"Transfer-Encoding: chunked\r\n\r\n20\r\n{}"),
        CUT,
    ),
    "endless headers": (after_the_request(BEGINNING, b"A: b\r\n" * 1000, b"\r\n"), CUT),
    "an endless line": (after_the_request(BEGINNING, b"A: " + b"b" * 100_000), CUT),
    "always more to come": (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), TIMEOUT),
    "a header without an end": (forever(BEGINNING + b"A: ", b"b"), TIMEOUT),
    "silence": (hang, TIMEOUT),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_answer_is_told_in_the_words_of_aws(name: str) -> None:
    """With the URL, and as something that may be over in a moment."""
    behaviour, sentence = BROKEN[name]
    with peers.breaking(behaviour) as peer:
        began = time.monotonic()
        with pytest.raises(EndpointError) as caught:
            exchange(peer.url)
        assert time.monotonic() - began < 5
    assert caught.value.message.startswith(f'{sentence}"{peer.url}/"')
    assert caught.value.is_passing


def test_where_nobody_listens_there_is_no_connection() -> None:
    """The sentence is AWS's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    for each in (url, "http://nowhere.invalid"):
        with pytest.raises(EndpointError) as caught:
            exchange(each)
        assert caught.value.message == f'Could not connect to the endpoint URL: "{each}/"'


def test_a_connection_that_does_not_come_about_is_given_up() -> None:
    """A server whose queue is full answers nobody: that ends after the limit."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        place = server.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.settimeout(0)
            each.connect_ex(place)
        with pytest.raises(EndpointError, match="Connect timeout on endpoint URL"):
            exchange(f"http://127.0.0.1:{place[1]}", Reach(connect_s=0.2))
        for each in waiting:
            each.close()


def test_an_answer_has_a_largest_size() -> None:
    """More is not read, however much is sent."""
    small = SHORT._replace(largest=1000)
    with peers.saying(Canned(200, b"x" * 1000), Canned(200, b"x" * 1001)) as peer:
        assert len(exchange(peer.url, small)) == 1000
        with pytest.raises(EndpointError, match="larger than any has to be"):
            exchange(peer.url, small)


def test_after_a_failure_there_is_another_connection() -> None:
    """What comes too late is no answer to the next request."""
    good = after_the_request(BEGINNING, b"Content-Length: 2\r\n\r\n{}")
    with peers.breaking(hang, good) as peer:
        connection = Connection(parse(peer.url, may_be_plain=False), SHORT)
        with pytest.raises(EndpointError):
            connection.exchange({"Host": "h"}, b"{}")
        assert connection.exchange({"Host": "h"}, b"{}").body == b"{}"
        connection.close()


def test_a_connection_that_was_dropped_is_made_again() -> None:
    """Between two requests the other end may close: the second is none the worse for it."""
    once = after_the_request(BEGINNING, b"Content-Length: 2\r\n\r\n{}")
    with peers.breaking(once) as peer:
        connection = Connection(parse(peer.url, may_be_plain=False), SHORT)
        for _ in range(3):
            assert connection.exchange({"Host": "h"}, b"{}").body == b"{}"
            time.sleep(0.05)
        connection.close()
        assert len({each.port for each in peer.seen}) == 3


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Of 127.0.0.1, signed by an authority that no system knows."""
    return peers.certified(tmp_path_factory.mktemp("authority"))


def served(certificate: Certificate, reach: Reach) -> bytes:
    """Post something over TLS and return what comes back."""
    with peers.answering(lambda _: Canned(200, b"{}"), certificate) as peer:
        return exchange(peer.url, reach)


def test_a_certificate_is_verified_unless_that_is_declined(certificate: Certificate) -> None:
    """Signed by an authority that is named it is taken, and not without."""
    assert served(certificate, SHORT._replace(ca_bundle=str(certificate.authority))) == b"{}"
    assert served(certificate, SHORT._replace(verifies=False)) == b"{}"
    with pytest.raises(EndpointError, match=r"^SSL validation failed for https://127") as caught:
        served(certificate, SHORT)
    assert not caught.value.is_passing
    assert "--ca-bundle" in caught.value.hints[0]


def test_a_certificate_of_another_host_is_none(tmp_path: Path) -> None:
    """A trusted authority is not enough."""
    other = peers.certified(tmp_path, "127.0.0.2")
    with pytest.raises(EndpointError, match=r"SSL validation failed.*127.0.0.1") as caught:
        served(other, SHORT._replace(ca_bundle=str(other.authority)))
    assert "--endpoint-url" in caught.value.hints[0]


def test_a_certificate_that_has_ended_is_none(tmp_path: Path) -> None:
    """No other authority would help."""
    old = peers.certified(tmp_path, ends_in=-peers.DAY / 2)
    with pytest.raises(EndpointError, match="certificate has expired") as caught:
        served(old, SHORT._replace(ca_bundle=str(old.authority)))
    assert "--ca-bundle" not in caught.value.hints[0]


def test_an_authority_that_does_not_say_that_it_signs_is_told(tmp_path: Path) -> None:
    """As Python verifies from 3.13 on; another file of authorities would not help."""
    loose = peers.certified(tmp_path, is_loose=True)
    with peers.answering(lambda _: Canned(200, b"{}"), loose) as peer:
        reach = SHORT._replace(ca_bundle=str(loose.authority))
        connection = Connection(parse(peer.url, may_be_plain=False), reach)
        assert connection._tls is not None
        connection._tls.verify_flags |= ssl.VERIFY_X509_STRICT
        with pytest.raises(EndpointError, match="SSL validation failed") as caught:
            connection.exchange({"Host": "h"}, b"{}")
    assert not caught.value.is_passing
    assert "keyUsage=critical,keyCertSign" in caught.value.hints[0]


def test_authorities_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """No file, a pipe that nobody writes, or a file without one: nothing is connected to."""
    (tmp_path / "empty").write_text("no certificate")
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (
        *(("none", "No such file or directory"), ("empty", "no certificate")),
        ("pipe", "it is a pipe, not a regular file"),
    ):
        with pytest.raises(ConfigError, match=f"the CA bundle cannot be read: .*{reason}"):
            exchange("https://127.0.0.1:1", Reach(ca_bundle=str(tmp_path / name)))


def test_no_tls_where_tls_is_spoken_is_told() -> None:
    """A server of plain http that is asked by https breaks off; asking again would not help."""
    with (
        peers.saying(Canned(200)) as peer,
        pytest.raises(EndpointError, match="SSL validation") as caught,
    ):
        exchange(peer.url.replace("http://", "https://"))
    assert not caught.value.is_passing
    assert caught.value.hints[0].startswith("what answers there speaks no TLS")


def test_no_answer_to_plain_http_names_tls(certificate: Certificate) -> None:
    """A server of TLS that is asked by http breaks off; by https that would be no explanation."""
    with (
        peers.answering(lambda _: Canned(200, b"{}"), certificate) as peer,
        pytest.raises(EndpointError, match="Connection was closed") as caught,
    ):
        exchange(peer.url.replace("https://", "http://"))
    assert caught.value.hints[0].endswith("speaks TLS: --endpoint-url https://HOST:PORT")


def test_a_proxy_is_told_where_to_connect_to() -> None:
    """TLS goes through it: it learns the host, and its own password; nothing else."""
    heads: list[bytes] = []

    def relay(there: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += there.recv(1)
        heads.append(head)
        there.sendall(b"HTTP/1.1 407 No\r\n\r\n")

    with peers.breaking(relay) as through:
        port = int(through.url.rpartition(":")[2])
        proxy = Proxy("127.0.0.1", port, "Basic dTpw")
        with pytest.raises(EndpointError) as caught:
            exchange("https://vault.example.com/x", SHORT._replace(proxy=proxy))
    assert caught.value.message == f'Failed to connect to proxy URL: "{through.url}"'
    assert heads[0].startswith(b"CONNECT vault.example.com:443 HTTP/1.")
    assert b"Proxy-Authorization: Basic dTpw" in heads[0]
    assert b"/x" not in heads[0]


def test_plain_http_goes_through_a_proxy_with_its_whole_url() -> None:
    """The proxy is asked for it."""
    with peers.saying(Canned(200, b"{}")) as through:
        proxy = Proxy("127.0.0.1", int(through.url.rpartition(":")[2]), "Basic dTpw")
        assert exchange("http://vault.example.com/x", SHORT._replace(proxy=proxy)) == b"{}"
        assert through.seen[0].path == "http://vault.example.com/x"
        assert through.seen[0].headers["proxy-authorization"] == "Basic dTpw"
