"""As much of a container engine as the docker command asks before it makes a container."""

import json
import socketserver
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

VERSION = "1.43"


class _Engine(socketserver.UnixStreamServer):
    made: dict[str, list[str]]


class _Handler(BaseHTTPRequestHandler):
    server: _Engine

    def do_HEAD(self) -> None:
        """Answer a ping."""
        self._answer(200, {})

    do_GET = do_HEAD  # noqa: N815 names of http.server

    def do_POST(self) -> None:
        """Remember the container that is to be made."""
        self.server.made = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(201, {"Id": "0" * 64, "Warnings": []})

    def _answer(self, status: int, said: object) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Api-Version", VERSION)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002 of http.server
        """Say nothing."""

    def address_string(self) -> str:
        """Return no address: a socket of the file system has none."""
        return ""


def environment_of_container(folder: Path, text: str) -> dict[str, str]:
    """Return the environment that ``docker create --env-file`` asks an engine for."""
    path = folder / "file"
    path.write_bytes(text.encode())

    def create(host: str) -> None:
        words = ["docker", "--host", host, "create", "--env-file", str(path), "image"]
        subprocess.run(words, capture_output=True, timeout=60, check=True)

    return asked_for(folder, create)


def asked_for(folder: Path, create: Callable[[str], object]) -> dict[str, str]:
    """Return the environment of the container that *create*, given a host, has docker create."""
    address = folder / "s"
    with _Engine(str(address), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        create(f"unix://{address}")
        server.shutdown()
    return dict(each.split("=", 1) for each in server.made["Env"])
