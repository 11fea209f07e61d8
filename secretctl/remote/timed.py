"""An answer whose head comes in time: the standard library bounds each part, and no number of them.

Whoever answers ``100 Continue``, or a byte of a header, now and then would be waited for for ever.
"""

from __future__ import annotations

from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from time import monotonic

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from socket import socket

    from _typeshed import WriteableBuffer


class TimedResponse(HTTPResponse):
    """A response; its head, and what goes before it, may take as long as one part of the rest."""

    def __init__(
        self, sock: socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        """Begin to wait for what *sock* brings, by its limit of time."""
        super().__init__(sock, debuglevel, method, url)
        limit_s = sock.gettimeout()
        self._head = None if limit_s is None else _Head(self.fp.detach(), sock, limit_s)
        if self._head is not None:
            self.fp = BufferedReader(self._head)

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        if self._head is not None:
            self._head.ends = None


class _Head(RawIOBase):
    """What a socket brings, until an end."""

    def __init__(self, raw: RawIOBase, sock: socket, limit_s: float) -> None:
        self._raw = raw
        self._sock = sock
        self._limit_s = limit_s
        self.ends: float | None = monotonic() + limit_s
        """None once the head is there."""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read what is there next; raises TimeoutError at the end."""
        if self.ends is None:
            return self._raw.readinto(buffer)
        left_s = self.ends - monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._sock.settimeout(left_s)
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(self._limit_s)

    def close(self) -> None:
        """Give the socket back."""
        self._raw.close()
        super().close()
