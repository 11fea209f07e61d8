"""A provider of API keys, on a free port of this machine: keeps keys, and refuses others."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.remote.peers import Certificate

Reply = Callable[[BaseHTTPRequestHandler], None]


class Provider:
    """The keys, and what came in. A reply in `next_replies` is given in the place of its own."""

    def __init__(self) -> None:
        self.keys = {"1": "key-1"}
        self.names: dict[str, str] = {}
        self.made = 1
        self.most = 2
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.next_replies: list[Reply | None] = []
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        length = int(handler.headers.get("Content-Length") or 0)
        self.bodies.append(handler.rfile.read(length))
        self.asked.append(f"{handler.command} {handler.path}")
        self.headers.append(dict(handler.headers))
        instead = self.next_replies.pop(0) if self.next_replies else None
        if instead is not None:
            instead(handler)
            return
        key = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
        if key not in self.keys.values():
            reply(handler, 401, {"error": f"{key} is not a key"})
        elif handler.command == "POST":
            self._make(handler)
        elif handler.command == "DELETE":
            name = handler.path.rpartition("/")[2]
            reply(handler, 204 if self.keys.pop(name, None) else 404, None)
        elif handler.path == "/keys":
            listed = [{"id": each, "name": self.names.get(each)} for each in self.keys]
            reply(handler, 200, {"data": listed})
        else:
            reply(handler, 200, {"me": "app"})

    def _make(self, handler: BaseHTTPRequestHandler) -> None:
        if len(self.keys) == self.most:
            reply(handler, 409, {"error": "there are two"})
            return
        self.made += 1
        self.keys[str(self.made)] = f"key-{self.made}"
        self.names[str(self.made)] = self.bodies[-1].decode()
        new = {"id": self.made, "secret": f"key-{self.made}"}
        reply(handler, 201, {"data": [new]})


def reply(handler: BaseHTTPRequestHandler, status: int, said: object, **headers: str) -> None:
    """Answer with JSON; None for an answer without a body."""
    body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if status != 204:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if status != 204:
        handler.wfile.write(body)


def replying(status: int, said: object, **headers: str) -> Reply:
    """Return what answers so; see `reply`."""
    return lambda handler: reply(handler, status, said, **headers)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: of who goes away, or trusts nobody."""


@contextmanager
def serving(certificate: Certificate | None = None) -> Iterator[Provider]:
    """Have a provider, as long as it is needed; over TLS with *certificate*."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return lambda: provider.answer(self)
            raise AttributeError(name)

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        server.socket = certificate.context().wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    provider.url = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
