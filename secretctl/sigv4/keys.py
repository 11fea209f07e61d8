"""What a signature is made with: a key for one day, region and service, derived from the secret.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

from hashlib import sha256
from hmac import digest

from secretctl.record import NamedTuple

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
DATE_DIGITS = 8


class Scope(NamedTuple):
    """When and where a signature holds."""

    time: str
    """As `times.basic` returns it."""

    region: str
    service: str

    def __str__(self) -> str:
        """Return the credential scope: the day, region and service."""
        return f"{self.time[:DATE_DIGITS]}/{self.region}/{self.service}/{TERMINATOR}"


class SigningKey:
    """A secret access key. It keeps the key derived for the scope it was last used in."""

    __slots__ = ("_derived", "_scope", "_secret")

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._scope = ""
        self._derived = b""

    def signature(self, scope: Scope, canonical: str) -> str:
        """Return the signature of a canonical request, 64 hexadecimal digits."""
        text = str(scope)
        if text != self._scope:
            self._scope, self._derived = text, _derived(self._secret, scope)
        return digest(self._derived, string_to_sign(scope, canonical).encode(), "sha256").hex()


def string_to_sign(scope: Scope, canonical: str) -> str:
    """Return what is signed of a canonical request."""
    hashed = sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{ALGORITHM}\n{scope.time}\n{scope}\n{hashed}"


def _derived(secret: str, scope: Scope) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (scope.time[:DATE_DIGITS], scope.region, scope.service, TERMINATOR):
        key = digest(key, part.encode(), "sha256")
    return key
