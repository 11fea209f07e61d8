"""Page tokens: sealed, so opaque; bound to vault, operation, region and request.

A token holds a place in a listing and nothing else; one that was changed, comes from another
request or from another vault is refused.
"""

from __future__ import annotations

from secretctl import json_text
from secretctl.crypto.keys import derive
from secretctl.crypto.seal import SealError, context, open_sealed, seal
from secretctl.errors import ServiceError
from secretctl.vault.vault import Vault


def scope(operation: str, region: str, *request: object) -> bytes:
    """Return what binds a page token to an operation, its region and the request."""
    return context(operation.encode(), region.encode(), json_text.compact(request).encode())


def token(vault: Vault, valid_for: bytes, position: str) -> str:
    """Return a token for *position* in a listing."""
    from base64 import urlsafe_b64encode

    sealed = seal(_key(vault), valid_for, position.encode())
    return urlsafe_b64encode(sealed).decode()


def position(vault: Vault, valid_for: bytes, given: str | None) -> str | None:
    """Return the position in *given*, None when there is no token.

    Raises:
        ServiceError: InvalidNextTokenException.
    """
    if given is None:
        return None
    from base64 import urlsafe_b64decode, urlsafe_b64encode

    try:
        sealed = urlsafe_b64decode(given.encode("ascii"))
        if urlsafe_b64encode(sealed).decode() != given:
            raise SealError
        return open_sealed(_key(vault), valid_for, sealed).decode()
    except (SealError, ValueError):
        raise ServiceError("InvalidNextTokenException", "Invalid token.") from None


def _key(vault: Vault) -> bytes:
    return derive(vault.keys.access.name_index, "page-token", vault.keys.vault_id)
