"""Checking the secrets that are kept of access keys: each opens, and is that of its key."""

from __future__ import annotations

from secretctl.domain.credential import Given
from secretctl.domain.principals import Role, User
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import credentials, escrow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secretctl.domain.principals import Entity
    from secretctl.vault.view import View


def wrong(view: View, everyone: Iterable[Entity]) -> dict[bytes, str]:
    """Return the places of secrets that are not of their access key, and the ids of these.

    Of a role's session, whose public key the vault has not, it is only seen that the secret opens.
    """
    public = {
        key.id: key.public_key
        for each in everyone
        if isinstance(each, User)
        for key in each.access_keys
    }
    public |= {
        key_id: "" for each in everyone if isinstance(each, Role) for key_id, _ in each.sessions
    }
    vault_id = view.keys.vault_id
    places = {key_id: credentials.place(vault_id, key_id) for key_id in public}
    return {
        escrow.place(where): key_id
        for key_id, where in places.items()
        if not _is_of(view, key_id, where, public[key_id])
    }


def _is_of(view: View, key_id: str, where: bytes, public: str) -> bool:
    try:
        secret = escrow.opened(view, where)
    except VaultDamagedError:
        return False
    given = Given(key_id, secret)
    return (
        not (secret and public) or credentials.public_of(given, view.keys.vault_id).hex() == public
    )
