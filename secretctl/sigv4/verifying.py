"""Whether a request was signed by whoever has the secret, now and for this service.

No signature is remembered: an SDK that tries again sends the same one. See decision 12.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest

from secretctl.sigv4.canonical import canonical_request
from secretctl.sigv4.claims import MISMATCH, Claim, invalid
from secretctl.sigv4.keys import SigningKey
from secretctl.sigv4.request import Request
from secretctl.sigv4.times import basic

WINDOW_S = 900
"""How far the clocks of both sides may be apart."""


def verify(request: Request, claim: Claim, key: SigningKey, now_ms: int, service: str) -> None:
    """Check that *request* is what the holder of *key* signed, for *service*, not long ago.

    Args:
        request: As received.
        claim: What it claims.
        key: Of the access key that the claim names; keep it, it is faster the second time. For one
            that does not exist, another takes as long.
        now_ms: Milliseconds since 1970.
        service: ``secretsmanager``.

    Raises:
        ServiceError: InvalidSignatureException, with the sentence of AWS.
    """
    _check_time(claim, now_ms // 1000)
    if claim.scope.service != service:
        raise invalid(f"Credential should be scoped to correct service: '{service}'.")
    hashed = sha256(request.body).hexdigest()
    canonical = canonical_request(request.method, request.path, claim.query, claim.headers, hashed)
    is_made = compare_digest(key.signature(claim.scope, canonical), claim.signature)
    if not is_made or claim.content not in ("", hashed):
        raise invalid(MISMATCH)


def _check_time(claim: Claim, now_s: int) -> None:
    held_s = WINDOW_S if claim.expires_s is None else claim.expires_s
    if claim.time_s < now_s - held_s:
        raise invalid(
            f"Signature expired: {claim.scope.time} is now earlier than "
            f"{_basic(now_s - held_s)} ({_basic(now_s)} - {_span(held_s)})"
        )
    if claim.time_s > now_s + WINDOW_S:
        raise invalid(
            f"Signature not yet current: {claim.scope.time} is still later than "
            f"{_basic(now_s + WINDOW_S)} ({_basic(now_s)} + {_span(WINDOW_S)})"
        )


def _basic(time_s: int) -> str:
    return basic(time_s * 1000)


def _span(time_s: int) -> str:
    minutes, rest = divmod(time_s, 60)
    return f"{time_s} sec." if rest else f"{minutes} min."
