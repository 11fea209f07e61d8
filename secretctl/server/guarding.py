"""Whom a request may come from: not from a web page, and only to a name this server answers to.

A page in a browser can reach a server on the loopback interface, also under a name of its own that
it lets point there (DNS rebinding). It cannot leave out the headers that give it away, nor send
JSON of AWS's kind without asking first, which is refused like any other method.

See: https://fetch.spec.whatwg.org/#cors-protocol and https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from secretctl.server.framing import RefusedError

LOOPBACK_HOSTS = frozenset(("localhost", "127.0.0.1", "[::1]"))
Headers = Mapping[bytes, bytes]
"""Values by lower-case name; the last counts where one is given twice."""

_NAME = r"\[[0-9a-f:.]+\]|[a-z0-9._-]+"
_HOST = re.compile(rf"({_NAME})(?::[0-9]{{1,5}})?")
_JSON = (b"application/x-amz-json-1.1", b"application/x-amz-json-1.0")
_NO_PAGE = "requests of web pages are not served"


def check_origin(headers: Headers, hosts: frozenset[str], local: str) -> None:
    """Refuse a request that a web page may have sent.

    Args:
        headers: Of the request.
        hosts: Names this server answers to, in lower case, IPv6 addresses in brackets.
        local: The address the connection was made to, likewise; that may be named too.

    Raises:
        RefusedError: With status 403.
    """
    found = _HOST.fullmatch(headers.get(b"host", b"").decode("latin-1").lower())
    if found is None or (found[1] not in hosts and found[1] != local):
        raise RefusedError(403, "this Host is not served: see --allow-host")
    if b"origin" in headers:
        raise RefusedError(403, _NO_PAGE)
    if headers.get(b"sec-fetch-site", b"none") != b"none":
        raise RefusedError(403, _NO_PAGE)


def check_method(method: str, allowed: Iterable[str]) -> None:
    """Refuse a method that a path has not.

    Raises:
        RefusedError: With status 405.
    """
    if method not in allowed:
        raise RefusedError(405, "the method is not served here")


def check_content_type(headers: Headers) -> None:
    """Refuse a body that a page could send without asking first.

    Raises:
        RefusedError: With status 403.
    """
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind not in _JSON:
        raise RefusedError(403, "the Content-Type must be application/x-amz-json-1.1")


def is_host(name: str) -> bool:
    """Tell whether a Host header can have *name*, in lower case, before its port."""
    return re.fullmatch(_NAME, name) is not None


def bracketed(address: str) -> str:
    """Return an IP address as a Host header has it."""
    return f"[{address.lower()}]" if ":" in address else address
