"""The address a server listens on: chosen, bound, and named as clients write it."""

from __future__ import annotations

import errno
import os
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

from secretctl.errors import ConfigError, UsageError
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.server.guarding import bracketed
from secretctl.store.inputs import open_input

if TYPE_CHECKING:
    from ssl import SSLContext

_BACKLOG = 2048
_LARGEST_PORT = 65535
_EXAMPLE = "--listen 127.0.0.1:8123"


class Address(NamedTuple):
    """An IP address and a port."""

    ip: IPv4Address | IPv6Address
    port: int
    """0 takes a free one."""

    def __str__(self) -> str:
        """Write it as in a URL."""
        return f"{bracketed(str(self.ip))}:{self.port}"


def parse(text: str) -> Address:
    """Return the address that ``127.0.0.1:8123`` or ``[::1]:8123`` names.

    Names are not looked up: what one means is for others to change.

    Raises:
        UsageError: It is none.
    """
    host, _, port = text.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    try:
        ip = ip_address(host[1:-1] if is_bracketed else host)
        number = int(port) if port.isascii() and port.isdigit() else -1
    except ValueError:
        raise UsageError("the address is not IP:PORT, names are not looked up", _EXAMPLE) from None
    if (ip.version == 6) != is_bracketed:  # noqa: PLR2004 IPv6
        raise UsageError("an IPv6 address stands in brackets", "--listen [::1]:8123")
    if not 0 <= number <= _LARGEST_PORT:
        raise UsageError("the port is not a number up to 65535", _EXAMPLE)
    return Address(ip, number)


def bound(address: Address) -> socket.socket:
    """Return a socket that listens there; connections wait from now on.

    Raises:
        ConfigError: The system refuses.
    """
    family = socket.AF_INET if address.ip.version == 4 else socket.AF_INET6  # noqa: PLR2004 IPv4
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        found.bind((str(address.ip), address.port))
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        why = os.strerror(error.errno or 0)
        hint = "port 0 takes a free one" if error.errno == errno.EADDRINUSE else _EXAMPLE
        raise ConfigError(f"cannot listen on {address}: {why}", hint) from None
    return found


def url(listening: socket.socket, scheme: str) -> str:
    """Return the URL of the endpoint that listens there."""
    host, port = listening.getsockname()[:2]
    return f"{scheme}://{bracketed(host)}:{port}"


def tls(cert_file: str, key_file: str) -> SSLContext:
    """Return what TLS is agreed on with: 1.2 or later, and a certificate, with its chain.

    Raises:
        ConfigError: The certificate and its key cannot be used.
    """
    import ssl

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        for each in (cert_file, key_file):
            open_input(each).close()  # OpenSSL would wait for a pipe
        # NOTE: an empty password, lest OpenSSL asks for one on the terminal.
        made.load_cert_chain(cert_file, key_file, password="")
    except ssl.SSLError as error:
        mismatch = error.reason == "KEY_VALUES_MISMATCH"
        why = "the key is not the certificate's" if mismatch else "they are not PEM, or encrypted"
        raise ConfigError(
            f"the certificate and its key cannot be used: {why}", "--tls-cert FILE --tls-key FILE"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"the certificate or its key cannot be read: {error.strerror}",
            "--tls-cert FILE --tls-key FILE",
        ) from None
    return made
