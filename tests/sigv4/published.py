"""AWS's published vectors, read: one directory each, with a request and all that is made of it."""

import json
from pathlib import Path
from typing import NamedTuple

from secretctl.sigv4.keys import Scope
from secretctl.sigv4.request import Request
from secretctl.sigv4.signing import Credential

DIRECTORY = Path(__file__).parent / "vectors"
NAMES = sorted(path.parent.name for path in DIRECTORY.glob("*/context.json"))
CONTENT = "x-amz-content-sha256"


class Vector(NamedTuple):
    """One directory."""

    path: Path
    request: Request
    secret: str
    token: str
    signs_token: bool
    scope: Scope
    expires_s: int

    def text(self, name: str) -> str:
        """Return one of its files."""
        return (self.path / f"{name}.txt").read_text("utf-8")

    def credential(self) -> Credential:
        """Return who signs it."""
        return Credential("AKIDEXAMPLE", self.secret, self.token if self.signs_token else "")


def vector(name: str) -> Vector:
    """Read the directory of that name."""
    path = DIRECTORY / name
    context = json.loads((path / "context.json").read_text())
    credentials = context["credentials"]
    assert credentials["access_key_id"] == "AKIDEXAMPLE"
    assert context["normalize"]
    time = context["timestamp"].replace("-", "").replace(":", "")
    return Vector(
        path,
        parsed((path / "request.txt").read_text("utf-8")),
        credentials["secret_access_key"],
        credentials.get("token", ""),
        not context.get("omit_session_token", False),
        Scope(time, context["region"], context["service"]),
        context["expiration_in_seconds"],
    )


def parsed(text: str) -> Request:
    """Return a request from its text; a line that begins with a blank goes on with the header."""
    head, _, body = text.partition("\n\n")
    first, *lines = head.rstrip("\n").split("\n")
    method, target = first.removesuffix(" HTTP/1.1").split(" ", 1)
    path, _, query = target.partition("?")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith(" "):
            name, value = headers.pop()
            headers.append((name, value + line))
        else:
            name, _, value = line.partition(":")
            headers.append((name, value))
    return Request(method, path, query, tuple(headers), body.strip("\n").encode())
