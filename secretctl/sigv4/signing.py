"""Signing a request in its headers."""

from __future__ import annotations

from hashlib import sha256

from secretctl.sigv4.canonical import (
    canonical_headers,
    canonical_query,
    canonical_request,
    folded,
    parameters,
)
from secretctl.sigv4.keys import ALGORITHM, Scope, SigningKey
from secretctl.sigv4.request import Request


class Credential:
    """An access key that signs. It has no ``repr`` that shows a secret."""

    __slots__ = ("key", "key_id", "session_token")

    def __init__(self, key_id: str, secret: str, session_token: str = "") -> None:
        self.key_id = key_id
        self.key = SigningKey(secret)
        self.session_token = session_token


def sign(request: Request, credential: Credential, scope: Scope) -> list[tuple[str, str]]:
    """Return the headers that sign *request*, to be added to it.

    Args:
        request: With the headers that are to be signed, ``Host`` among them, and none of those
            that are returned. What proxies change, and ``User-Agent``, is to be added afterwards.
        credential: Who signs.
        scope: When, and for what.

    Returns:
        ``X-Amz-Date``, ``X-Amz-Security-Token`` where the credential has one, ``Authorization``.
    """
    added = [("X-Amz-Date", scope.time)]
    if credential.session_token:
        added.append(("X-Amz-Security-Token", credential.session_token))
    headers = folded((*request.headers, *added))
    names = sorted(headers)
    query = canonical_query(parameters(request.query))
    body = headers.get("x-amz-content-sha256") or sha256(request.body).hexdigest()
    canonical = canonical_request(
        request.method, request.path, query, canonical_headers(names, headers), body
    )
    signature = credential.key.signature(scope, canonical)
    signed = f"SignedHeaders={';'.join(names)}, Signature={signature}"
    return [
        *added,
        ("Authorization", f"{ALGORITHM} Credential={credential.key_id}/{scope}, {signed}"),
    ]
