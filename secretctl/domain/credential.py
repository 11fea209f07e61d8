"""A credential of a principal, as its user has it. Pure.

A session token tells when it ends, so that a session that has ended can be told from one that never
was, whatever is kept of it. It proves nothing: the secret does.
"""

from __future__ import annotations

from secretctl.domain.principals import ACCESS_KEY, SESSION_KEY, new_id
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_END_BYTES = 8
_ID_BYTES = 17
_SECRET_BYTES = 30
_TOKEN_BYTES = 88


class Given(NamedTuple):
    """An access key as its user has it. Its ``repr`` shows no secret."""

    key_id: str
    secret: str
    session_token: str = ""

    def __repr__(self) -> str:
        """Name the key, not its secret."""
        return f"<credential {self.key_id}>"


def new_key(random: Callable[[int], bytes]) -> Given:
    """Return a new access key of a user."""
    return Given(new_id(ACCESS_KEY, random(_ID_BYTES)), _new_secret(random))


def new_session(ends_ms: int, random: Callable[[int], bytes]) -> Given:
    """Return a new credential of a session that ends at *ends_ms*, milliseconds since 1970."""
    key_id, secret = new_id(SESSION_KEY, random(_ID_BYTES)), _new_secret(random)
    return Given(key_id, secret, session_token(ends_ms, random(_TOKEN_BYTES)))


def _new_secret(random: Callable[[int], bytes]) -> str:
    from binascii import b2a_base64

    return b2a_base64(random(_SECRET_BYTES), newline=False).decode("ascii")


def session_token(ends_ms: int, random: bytes) -> str:
    """Return the token of a session.

    Args:
        ends_ms: When it ends, milliseconds since 1970.
        random: Random bytes.
    """
    from binascii import b2a_base64

    plain = ends_ms.to_bytes(_END_BYTES, "big") + random
    return b2a_base64(plain, newline=False).decode("ascii")


def is_whole(given: Given) -> bool:
    """Tell whether a session's key id comes with a token, and that of a user without one."""
    return given.key_id.startswith("ASIA") == bool(given.session_token)


def has_ended(token: str, now_ms: int) -> bool:
    """Tell whether a session token says that its session has ended."""
    from binascii import a2b_base64

    try:
        end = a2b_base64(token, strict_mode=True)[:_END_BYTES]
    except ValueError:
        return False
    return len(end) == _END_BYTES and int.from_bytes(end, "big") <= now_ms
