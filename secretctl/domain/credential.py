"""A credential of a principal, as its user has it."""

from __future__ import annotations

from secretctl.record import NamedTuple


class Given(NamedTuple):
    """An access key as its user has it. Its ``repr`` shows no secret."""

    key_id: str
    secret: str
    session_token: str = ""

    def __repr__(self) -> str:
        """Name the key, not its secret."""
        return f"<credential {self.key_id}>"
