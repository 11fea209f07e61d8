"""Requests as a client sends them, signed and changed."""

from hashlib import sha256

import pytest

from secretctl.errors import ServiceError
from secretctl.sigv4.canonical import (
    canonical_headers,
    canonical_query,
    canonical_request,
    folded,
    parameters,
)
from secretctl.sigv4.claims import claim
from secretctl.sigv4.keys import Scope, SigningKey
from secretctl.sigv4.request import Request
from secretctl.sigv4.signing import Credential, sign
from secretctl.sigv4.verifying import verify
from tests.sigv4.presigning import presign

NOW_MS = 1_700_000_000_123
NOW = "20231114T221320Z"
SECRET = "wJalrXUtnFEMI/K7MDENG"
TOKEN = "FQoGZXIvYXdzEXAMPLE=="
BODY = b'{"SecretId": "prod/db"}'
SCOPE = Scope(NOW, "eu-west-1", "secretsmanager")
BARE = Request(
    "POST",
    "/",
    "",
    (
        ("Host", "127.0.0.1:8080"),
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", "secretsmanager.GetSecretValue"),
    ),
    BODY,
)


def signed(request: Request = BARE, token: str = "") -> Request:
    """Return a request signed in its headers."""
    added = sign(request, Credential("AKIDEXAMPLE", SECRET, token), SCOPE)
    return request._replace(headers=(*request.headers, *added))


def presigned(request: Request = BARE, expires_s: int = 60, token: str = "") -> Request:
    """Return a request signed in its address."""
    query = presign(request, Credential("AKIDEXAMPLE", SECRET, token), SCOPE, expires_s)
    return request._replace(query=query)


def signed_as(request: Request, names: str) -> Request:
    """Return a request whose signature is right for a list of header names, in its order."""
    headers = canonical_headers(names.split(";"), folded(request.headers))
    body = sha256(request.body).hexdigest()
    canonical = canonical_request(
        request.method, request.path, canonical_query(parameters(request.query)), headers, body
    )
    signature = SigningKey(SECRET).signature(SCOPE, canonical)
    value = (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{SCOPE}, SignedHeaders={names}, "
        f"Signature={signature}"
    )
    return request._replace(headers=(*request.headers, ("Authorization", value)))


def check(request: Request, now_ms: int = NOW_MS, secret: str = SECRET) -> None:
    """Claim and verify."""
    verify(request, claim(request), SigningKey(secret), now_ms, "secretsmanager")


def refusal(request: Request, now_ms: int = NOW_MS, secret: str = SECRET) -> tuple[str, str]:
    """Return code and sentence of what refuses *request*."""
    with pytest.raises(ServiceError) as refused:
        check(request, now_ms, secret)
    return refused.value.code, refused.value.message


def with_header(request: Request, name: str, value: str) -> Request:
    """Return *request* with another value of a header, or without it where that is empty."""
    kept = [pair for pair in request.headers if pair[0] != name]
    return request._replace(headers=(*kept, *([(name, value)] if value else [])))
