"""Connections: how many there are, and how long each may take.

`guarded` puts `Framing` before the parser that uvicorn brings, and answers by itself what does not
get past it. Neither that parser nor uvicorn bounds how slowly a client sends or reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol, cast

from secretctl.record import NamedTuple
from secretctl.server import protocol
from secretctl.server.framing import Framing, RefusedError
from secretctl.server.gathering import Gathered

_LINGER_S = 2.0
"""How long what a client still sends is thrown away, so that it gets to read why."""


class Limits(NamedTuple):
    """What one server bears."""

    connections: int = 2048
    request_s: float = 20.0
    """From the first byte of a request to the last one of its body."""

    reading_s: float = 30.0
    """How long a client may leave an answer lying."""

    idle_s: int = 65
    """Between two requests, and before the first."""

    drain_s: int = 10
    """For requests that are being answered when it ends."""

    late_s: float = 0.1
    """For what was sent before it was told to end, and lies in the system's queues yet."""

    waiting: int = 1024
    """Requests that wait for the vault."""


class Peer(Protocol):
    """One of the connections."""

    heard_at: float
    """When something came last, by the loop's clock."""

    @property
    def is_silent(self) -> bool:
        """Whether no answer is due, or on its way."""

    def give_way(self) -> None:
        """Close it at once, and count it no more."""

    def look(self, now: float) -> None:
        """Close it if its time is up."""


class Connections:
    """All connections of a server."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.open: set[Peer] = set()

    def admits(self) -> bool:
        """Tell whether there is room for one more.

        Of those that no answer is due to, the one that has been silent longest gives way: whoever
        opens connections and sends nothing that is answered keeps nobody out.
        """
        if len(self.open) < self.limits.connections:
            return True
        silent = [each for each in self.open if each.is_silent]
        if silent:
            min(silent, key=lambda each: each.heard_at).give_way()
        return bool(silent)

    async def sweep(self, every_s: float = 0.5) -> None:
        """Close connections whose time is up; runs until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(every_s)
            for connection in list(self.open):
                connection.look(loop.time())


class Guard(asyncio.Protocol):
    """One connection: stands before one of uvicorn's protocol classes, see `guarded`."""

    peers: Connections
    """All of the server's; uvicorn has a set of its own under the plainer name."""

    loop: asyncio.AbstractEventLoop
    heard_at: float
    """When something came last, by the loop's clock."""

    transport: asyncio.Transport
    cycle: Any
    """The request that is answered, or was last."""

    beneath: asyncio.Transport | None = None
    """What carries TLS, where there is; it may hold what that has sent."""

    closed_when_answered: Callable[[], None]
    """uvicorn's end of a connection."""

    _unset_keepalive_if_required: Callable[[], None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let uvicorn have the connection, if there is room."""
        given = cast("asyncio.Transport", transport)  # uvloop has classes of its own
        self._framing = Framing()
        self._is_heard = self._is_over = False
        self.heard_at = self.loop.time()
        self._began: float | None = self.loop.time()
        self._ends: float | None = None
        self._unread_since: float | None = None
        self._is_admitted = self.peers.admits()
        if self._is_admitted:
            self.peers.open.add(self)
            super().connection_made(cast("asyncio.Transport", Gathered(given, self.loop)))
        else:
            given.write(_refusal(RefusedError(503, "there are too many connections")))
            given.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.peers.open.discard(self)
        if self._is_admitted:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass on what is sound."""
        if self._is_over or not self._is_admitted:
            return
        self._unset_keepalive_if_required()
        self._is_heard = True
        self.heard_at = self.loop.time()
        before = self._framing.begun
        try:
            passed = self._framing.feed(data)
        except RefusedError as refused:
            self._refuse(refused)
            return
        if self._framing.is_between:
            self._began = None
        elif self._framing.begun != before:
            self._began = self.loop.time()
        if passed:
            super().data_received(passed)

    def eof_received(self) -> bool:
        """Still answer a client that says that it sends no more."""
        if not self._is_admitted:
            return False
        if self._is_answering and self.transport.can_write_eof():
            self.closed_when_answered()
            return True
        self.transport.close()  # behind an answer that is gathered yet
        return False

    def shutdown(self) -> None:
        """Close the connection once what is due is answered; uvicorn calls this where it ends."""
        is_asked = self.cycle and not self.cycle.response_complete
        if is_asked or self._is_unread:
            self.closed_when_answered()
        else:
            self.give_way()

    @property
    def is_silent(self) -> bool:
        """Whether no answer is due, or on its way."""
        return not (self._is_answering or self._is_unread)

    @property
    def _is_unread(self) -> bool:
        """Whether the client has not taken all that was sent."""
        transports = (self.transport, self.beneath)
        return any(each is not None and each.get_write_buffer_size() for each in transports)

    def give_way(self) -> None:
        """Close the connection, and count it no more."""
        self._is_over = True
        self.peers.open.discard(self)
        self.transport.abort()  # TLS would wait for the other end's farewell

    @property
    def _is_answering(self) -> bool:
        cycle = self.cycle
        return bool(cycle) and not cycle.response_complete and not cycle.more_body

    def look(self, now: float) -> None:
        """Close the connection if its time is up."""
        limits = self.peers.limits
        began_s = 0.0 if self._began is None else now - self._began
        if self._ends is not None and now > self._ends:
            self.transport.abort()
        elif self._is_heard and began_s > limits.request_s:
            self._refuse(RefusedError(408, "the request took too long"))
        elif began_s > limits.idle_s:
            self.transport.close()
        if not self._is_unread:
            self._unread_since = None
        elif self._unread_since is None:
            self._unread_since = now
        elif now - self._unread_since > limits.reading_s:
            self.transport.abort()

    def _refuse(self, refused: RefusedError) -> None:
        """Answer what cannot be understood, unless an answer is due before."""
        self._is_over = True
        self._began = None
        if self._is_answering:
            self.closed_when_answered()
            return
        self.transport.write(_refusal(refused))
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._ends = self.loop.time() + _LINGER_S
        else:
            self.transport.close()


def guarded(base: type[Any], connections: Connections) -> type[Any]:
    """Return uvicorn's protocol class *base* with `Guard` before it."""
    given = {"peers": connections, "closed_when_answered": base.shutdown}
    return type("Guarded", (Guard, base), given)


def _refusal(refused: RefusedError) -> bytes:
    answer = protocol.refusal(refused)
    lines = [
        f"HTTP/1.1 {refused.status} {HTTPStatus(refused.status).phrase}".encode(),
        b"content-type: " + answer.content_type,
        b"content-length: %d" % len(answer.body),
        *(b"%s: %s" % header for header in answer.headers),
        b"connection: close",
    ]
    return b"\r\n".join([*lines, b"", answer.body])
