"""TLS, agreed on within the number of connections and the time that a server has for them.

uvicorn is handed a connection only once that is done. Whoever connects and says nothing, or half of
what it takes, would hold a descriptor that nobody counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from functools import partial
from ssl import SSLContext
from typing import Any, cast

from secretctl.server.connections import Connections, Guard


class Handshake(asyncio.Protocol):
    """One connection until its TLS is agreed on; then `Guard` is told of it. See `secured`."""

    make: type[Any]
    tls: SSLContext
    peers: Connections
    is_silent = True

    def __init__(self, **given: Any) -> None:
        """Prepare for a connection; *given* is what uvicorn tells each of its protocols."""
        self._given = given
        self._others = given["server_state"].connections
        self._loop = asyncio.get_running_loop()
        self.heard_at = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, if there is room."""
        self._transport = cast("asyncio.Transport", transport)
        if not self.peers.admits():
            self._transport.abort()
            return
        self.peers.open.add(self)
        self._others.add(self)
        early = _Early()
        made = self._loop.start_tls(self._transport, early, self.tls, server_side=True)
        self._task = self._loop.create_task(self._agree(_Begun(made), early))

    def give_way(self) -> None:
        """Close the connection, and count it no more."""
        self._forget()
        self._transport.abort()

    shutdown = give_way
    """For uvicorn, where it ends: nothing was asked yet."""

    def look(self, now: float) -> None:
        """Close the connection if its time is up."""
        if now - self.heard_at > self.peers.limits.request_s:
            self.give_way()

    def _forget(self) -> None:
        self.peers.open.discard(self)
        self._others.discard(self)

    async def _agree(self, begun: _Begun, early: _Early) -> None:
        try:
            made = await begun
        except OSError as error:  # also what is no TLS
            error.__traceback__ = None  # its frames hold it, and all that TLS needs
            self._transport.abort()
            return
        finally:
            self._forget()
        if made is None or made.is_closing():  # it gave way meanwhile
            return
        guard = self.make(**self._given)
        guard.beneath = self._transport
        made.set_protocol(guard)
        guard.connection_made(made)
        early.pass_on(guard)


def secured(base: type[Any], tls: SSLContext, connections: Connections) -> type[Any]:
    """Return what goes before *base*, a class of `guarded`, where there is TLS."""
    given = {"make": base, "tls": tls, "peers": connections}
    return type("Secured", (Handshake,), given)


class _Begun:
    """A coroutine that has gone as far as to where it first waits, and is awaited later.

    A task would begin with it in the next turn of the loop. uvloop may have read by then, and what
    it read would be lost.
    """

    def __init__(self, coroutine: Coroutine[Any, None, asyncio.Transport | None]) -> None:
        self._coroutine = coroutine
        self._waits_for = coroutine.send(None)

    def __await__(self) -> Generator[Any, None, asyncio.Transport | None]:
        """Go on with it."""
        waits_for, step = self._waits_for, partial(self._coroutine.send, None)
        while True:
            try:
                yield waits_for
                going_on = step
            except BaseException as error:  # noqa: BLE001 it is for the coroutine
                going_on = partial(self._coroutine.throw, error)
            try:
                waits_for = going_on()
            except StopIteration as done:
                return cast("asyncio.Transport | None", done.value)


class _Early(asyncio.Protocol):
    """Keeps what comes before anybody is there for it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._lost: list[Exception | None] = []

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self._parts.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember it."""
        self._lost.append(exc)

    def pass_on(self, guard: Guard) -> None:
        """Tell *guard* of all that came."""
        if self._parts:
            guard.data_received(b"".join(self._parts))
        for each in self._lost:
            guard.connection_lost(each)
