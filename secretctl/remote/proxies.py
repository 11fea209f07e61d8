"""Which proxy leads to an endpoint, as the variables say that curl and Python's library read.

An endpoint of this machine is never reached by one: plain http is allowed there because nothing
leaves the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, unquote, urlsplit

from secretctl.errors import ConfigError
from secretctl.record import NamedTuple
from secretctl.remote.address import Address

_PORT = 80


class Proxy(NamedTuple):
    """An HTTP proxy. Its ``repr`` shows no password."""

    host: str
    port: int
    authorization: str
    """The header ``Proxy-Authorization``; empty where nobody is to be said to ask."""

    def __repr__(self) -> str:
        """Name the proxy."""
        return f"<proxy {self.url}>"

    @property
    def url(self) -> str:
        """Where it is, without who asks."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def proxy_for(address: Address, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy that leads to *address*: ``HTTPS_PROXY`` or ``HTTP_PROXY``, ``NO_PROXY``.

    Each also in lower case, which goes first. ``HTTP_PROXY`` is not read in a CGI program, where a
    header of the client's has that name.

    Raises:
        ConfigError: What a variable says is no URL of a proxy that is reached by http.
    """
    if address.is_loopback:
        return None
    name = f"{address.scheme}_proxy"
    found = environ.get(name, "")
    if not found and not (name == "http_proxy" and "REQUEST_METHOD" in environ):
        found = environ.get(name.upper(), "")
    if not found or _is_excepted(address, environ):
        return None
    return _parsed(found, name.upper())


def _is_excepted(address: Address, environ: Mapping[str, str]) -> bool:
    """Tell whether ``NO_PROXY`` names the host, a domain above it, or a network it is in."""
    listed = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    names = [each.strip().lower().removeprefix(".") for each in listed.split(",")]
    hosts = (address.host, f"{address.host}:{address.port}")
    return any(name and (name == "*" or _is_in(hosts, name)) for name in names)


def _is_in(hosts: tuple[str, str], name: str) -> bool:
    if any(host == name or host.endswith(f".{name}") for host in hosts):
        return True
    try:
        return ip_address(hosts[0]) in ip_network(name, strict=False)
    except ValueError:  # one of them is a name
        return False


def _parsed(url: str, name: str) -> Proxy:
    hint = f"for example {name}=http://proxy.example.com:3128"
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or _PORT
    except ValueError:
        raise ConfigError(f"{name} is no URL of a proxy", hint) from None
    if parts.scheme != "http" or not parts.hostname:
        raise ConfigError(f"{name} is no URL of a proxy that is reached by http", hint)
    return Proxy(parts.hostname, port, _authorization(parts))


def _authorization(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    from base64 import b64encode

    said = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(said.encode()).decode()}"
