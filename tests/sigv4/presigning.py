"""Signing a request in its address: SDKs do that, and secretctl verifies it."""

from hashlib import sha256

from secretctl.sigv4.canonical import (
    SIGNATURE,
    canonical_headers,
    canonical_query,
    canonical_request,
    folded,
    parameters,
)
from secretctl.sigv4.keys import ALGORITHM, Scope
from secretctl.sigv4.request import Request
from secretctl.sigv4.signing import Credential


def presign(request: Request, credential: Credential, scope: Scope, expires_s: int) -> str:
    """Return the query that signs *request* and holds its own; headers and body go along with it.

    Args:
        request: With the headers that are to be signed, ``Host`` among them.
        credential: Who signs.
        scope: From when on, and for what.
        expires_s: For how long, 1 to 604800 seconds.
    """
    headers = folded(request.headers)
    names = sorted(headers)
    signing = [
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{credential.key_id}/{scope}"),
        ("X-Amz-Date", scope.time),
        ("X-Amz-Expires", str(expires_s)),
        ("X-Amz-SignedHeaders", ";".join(names)),
    ]
    if credential.session_token:
        signing.append(("X-Amz-Security-Token", credential.session_token))
    query = canonical_query([*parameters(request.query), *signing])
    body = headers.get("x-amz-content-sha256") or sha256(request.body).hexdigest()
    canonical = canonical_request(
        request.method, request.path, query, canonical_headers(names, headers), body
    )
    signature = credential.key.signature(scope, canonical)
    return f"{query}&{SIGNATURE}={signature}"
