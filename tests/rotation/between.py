"""What stands between a client and a server, and does something at a chosen piece of their talk."""

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

_MOST_BYTES = 1 << 16

Act = Callable[[int], None]
"""Is given the port from which the server was connected to."""


class Between:
    """Passes pieces on, one after the other, in one thread."""

    def __init__(self, port: int) -> None:
        """Begin to listen; *port*: the server's."""
        self.passed = 0
        """Pieces since `watch` was called."""

        self._server = port
        self._when = 0
        self._act: Act = _nothing
        self._others: dict[socket.socket, tuple[socket.socket, int]] = {}
        self._selector = selectors.DefaultSelector()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._end, told = socket.socketpair()
        for each in (self._listening, told):
            self._selector.register(each, selectors.EVENT_READ)
        self._told = told
        self._thread = Thread(target=self._pass, daemon=True)
        self._thread.start()

    def watch(self, when: int, act: Act) -> None:
        """Count from now; the piece *when*, from one, is not passed on: *act* is done instead."""
        self.passed, self._when, self._act = 0, when, act

    def count(self) -> None:
        """Count from now, and pass everything on."""
        self.watch(0, _nothing)

    def close(self) -> None:
        """End, with all connections."""
        self._end.close()
        self._thread.join()

    def _pass(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._told:
                    self._end_all()
                    return
                if key.fileobj is self._listening:
                    self._accept()
                elif key.fileobj in self._others:
                    self._pass_on(key.fileobj)

    def _accept(self) -> None:
        client, _ = self._listening.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._server))
        except OSError:
            client.close()
            return
        port = int(server.getsockname()[1])
        self._others |= {client: (server, port), server: (client, port)}
        for each in (client, server):
            self._selector.register(each, selectors.EVENT_READ)

    def _pass_on(self, source: socket.socket) -> None:
        target, port = self._others[source]
        try:
            piece = source.recv(_MOST_BYTES)
            self.passed += bool(piece)
            if piece and self.passed == self._when:
                self._act(port)
                piece = b""
            target.sendall(piece)
        except OSError:
            piece = b""
        if not piece:
            self._drop(source, target)

    def _drop(self, *pair: socket.socket) -> None:
        for each in pair:
            del self._others[each]
            self._selector.unregister(each)
            each.close()

    def _end_all(self) -> None:
        for each in (*self._others, self._listening, self._told):
            with suppress(OSError):
                each.close()
        self._selector.close()


def _nothing(_port: int) -> None:
    """Do nothing."""
