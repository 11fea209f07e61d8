"""Whether a credential that the vault's owner opened for somebody is what the owner vouches for.

Whoever holds the access keys, as every principal does, can write the records of a credential, also
for an access key of somebody else. So before a signature that was made with the secret counts: the
record of the user or role is the owner's (`vouching`); the credential holds the private key that
goes with it; the secret of a user's access key is the one that the owner gave. Who knows a role's
private key can begin a session of it by another program, for twelve hours at most.
"""

from __future__ import annotations

from secretctl.domain.principals import LONGEST_SESSION_S, Role, User
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import credentials, principals, vouched, vouching

if TYPE_CHECKING:
    from secretctl.domain.credential import Given
    from secretctl.vault.unlocked import Holder
    from secretctl.vault.view import View

_MS = 1000


def is_proven(view: View, given: Given, holder: Holder, now_ms: int) -> bool:
    """Tell whether the user or role that a credential is of is still there; refuse what is planted.

    Args:
        view: A moment of the vault, its owner's.
        given: The credential, which opened.
        holder: What it said of whose it is.
        now_ms: Milliseconds since 1970.

    Raises:
        VaultDamagedError: Somebody else than the owner wrote the credential, or its principal.
    """
    from secretctl.crypto.recipients import public_key

    found = principals.find(view, holder.kind, holder.name)
    if not isinstance(found, User | Role) or found.id != holder.id:
        return False
    _check_vouched(view, holder)
    if public_key(holder.private_key).hex() != found.public_key:
        raise _planted()
    if isinstance(found, User):
        public = credentials.public_of(given, view.keys.vault_id).hex()
        is_own = any(
            (key.id, key.public_key) == (given.key_id, public) for key in found.access_keys
        )
    else:
        is_own = 0 < holder.expires_ms <= now_ms + LONGEST_SESSION_S * _MS
    if not is_own:
        raise _planted()
    return True


def _check_vouched(view: View, holder: Holder) -> None:
    """See that the record of a principal is as the owner left it."""
    where = principals.place(view, holder.kind, holder.name)
    content = vouching.content_of(view, where, view.stored_record(where) or b"")
    known = vouching.read(view).principals.get(where.hex())
    if known is None or known.digest != vouched.digester(view.keys)(where, content):
        how = vouching.ADDED if known is None else vouching.CHANGED
        shown = principals.shown_at(view, where) if known is None else known.shown
        raise vouching.refusal(view, vouching.Difference(where, how, shown))


def _planted() -> VaultDamagedError:
    return VaultDamagedError("an access key is not as the owner made it", "secretctl fsck")
