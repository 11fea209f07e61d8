"""An endpoint: uvicorn with our application, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import sys
from importlib.util import find_spec
from ssl import SSLContext
from threading import Thread
from time import sleep
from typing import Any, Self

from uvicorn import Config, Server

from secretctl.server.app import App, Options
from secretctl.server.asking import Keeper
from secretctl.server.connections import Connections, Limits, guarded
from secretctl.server.handshaking import secured
from secretctl.server.keeping import Follow, Release, VaultKeeper
from secretctl.server.refusals import Refusals
from secretctl.server.turns import Turns
from secretctl.server.work import Turn, Worker, at_once
from secretctl.service.serving import Serving
from secretctl.service.session import Session

_START_S = 0.01
_SPARE_FILES = 128
"""Descriptors for all that is no connection."""

_TURN_S = 0.001
"""For how long the vault's thread keeps that of the connections waiting, or the other way round."""


def nothing(_: object, _operation: object, _parameters: object, _answer: object) -> None:
    """Do nothing."""


def as_it_is(_answer: object) -> None:
    """Let an answer go out."""


class Endpoint:
    """Serves on one socket, HTTP in a thread of its own, the vault in the thread that opened it.

    Within its block somebody must be at `work`, until that says that it has ended.
    """

    def __init__(
        self,
        listening: socket.socket,
        options: Options,
        limits: Limits,
        tls: SSLContext | None = None,
    ) -> None:
        """Prepare it.

        Args:
            listening: Where; it is closed with the endpoint.
            options: What is served to whom.
            limits: What it bears.
            tls: With certificate and key; without, it is plain HTTP.
        """
        self._socket = listening
        self._options = options
        self._refusals = Refusals()
        self._worker = Worker(limits.waiting, options.troubled)
        self._connections = Connections(limits)
        app = App(options, self._worker, self._connections, self._refusals)
        self._server = _server(app, self._connections, tls)
        self._thread = Thread(target=self._run, name="endpoint", daemon=True)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections.open)

    @property
    def drain_s(self) -> int:
        """How long what is being done may take once it is told to stop."""
        return self._connections.limits.drain_s

    def __enter__(self) -> Self:
        """Begin to take requests; they wait until somebody answers."""
        self._thread.start()
        return self

    def __exit__(self, kind: object = None, *_: object) -> None:
        """End; where nobody answers any more because of an error, who waits is told so."""
        self._wait_for_start()
        if kind is None:
            self.stop()
        else:
            self.give_up()
        self._thread.join()

    def leave(self) -> None:
        """Close its socket, and let the thread end by itself, for which it takes a while."""
        self._wait_for_start()
        for each in self._server.servers:
            each.get_loop().call_soon_threadsafe(each.close)
        self.stop()

    def keeper(
        self,
        session: Session,
        serving: Serving,
        follow: Follow = nothing,
        release: Release = as_it_is,
    ) -> VaultKeeper:
        """Return what `work` answers from; of the thread that opened the vault of *session*.

        Args:
            session: Of whoever opened the vault.
            serving: Over that session.
            follow: Does what an operation that answered has begun; others wait for it.
            release: Is shown each answer before it goes out, and may refuse by raising.
        """
        return VaultKeeper(session, serving, self._refusals, follow, release)

    def turns(self) -> Turns:
        """Return what has pieces of work done by whoever is at `work`."""
        return Turns(self._worker.put)

    def work(self, keeper: Keeper, turn: Turn = at_once) -> bool:
        """Answer until the end, or until told to `pause`; the thread can go on with it later.

        Args:
            keeper: What it answers from.
            turn: How what touches the vault is done, where this is another thread than its own.

        Returns:
            False where another vault is in the place of this one: open that, and answer from it.
        """
        return self._worker.run(keeper, turn)

    def pause(self) -> None:
        """Let `work` return once what waits is answered; from any thread."""
        self._worker.stop()

    def give_up(self) -> None:
        """Take no more requests, and answer those that came that it cannot be done."""
        self.stop()
        self._worker.give_up()

    def stop(self) -> None:
        """Take no more requests, and answer those that came; from any thread, or signal handler.

        The second time they are given up.
        """
        self._server.force_exit = self._server.should_exit
        self._server.should_exit = True

    def _wait_for_start(self) -> None:
        """See that it has begun: uvicorn forgets its application where it ends before that."""
        while self._thread.is_alive() and not self._server.started:
            sleep(_START_S)

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except BaseException as error:  # noqa: BLE001 a thread has nobody above it
            self._options.troubled(error)
        finally:
            self._worker.stop()


class _Server(Server):
    """Uvicorn's, which takes what was sent by the time it is told to end."""

    late_s = 0.0

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End as ever, once connections that waited are accepted, and what they sent is read.

        NOTE: closing the socket first would reset them, with requests in them that were whole.
        """
        if not self.force_exit:
            await asyncio.sleep(self.late_s)
        await super().shutdown(sockets)


def _server(app: App, connections: Connections, tls: SSLContext | None) -> Server:
    _say_nothing()
    http = guarded(_protocol(), connections)
    config = Config(
        app=app,
        http=http if tls is None else secured(http, tls, connections),
        ws="none",
        interface="asgi3",
        lifespan="on",
        workers=1,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=connections.limits.idle_s,
        timeout_graceful_shutdown=connections.limits.drain_s,
    )
    made = _Server(config)
    made.late_s = connections.limits.late_s
    return made


def take_turns() -> None:
    """Let the threads of this process take turns as fast as requests come in."""
    sys.setswitchinterval(_TURN_S)


def room_for(connections: int) -> int:
    """Let this process have so many files open, as far as it may; return for how many it holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _SPARE_FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(connections, max(1, soft - _SPARE_FILES))


def _protocol() -> type[Any]:
    """Return the faster of uvicorn's protocol classes, if what it needs is installed."""
    if find_spec("httptools"):
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

        return HttpToolsProtocol
    from uvicorn.protocols.http.h11_impl import H11Protocol

    return H11Protocol


def _say_nothing() -> None:
    """Keep uvicorn from writing what a client sent, or a traceback; what matters, we say."""
    logger = logging.getLogger("uvicorn")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
