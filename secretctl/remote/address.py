"""The URL of an endpoint, and whether what it answers may be sent over the network as it is."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from secretctl.errors import ConfigError
from secretctl.record import NamedTuple

_PORTS = {"http": 80, "https": 443}
_LONGEST = 2048
_EXAMPLE = "for example https://secretsmanager.eu-west-1.amazonaws.com"
_PLAIN = (
    "a signature keeps a request from being altered; the answer, with the values in it, could be "
    "read on the way"
)


class Address(NamedTuple):
    """Where an endpoint is."""

    scheme: str
    """``https`` or ``http``."""

    host: str
    """Name or address, without brackets."""

    port: int
    path: str
    """Begins with a slash."""

    @property
    def is_loopback(self) -> bool:
        """Whether nothing that is sent there leaves this machine."""
        return is_loopback(self.host)

    @property
    def authority(self) -> str:
        """The header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """All of it, as messages say it."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse(url: str, *, may_be_plain: bool) -> Address:
    """Return where *url* points.

    Args:
        url: As it was given; no message repeats it, for it may hold a password.
        may_be_plain: Whether ``http://`` may leave this machine.

    Raises:
        ConfigError: It is no URL of an endpoint, or nothing would be encrypted on the way.
    """
    parts = _split(url)
    host, port = parts.hostname, _port(parts)
    if parts.scheme not in _PORTS or not host or port == 0:
        raise ConfigError(
            "the URL of the endpoint does not begin with https://HOST or http://HOST", _EXAMPLE
        )
    if "@" in parts.netloc:
        raise ConfigError(
            "the URL of the endpoint holds a user or a password, which nobody would be sent",
            "credentials are those of AWS: AWS_ACCESS_KEY_ID or --profile NAME",
        )
    if parts.query or parts.fragment:
        raise ConfigError("the URL of the endpoint has something behind its path", _EXAMPLE)
    address = Address(parts.scheme, host, port or _PORTS[parts.scheme], parts.path or "/")
    if parts.scheme == "http" and not address.is_loopback and not may_be_plain:
        raise ConfigError(
            "the endpoint is reached over http, which encrypts nothing",
            _PLAIN,
            "take https://, or say --allow-http if the network between is your own",
        )
    return address


def is_loopback(host: str) -> bool:
    """Tell whether *host* is this machine by its very name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:  # another name
        return False


def _split(url: str) -> SplitResult:
    is_clean = url.isascii() and url.isprintable() and " " not in url and len(url) <= _LONGEST
    try:
        if is_clean:
            return urlsplit(url)
    except ValueError:  # brackets, for one
        pass
    raise ConfigError("the URL of the endpoint is none", _EXAMPLE)


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return 0
