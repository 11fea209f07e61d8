"""Requests as no client sends them, by raw sockets, to each parser that uvicorn may bring."""

import json
import socket
import time
from contextlib import suppress

import pytest

from tests.server.conftest import SHORT, TOKEN
from tests.server.served import WAIT_S, Served, create, received, status_of

HOST = b"Host: 127.0.0.1\r\n"
JSON = b"Content-Type: application/x-amz-json-1.1\r\n"
TARGET = b"X-Amz-Target: secretsmanager.ListSecrets\r\n"
PING = b"GET /ping HTTP/1.1\r\n" + HOST


def post(headers: bytes = b"", body: bytes = b"{}", start: bytes = b"POST / HTTP/1.1\r\n") -> bytes:
    """Return a request that lacks a signature only."""
    length = b"Content-Length: %d\r\n" % len(body)
    return start + HOST + JSON + TARGET + length + headers + b"\r\n" + body


def test_what_is_sound_passes(either: Served) -> None:
    """Health is told, and a request without a signature is refused as AWS refuses it."""
    assert either.raw(PING + b"\r\n").endswith(b"\r\n\r\nhealthy")
    answer = either.raw(post())
    assert status_of(answer) == 400
    assert b"MissingAuthenticationTokenException" in answer


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Content-Length: 2\r\nContent-Length: 2\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Content-Length: 2, 2\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 1_0\r\n",
        b"Content-Length: \xb2\r\n",
        b"Content-Length:\r\n",
        b"Content-Length: 2\r\n folded\r\n",
        b"X-A: b\r\n\tfolded\r\n",
        b"X-A: b\nX-B: c\r\n",
        b"X-A: b\rX-B: c\r\n",
        b"X-A: \x00\r\n",
        b"X-A\x00: b\r\n",
        b"X A: b\r\n",
        b"X-A : b\r\n",
        b": b\r\n",
        b"no colon\r\n",
        b"Expect: 100-continue\r\n",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
        b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_and_the_connection_closed(
    either: Served, headers: bytes
) -> None:
    """Lengths, codings, folding, bare ends of lines, NUL: 400, nothing behind it is looked at."""
    sent = b"POST / HTTP/1.1\r\n" + HOST + JSON + headers + b"\r\n{}" + PING + b"\r\n"
    with either.connect() as connection:
        connection.sendall(sent)
        answer = received(connection)
        assert status_of(answer) == 400
        assert b"connection: close" in answer
        assert connection.recv(100) == b""


@pytest.mark.parametrize("name", [b"Transfer-Encoding", b"Expect", b"Upgrade"])
def test_what_no_client_of_aws_asks_for_is_refused_by_name(either: Served, name: bytes) -> None:
    """Before the parser sees it, whatever it asks for."""
    answer = either.raw(PING + name + b": anything\r\n\r\n")
    assert status_of(answer) == 400
    assert answer.endswith(b'{"__type":"BadRequest","message":"%s is not served"}' % name)


@pytest.mark.parametrize(
    "start",
    [
        b"GET /ping\r\n",
        b"GET  /ping HTTP/1.1\r\n",
        b"GET /ping HTTP/1.2\r\n",
        b"GET /ping HTTP/2\r\n",
        b"GET /p ing HTTP/1.1\r\n",
        b"GET /p\xffng HTTP/1.1\r\n",
        b"get /ping HTTP/1.1\r\n",
        b"\r\nGET /ping HTTP/1.1\r\n",
        b"PRI * HTTP/2.0\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
    ],
)
def test_a_request_line_of_another_protocol_is_refused(either: Served, start: bytes) -> None:
    """HTTP/0.9, HTTP/2's preface, TLS, blanks and bytes that no path has: 400."""
    assert either.status(start + HOST + b"\r\n") == 400


@pytest.mark.parametrize(
    "head",
    [
        b"GET /ping HTTP/1.1\r\nHost: evil.test\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost.evil\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost.\r\n",
        b"GET /ping HTTP/1.1\r\nHost: evil@127.0.0.1\r\n",
        b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1:1:2\r\n",
        b"GET /ping HTTP/1.1\r\nHost: 127.1\r\n",
        b"GET /ping HTTP/1.1\r\nHost: \r\n",
        b"GET /ping HTTP/1.1\r\n",
        PING + HOST,
        PING + b"Host: evil.test\r\n",
        b"GET http://127.0.0.1/ping HTTP/1.1\r\n" + HOST,
        b"GET http://evil.test/ping HTTP/1.1\r\n" + HOST,
        b"CONNECT evil.test:443 HTTP/1.1\r\n" + HOST,
        b"OPTIONS * HTTP/1.1\r\n" + HOST,
        PING + b"Origin: https://evil.test\r\n",
        PING + b"Origin: null\r\n",
        PING + b"Sec-Fetch-Site: cross-site\r\n",
        PING + b"Sec-Fetch-Site: same-origin\r\n",
    ],
)
def test_a_request_of_a_web_page_or_to_another_name_is_refused(either: Served, head: bytes) -> None:
    """Host, absolute targets, Origin, Sec-Fetch-Site: 403, and no header of CORS."""
    answer = either.raw(head + b"\r\n")
    assert status_of(answer) == 403
    assert b"access-control" not in answer.lower()


@pytest.mark.parametrize("host", [b"localhost", b"LOCALHOST:1", b"127.0.0.1:80", b"[::1]:2773"])
def test_names_of_the_loopback_interface_are_served(either: Served, host: bytes) -> None:
    """With any port: a container may be given another."""
    assert either.status(b"GET /ping HTTP/1.1\r\nHost: " + host + b"\r\n\r\n") == 200


@pytest.mark.parametrize("kind", [b"text/plain", b"application/x-www-form-urlencoded", b""])
def test_a_form_that_a_page_may_send_unasked_is_refused(either: Served, kind: bytes) -> None:
    """Of another Content-Type, or none: 403."""
    head = b"POST / HTTP/1.1\r\n" + HOST + TARGET + b"Content-Length: 2\r\n"
    given = b"Content-Type: " + kind + b"\r\n" if kind else b""
    assert either.status(head + given + b"\r\n{}") == 403


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"TRACE"])
def test_operations_are_posted_alone(either: Served, method: bytes) -> None:
    """Anything else: 405."""
    sent = post(start=method + b" / HTTP/1.1\r\n")
    with either.connect() as connection:
        connection.sendall(sent)
        assert status_of(connection.recv(4096)) == 405


@pytest.mark.parametrize("path", [b"/ping", b"/ready", b"/metrics", b"/secretsmanager/get"])
def test_what_is_read_is_not_posted_to(either: Served, path: bytes) -> None:
    """A preflight neither: 405, and of the agent's path 403 without its token."""
    sent = b"OPTIONS " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n"
    assert either.status(sent) == (403 if b"get" in path else 405)


@pytest.mark.parametrize(
    "target",
    [
        b"secretsmanager.listSecrets",
        b"secretsmanager.Nothing",
        b"dynamodb.ListSecrets",
        b"ListSecrets",
        b"",
        b"secretsmanager.",
    ],
)
def test_an_unknown_operation_is_told_as_aws_tells_it(either: Served, target: bytes) -> None:
    """Another case, another service's prefix, none at all: UnknownOperationException."""
    sent = post().replace(b"secretsmanager.ListSecrets", target)
    answer = either.raw(sent)
    assert answer.endswith(b'\r\n\r\n{"__type":"UnknownOperationException"}')
    assert b"x-amzn-errortype: UnknownOperationException" in answer


def test_too_large_bodies_and_heads_are_refused(either: Served) -> None:
    """Before they are there: 413 and 431."""
    head = b"POST / HTTP/1.1\r\n" + HOST + JSON
    assert either.status(head + b"Content-Length: %d\r\n\r\n" % (300 * 1024 + 1)) == 413
    assert either.status(head + b"Content-Length: 99999999999999999999\r\n\r\n") == 413
    assert either.status(PING + b"X-A: " + b"a" * 40_000) == 431
    assert (
        either.status(PING + b"".join(b"X-%d: a\r\n" % each for each in range(101)) + b"\r\n")
        == 431
    )
    assert either.status(PING + b"".join(b"X-%d: a\r\n" % each for each in range(10_000))) == 431


@pytest.mark.parametrize(
    ("sent", "code", "word"),
    [
        (post(b"Connection: close\r\n", b"a" * 300 * 1024 + b"a"), "RequestEntityTooLarge", "body"),
        (post().replace(HOST, b"Host: vault\r\n"), "Forbidden", "--allow-host"),
        (post().replace(JSON, b""), "Forbidden", "x-amz-json-1.1"),
        (post(start=b"PUT / HTTP/1.1\r\n"), "MethodNotAllowed", "method"),
        (post(b"Transfer-Encoding: chunked\r\n"), "BadRequest", "Transfer-Encoding"),
    ],
)
def test_an_sdk_can_read_why_a_request_was_refused(
    either: Served, sent: bytes, code: str, word: str
) -> None:
    """It has an error's name and sentence, where a text would fail as JSON in some SDKs."""
    with either.connect() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        head, _, body = received(connection).partition(b"\r\n\r\n")
    assert b"content-type: application/x-amz-json-1.1\r\n" in head + b"\r\n"
    assert f"x-amzn-errortype: {code}".encode() in head
    said = json.loads(body)
    assert said["__type"] == code
    assert word in said["message"]


def test_what_is_still_sent_does_not_take_the_answer_away(either: Served) -> None:
    """A client that goes on sending for a moment still reads why it was refused."""
    with either.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 10000000\r\n\r\n")
        for _ in range(20):
            connection.sendall(b"a" * 10_000)
        assert status_of(received(connection)) == 413


def test_a_request_that_never_ends_is_given_up(either: Served) -> None:
    """In its head or in its body: 408 and the end."""
    unfinished = (
        b"GET /pi",
        PING,
        post()[:-1],
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 300000\r\n\r\n" + b"a" * 100_000,
    )
    connections = [either.connect() for _ in unfinished]
    for connection, sent in zip(connections, unfinished, strict=True):
        connection.sendall(sent)
    for connection in connections:
        assert status_of(received(connection)) == 408
        assert connection.recv(1) == b""
        connection.close()


def test_a_byte_now_and_then_gains_no_time(either: Served) -> None:
    """The limit is for the whole request, in head and body."""
    body = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n"
    slow = [either.connect() for _ in range(2)]
    began, answers = time.monotonic(), [b"", b""]
    for connection, begin in zip(slow, (PING, body), strict=True):
        connection.settimeout(0.1)
        connection.sendall(begin)
    while not all(answers) and time.monotonic() - began < WAIT_S:
        for place, connection in enumerate(slow):
            with suppress(TimeoutError, BrokenPipeError):
                connection.send(b"X")
                answers[place] += connection.recv(4096)
    assert [status_of(each) for each in answers] == [408, 408]
    assert time.monotonic() - began < 5
    for connection in slow:
        connection.close()


def test_many_requests_of_one_connection_are_answered_in_order(either: Served) -> None:
    """Sent at once, in one piece and byte by byte; one that is broken ends it after the others."""
    with either.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(PING + b"\r\n" + post() + PING + b"\r\n")
        answers = b""
        while answers.count(b"HTTP/1.1") < 3 or not answers.endswith(b"healthy"):
            answers += connection.recv(65536)
        assert [status_of(b"HTTP/1.1" + each) for each in answers.split(b"HTTP/1.1")[1:]] == [
            200,
            400,
            200,
        ]
        for byte in PING + b"\r\n":
            connection.sendall(bytes([byte]))
        assert received(connection).endswith(b"healthy")
        connection.sendall(PING + b"\r\n" + b"broken\r\n\r\n")
        whole = received(connection)
        while part := connection.recv(65536):
            whole += part
        assert whole.startswith(b"HTTP/1.1 200") or status_of(whole) == 400


def test_a_client_that_has_said_all_is_still_answered(either: Served) -> None:
    """One that closes its side behind a whole request; behind half of one it is not."""
    create(either.world, "asked", "answered")
    ask = b"GET /v1/asked HTTP/1.1\r\n" + HOST + b"X-Vault-Token: " + TOKEN + b"\r\n\r\n"
    for sent, is_answered in ((ask, True), (ask[:-1], False)):
        with either.connect() as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            assert (b"answered" in received(connection)) is is_answered
            assert connection.recv(1) == b""


def test_an_answer_that_is_there_at_once_is_not_lost_by_a_client_that_has_said_all(
    either: Served,
) -> None:
    """Its end may come before the answer has left."""
    for _ in range(40):
        with either.connect() as connection:
            connection.sendall(PING + b"\r\n")
            connection.shutdown(socket.SHUT_WR)
            assert received(connection).endswith(b"healthy")


def test_a_client_that_reads_nothing_is_given_up(either: Served) -> None:
    """What it asked for is not kept for it for ever."""
    large = "a" * 60_000
    create(either.world, "large", large)
    ask = b"GET /v1/large HTTP/1.1\r\n" + HOST + b"X-Vault-Token: " + TOKEN + b"\r\n\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", either.port))
        connection.sendall(ask * 200)
        assert connection.recv(1) == b"H"
        began = time.monotonic()
        while either.endpoint.connections and time.monotonic() - began < WAIT_S:
            time.sleep(0.1)
        assert either.endpoint.connections == 0
        assert time.monotonic() - began > SHORT.reading_s


def test_a_thousand_connections_are_served(either: Served) -> None:
    """All open at once, all answered; for one above the limit, the first of them gives way."""
    connections = [either.connect() for _ in range(1100)]
    first, *others = connections
    try:
        first.sendall(PING + b"\r\n")
        answers = [received(first)]
        time.sleep(0.05)
        for each in others:
            each.sendall(PING + b"\r\n")
        answers += [received(each) for each in others]
        assert sum(each.endswith(b"healthy") for each in answers) == 1100
        assert either.status(PING + b"\r\n") == 200
        assert first.recv(1) == b""
        others[-1].sendall(PING + b"\r\n")
        assert received(others[-1]).endswith(b"healthy")
    finally:
        for each in connections:
            each.close()
    began = time.monotonic()
    while either.endpoint.connections and time.monotonic() - began < WAIT_S:
        time.sleep(0.01)
    assert either.endpoint.connections == 0


@pytest.mark.parametrize("sent", [b"", b"P", post()[:-1]])
def test_who_has_sent_no_whole_request_gives_way(either: Served, sent: bytes) -> None:
    """However many such connections are opened meanwhile, those who ask are answered."""
    connections = [either.connect() for _ in range(SHORT.connections)]
    try:
        for each in connections:
            each.sendall(sent)
        for _ in range(3):
            assert either.status(PING + b"\r\n") == 200
            connections.append(either.connect())
        assert either.endpoint.connections <= SHORT.connections
    finally:
        for each in connections:
            each.close()


def test_a_client_that_leaves_is_nobodys_trouble(either: Served) -> None:
    """In the middle of a head, of a body, before the answer."""
    for sent in (b"POST /", post()[:-1], post(), PING + b"\r\n"):
        for _ in range(20):
            with either.connect() as connection:
                connection.sendall(sent)
    assert either.raw(PING + b"\r\n").endswith(b"healthy")
    assert either.troubles == []
