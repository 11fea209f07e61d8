"""Other ends of a connection: a vault that speaks AWS's protocol, and servers that misbehave."""

import base64
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from secretctl.cli import making
from secretctl.errors import ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Member, Shape
from secretctl.service.dispatch import call
from secretctl.service.opening import begin
from secretctl.service.session import Session
from tests.conftest import World, world_in

ACCESS_KEY = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}


class Seen(NamedTuple):
    """A request, as it arrived."""

    port: int
    """Of the other end: the same for all requests of one connection."""

    path: str
    headers: dict[str, str]
    body: bytes


class Peer:
    """A server on a free port of this machine, and the requests it has seen."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[Seen] = []


class Canned(NamedTuple):
    """An answer that is given whatever was asked."""

    status: int
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()


def refused(code: str, message: str = "", status: int = 400) -> Canned:
    """Return the answer in which AWS refuses."""
    return Canned(status, json.dumps({"__type": code, "Message": message}).encode())


Answering = Callable[[Seen], Canned]


@contextmanager
def answering(answer: Answering, certificate: "Certificate | None" = None) -> Iterator[Peer]:
    """Serve HTTP, over TLS with *certificate*; *answer* is called in the thread of the server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            port = self.client_address[1]
            seen = Seen(port, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            peer.seen.append(seen)
            said = answer(seen)
            self.send_response(said.status)
            for name, value in (*said.headers, ("Content-Length", str(len(said.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST  # noqa: N815 likewise

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if certificate is not None:
            scheme = "https"
            server.socket = certificate.context().wrap_socket(server.socket, server_side=True)
        peer = Peer(f"{scheme}://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield peer
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def saying(*answers: Canned) -> Iterator[Peer]:
    """Serve these answers, one after the other, and the last again and again."""
    left = list(answers)
    with answering(lambda _: left.pop(0) if left[1:] else left[0]) as peer:
        yield peer


@contextmanager
def breaking(*behaviours: Callable[[socket.socket], None]) -> Iterator[Peer]:
    """Serve sockets that misbehave, one connection each; the last again and again."""
    left = list(behaviours)
    with socket.create_server(("127.0.0.1", 0)) as server:
        peer = Peer(f"http://127.0.0.1:{server.getsockname()[1]}")
        is_over = threading.Event()

        def serve() -> None:
            while True:
                connection, (_, port) = server.accept()
                with connection:
                    if is_over.is_set():
                        return
                    peer.seen.append(Seen(port, "", {}, b""))
                    connection.settimeout(10)
                    (left.pop(0) if left[1:] else left[0])(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield peer
        finally:
            is_over.set()
            socket.create_connection(server.getsockname()).close()
            thread.join()


@contextmanager
def vault(home: Path, certificate: "Certificate | None" = None) -> Iterator[Peer]:
    """Serve a vault of another machine, by AWS's protocol; who asks is not looked at."""
    sessions: list[Session] = []
    try:
        with answering(_of_vault(world_in(home), sessions), certificate) as peer:
            yield peer
    finally:
        for each in sessions:
            each.close()


def _of_vault(other: World, sessions: list[Session]) -> Answering:
    """Return what answers from a new vault, which is opened in the thread that answers."""

    def answer(seen: Seen) -> Canned:
        if not sessions:
            made = making.make_vault(other.directory, other.context).vault
            sessions.append(begin(other.context, made, "us-east-1"))
        operation = BY_NAME[seen.headers["x-amz-target"].removeprefix("secretsmanager.")]
        parameters = _received(operation.input, json.loads(seen.body))
        try:
            result = call(sessions[0], operation, parameters)
        except ServiceError as error:
            return refused(error.code, error.message)
        return Canned(200, json.dumps(result, default=_written).encode())

    return answer


def _received(members: tuple[Member, ...], found: dict[str, Any]) -> dict[str, object]:
    shapes = {member.name: member.shape for member in members}
    return {name: _value(shapes[name], each) for name, each in found.items()}


def _value(shape: Shape, found: Any) -> object:
    return base64.b64decode(found) if shape.kind == "blob" else found


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return value.timestamp()
    assert isinstance(value, bytes)
    return base64.b64encode(value).decode()


class Certificate(NamedTuple):
    """Of a server at 127.0.0.1, with that of the authority that signed it."""

    file: Path
    """Certificate and key of the server."""

    authority: Path

    def context(self) -> ssl.SSLContext:
        """Return what the server is started with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context


DAY = timedelta(days=1)
_SIGNS = x509.KeyUsage(
    **dict.fromkeys(("digital_signature", "content_commitment", "key_encipherment"), False),
    **dict.fromkeys(("data_encipherment", "key_agreement", "encipher_only"), False),
    decipher_only=False,
    key_cert_sign=True,
    crl_sign=True,
)
"""What the key of an authority is for: Python trusts no other from 3.13 on (VERIFY_X509_STRICT)."""


def certified(
    folder: Path,
    address: str = "127.0.0.1",
    *,
    ends_in: timedelta = DAY,
    is_loose: bool = False,
) -> Certificate:
    """Make an authority, which says what it is for if not *is_loose*, and a certificate by it."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _signed(
        "authority", authority_key, "authority", authority_key, None if is_loose else _SIGNS
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    server = _signed("server", key, "authority", authority_key, names, ends_in=ends_in)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    made = Certificate(folder / "server.pem", folder / "authority.pem")
    made.file.write_bytes(server.public_bytes(serialization.Encoding.PEM) + private)
    made.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return made


def _signed(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    purpose: x509.KeyUsage | x509.SubjectAlternativeName | None,
    *,
    ends_in: timedelta = DAY,
) -> x509.Certificate:
    now = datetime.now(UTC)
    is_authority = not isinstance(purpose, x509.SubjectAlternativeName)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + ends_in)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(above, critical=False)
        .add_extension(own, critical=False)
    )
    if purpose is not None:
        builder = builder.add_extension(purpose, critical=is_authority)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
