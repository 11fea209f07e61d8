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

_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
"""The alphabet that is safe in addresses, RFC 4648, section 5; ``base64`` would load ``re``."""


def scope(operation: str, region: str, *request: object) -> bytes:
    """Return what binds a page token to an operation, its region and the request."""
    return context(operation.encode(), region.encode(), json_text.compact(request).encode())


def token(vault: Vault, valid_for: bytes, position: str) -> str:
    """Return a token for *position* in a listing."""
    return _text(seal(_key(vault), valid_for, position.encode()))


def position(vault: Vault, valid_for: bytes, given: str | None) -> str | None:
    """Return the position in *given*, None when there is no token.

    Raises:
        ServiceError: InvalidNextTokenException.
    """
    if given is None:
        return None
    from binascii import a2b_base64

    try:
        sealed = a2b_base64(given.encode("ascii").translate(_FROM_URL))
        if _text(sealed) != given:
            raise SealError
        return open_sealed(_key(vault), valid_for, sealed).decode()
    except (SealError, ValueError):
        raise ServiceError("InvalidNextTokenException", "Invalid token.") from None


def _key(vault: Vault) -> bytes:
    return derive(vault.keys.access.name_index, "page-token", vault.keys.vault_id)


def _text(sealed: bytes) -> str:
    from binascii import b2a_base64

    return b2a_base64(sealed, newline=False).translate(_TO_URL).decode()
