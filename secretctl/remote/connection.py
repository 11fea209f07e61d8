"""One kept-alive connection to an endpoint: bytes there, bytes back, and limits on both."""

from __future__ import annotations

import select
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from os.path import isdir
from socket import SHUT_RDWR, socket

from secretctl.errors import ConfigError, EndpointError
from secretctl.record import NamedTuple
from secretctl.remote.address import Address
from secretctl.remote.proxies import Proxy
from secretctl.remote.timed import TimedResponse
from secretctl.store.inputs import open_input

TIMEOUT_S = 60.0
"""Of connecting, and of each wait for a part of the answer: AWS's."""

_LARGEST = 16 << 20
"""Bytes of an answer: twenty values of 64 KiB, each character escaped, are half of it."""

_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
"""What OpenSSL says of an answer that is no TLS, by its release."""

_SPEAKS_HTTP = "what answers there speaks no TLS: --endpoint-url http://HOST:PORT, if it is plain"
_MAY_SPEAK_TLS = "if what listens there speaks TLS: --endpoint-url https://HOST:PORT"
_OTHER_TIME, _OTHER_HOST = (9, 10), (62, 64)
"""Why a certificate does not hold: not yet, or not any more; the name, or the address."""

_NO_USAGE, _NO_IDENTIFIER = 92, (85, 86)
"""The same, as Python verifies from 3.13 on: an authority does not say what its key is for; a
certificate does not say whose key signed it, or an authority which key is its own."""


class Reach(NamedTuple):
    """How an endpoint is reached."""

    connect_s: float | None = TIMEOUT_S
    """None: no limit."""

    read_s: float | None = TIMEOUT_S
    verifies: bool = True
    """Whether the certificate is."""

    ca_bundle: str = ""
    """File or folder of certificates of authorities; empty for those of the system."""

    proxy: Proxy | None = None
    largest: int = _LARGEST
    """Bytes of an answer."""


class Answer(NamedTuple):
    """What came back. Its ``repr`` shows nothing of the body."""

    status: int
    body: bytes

    def __repr__(self) -> str:
        """Show the status alone."""
        return f"<answer {self.status}>"


class Connection:
    """To one endpoint; made where it is first used, and again where the other end has closed it."""

    def __init__(self, address: Address, reach: Reach) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigError: The certificates of the authorities cannot be read.
        """
        self.address = address
        self._reach = reach
        self._tls = _tls(reach) if address.scheme == "https" else None
        self._http: HTTPConnection | None = None

    def exchange(self, headers: dict[str, str], body: bytes, method: str = "POST") -> Answer:
        """Send *body* with exactly these headers, the length aside, and return what comes back.

        Raises:
            EndpointError: Nothing came back, or more than any answer has.
        """
        if self._http is not None and self._is_dropped(self._http):
            self.close()
        try:
            if self._http is None:
                self._http = self._connected()
            return self._exchanged(self._http, headers, body, method)
        except BaseException:
            self.close()
            raise

    def cut(self) -> None:
        """End what another thread waits for; that closes the connection."""
        sock = None if self._http is None else self._http.sock
        if sock is not None:
            with suppress(OSError):
                socket.shutdown(
                    sock, SHUT_RDWR
                )  # beneath TLS, which the other thread has a hold of

    def close(self) -> None:
        """Give the connection back."""
        if self._http is not None:
            self._http.close()
            self._http = None

    @staticmethod
    def _is_dropped(http: HTTPConnection) -> bool:
        """Tell whether the other end has closed it, or says what nobody asked for."""
        if http.sock is None:
            return True
        ready = select.poll()  # select itself knows no descriptor beyond 1,023
        ready.register(http.sock, select.POLLIN)
        return bool(ready.poll(0))

    def _connected(self) -> HTTPConnection:
        http = self._made()
        http.response_class = TimedResponse
        try:
            with self._explained(is_connecting=True):
                http.connect()
        except EndpointError as error:
            error.is_sent = False
            raise
        http.sock.settimeout(self._reach.read_s)
        return http

    def _made(self) -> HTTPConnection:
        address, proxy, limit = self.address, self._reach.proxy, self._reach.connect_s
        host, port = (proxy.host, proxy.port) if proxy else (address.host, address.port)
        if self._tls is None:
            return HTTPConnection(host, port, timeout=limit)
        made = HTTPSConnection(host, port, timeout=limit, context=self._tls)
        if proxy:
            said = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
            made.set_tunnel(address.host, address.port, said)
        return made

    def _exchanged(
        self, http: HTTPConnection, headers: dict[str, str], body: bytes, method: str
    ) -> Answer:
        proxy, where = self._reach.proxy, self.address.path
        if proxy and self._tls is None:
            where = self.address.url
            said = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
            headers = headers | said
        with self._explained(is_connecting=False):
            http.request(method, where, body or None, headers)
            with http.getresponse() as response:
                content = response.read(self._reach.largest + 1)
                if len(content) > self._reach.largest:
                    raise EndpointError("the answer of the endpoint is larger than any has to be")
                if response.length:
                    raise ConnectionError
        return Answer(response.status, content)

    @contextmanager
    def _explained(self, *, is_connecting: bool) -> Iterator[None]:
        """Say in AWS's words why nothing came back."""
        url, proxy = self.address.url, self._reach.proxy
        try:
            yield
        except TimeoutError:
            what = "Connect" if is_connecting else "Read"
            raise EndpointError(f'{what} timeout on endpoint URL: "{url}"') from None
        except ssl.SSLCertVerificationError as error:
            raise EndpointError(
                f"SSL validation failed for {url} {error}", _hint(error), is_passing=False
            ) from None
        except ssl.SSLError as error:
            is_plain = error.reason in _NO_TLS
            hints = (_SPEAKS_HTTP,) if is_plain else ()
            raise EndpointError(
                f"SSL validation failed for {url} {error}", *hints, is_passing=not is_plain
            ) from None
        except (OSError, HTTPException, UnicodeError):
            if is_connecting and proxy:
                raise EndpointError(f'Failed to connect to proxy URL: "{proxy.url}"') from None
            if is_connecting:
                raise EndpointError(f'Could not connect to the endpoint URL: "{url}"') from None
            hints = () if self._tls else (_MAY_SPEAK_TLS,)
            raise EndpointError(
                "Connection was closed before we received a valid response from endpoint URL: "
                f'"{url}".',
                *hints,
            ) from None


def _hint(error: ssl.SSLCertVerificationError) -> str:
    """Return what to do about a certificate; the numbers are those of OpenSSL's x509_vfy.h."""
    if error.verify_code in _OTHER_HOST:
        return "a name that stands in the certificate: --endpoint-url URL"
    if error.verify_code in _OTHER_TIME:
        return "a new certificate for the endpoint, or the right time for this machine: date"
    if error.verify_code == _NO_USAGE:
        return (
            "an authority that says what it is for: openssl req -x509 -addext "
            "keyUsage=critical,keyCertSign"
        )
    if error.verify_code in _NO_IDENTIFIER:
        return "a certificate that names the key of its authority: authorityKeyIdentifier=keyid"
    return "the certificate of the authority that signed it: --ca-bundle FILE"


def _tls(reach: Reach) -> ssl.SSLContext:
    bundle = reach.ca_bundle
    is_folder = isdir(bundle)
    try:
        if bundle and not is_folder:
            open_input(bundle).close()  # OpenSSL would wait for a pipe
        context = ssl.create_default_context(
            cafile=None if is_folder else bundle or None, capath=bundle if is_folder else None
        )
    except OSError as error:  # an SSLError is one
        is_of_file = not isinstance(error, ssl.SSLError) and error.strerror
        reason = error.strerror if is_of_file else "it holds no certificate"
        raise ConfigError(
            f"the CA bundle cannot be read: {reason}", "--ca-bundle FILE, in the form PEM"
        ) from None
    if not reach.verifies:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
