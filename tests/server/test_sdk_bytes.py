"""Requests as the SDKs for PHP, Java and Go sent them, byte for byte.

PHP's is of 3.299.1, Java's of 2.25.26, Go's of `service/secretsmanager` 1.43.1. Each signs other
headers: PHP's not even the Content-Type.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from secretctl.errors import ServiceError
from secretctl.server import guarding, protocol
from secretctl.server.framing import Framing
from secretctl.sigv4.claims import claim
from secretctl.sigv4.keys import SigningKey
from secretctl.sigv4.request import Request, received
from secretctl.sigv4.verifying import verify

FOLDER = Path(__file__).parent / "sdk_bytes"
SDKS = sorted(each.stem for each in FOLDER.glob("*.http"))
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def request_of(sent: bytes) -> Request:
    """Return what was *sent*, once framing has passed it."""
    framing = Framing()
    head, _, body = framing.feed(sent).partition(b"\r\n\r\n")
    assert framing.is_between
    start, *lines = head.split(b"\r\n")
    method, target, _ = start.split(b" ")
    pairs = [line.split(b": ", 1) for line in lines]
    return received(method.decode(), target, b"", [(name, value) for name, value in pairs], body)


def verified(request: Request) -> None:
    """Check the signature, at the time at which it was made."""
    made = claim(request)
    time = datetime.strptime(made.scope.time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    now_ms = int(time.timestamp()) * 1000
    verify(request, made, SigningKey(SECRET), now_ms, "secretsmanager")


@pytest.mark.parametrize("sdk", SDKS)
def test_what_an_sdk_sends_is_understood(sdk: str) -> None:
    """It passes framing and guards, its signature holds, and it asks for what was asked."""
    request = request_of((FOLDER / f"{sdk}.http").read_bytes())
    headers = {name.lower().encode(): value.encode() for name, value in request.headers}
    guarding.check_origin(headers, frozenset({"127.0.0.1"}), "127.0.0.1")
    guarding.check_content_type(headers)
    operation = protocol.operation_of(headers[b"x-amz-target"].decode())
    assert operation.name == "GetSecretValue"
    assert protocol.parameters_in(operation, request.body, request.query) == {"SecretId": "one"}
    verified(request)


@pytest.mark.parametrize("sdk", SDKS)
def test_another_body_under_the_signature_of_an_sdk_is_refused(sdk: str) -> None:
    """Also where it does not send the body's digest."""
    request = request_of((FOLDER / f"{sdk}.http").read_bytes())
    with pytest.raises(ServiceError, match="does not match"):
        verified(request._replace(body=request.body.replace(b"one", b"two")))
