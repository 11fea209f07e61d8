"""An HTTP request, as far as a signature is about it."""

from __future__ import annotations

from collections.abc import Iterable

from secretctl.record import NamedTuple


class Request(NamedTuple):
    """What was sent, or is to be. Its ``repr`` shows neither headers nor body."""

    method: str
    path: str
    """As on the wire, percent-encoded, without the query."""

    query: str
    """As on the wire, without the question mark."""

    headers: tuple[tuple[str, str], ...]
    """Names in any case, and values, in the order in which they are sent."""

    body: bytes

    def __repr__(self) -> str:
        """Name the method alone."""
        return f"<request {self.method}>"


def received(
    method: str,
    path: bytes,
    query: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes,
) -> Request:
    """Return a request whose parts are the bytes that were received.

    Whoever signs a header that is not ASCII signs its UTF-8, and sends that or Latin-1.
    """
    return Request(
        method,
        _text(path),
        _text(query),
        tuple((_text(name), _text(value)) for name, value in headers),
        body,
    )


def _text(given: bytes) -> str:
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError:
        return given.decode("latin-1")
