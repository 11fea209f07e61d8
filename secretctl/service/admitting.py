"""Credentials that a server admits: found once, and looked at again whenever the vault changed.

The vault's owner opens everybody's; who opened it by a credential has that one alone.
"""

from __future__ import annotations

from secretctl.crypto.keys import equal
from secretctl.domain import credential
from secretctl.domain.credential import Given
from secretctl.errors import ServiceError, VaultDamagedError
from secretctl.model.authorization import SERVICE
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service.bad_credentials import EXPIRED, UNKNOWN, refusal
from secretctl.service.caller import Caller
from secretctl.vault import credentials, escrow, layout, principals, proven
from secretctl.vault.vault import Vault

if TYPE_CHECKING:
    from secretctl.service.recording import Recorder
    from secretctl.service.session import Session
    from secretctl.vault.unlocked import Holder
    from secretctl.vault.view import View

Records = tuple[bytes | None, ...]
NOT_KEPT = (
    "no secret was kept of the access key: an older secretctl made it, or what it was begun with",
    "secretctl iam create-access-key makes one whose secret is kept; sessions are begun anew by it",
)


class Admitted(NamedTuple):
    """A credential that is good, and what is done with it. Its ``repr`` shows no secret."""

    given: Given
    vault: Vault
    """As far as the credential opens it."""

    caller: Caller
    recorder: Recorder
    ends_ms: int
    """When it ends; 0 for one that does not."""

    places: tuple[bytes, ...]
    """Keys of the records that it hangs on."""

    records: Records
    """As they were when it was found good."""

    def __repr__(self) -> str:
        """Name the credential."""
        return f"<admitted {self.given.key_id}>"

    def is_as_it_was(self, view: View) -> bool:
        """Tell whether the records that it hangs on are those that they were."""
        return self.records == tuple([view.stored_record(each) for each in self.places])

    def check(self, session_token: str, now_ms: int) -> None:
        """Refuse a credential with another session token, or that has ended.

        Raises:
            ServiceError: UnrecognizedClientException, ExpiredTokenException.
        """
        own = self.given.session_token.encode()
        if not equal(own, session_token.encode("utf-8", "replace")):
            raise refusal(UNKNOWN, SERVICE)
        if self.ends_ms and self.ends_ms <= now_ms:
            raise refusal(EXPIRED, SERVICE)


def found(session: Session, view: View, key_id: str, session_token: str) -> Admitted:
    """Return the credential of an access key id.

    Args:
        session: The vault owner's.
        view: A moment of the vault, its owner's.
        key_id: Of the access key.
        session_token: As it was given; empty for a user's access key.

    Raises:
        ServiceError: UnrecognizedClientException, ExpiredTokenException; with hints where no secret
            was kept of it.
        VaultDamagedError: Somebody else than the owner wrote what is there.
    """
    vault, now_ms = session.vault, session.context.now_ms()
    given = Given(key_id, "", session_token)
    where = credentials.place(vault.keys.vault_id, key_id)
    stored = view.stored_record(where)
    if not credential.is_whole(given) or (stored and credentials.opens_nothing(stored)):
        raise refusal(UNKNOWN, SERVICE)
    if stored is None:
        has_ended = credential.has_ended(session_token, now_ms)
        raise refusal(EXPIRED if has_ended else UNKNOWN, SERVICE)
    given = given._replace(secret=_secret(view, where))
    keys = credentials.unlocked(given, vault.keys.vault_id, stored)
    holder = None if keys is None else keys.holder
    if keys is None or holder is None:
        if session_token:
            raise refusal(UNKNOWN, SERVICE)
        raise VaultDamagedError("the secret kept of an access key is not its own", "secretctl fsck")
    has_ended = bool(holder.expires_ms) and holder.expires_ms <= now_ms
    if has_ended or not proven.is_proven(view, given, holder, now_ms):
        raise refusal(EXPIRED if has_ended else UNKNOWN, SERVICE)
    places = (where, principals.place(view, holder.kind, holder.name), layout.VOUCHED)
    keys.remember_with(vault.keys)
    opened = Vault(vault.directory, vault.engine, keys, session.context.random, "access-key")
    return _admitted(session, view, given, opened, places)


def own(session: Session, view: View, given: Given) -> Admitted:
    """Return the credential by which the vault was opened.

    Raises:
        ServiceError: UnrecognizedClientException: it is not there any more, or Inactive.
    """
    where = credentials.place(session.vault.keys.vault_id, given.key_id)
    stored = view.stored_record(where)
    if stored is None or credentials.opens_nothing(stored):
        raise refusal(UNKNOWN, SERVICE)
    return _admitted(session, view, given, session.vault, (where,))


def _admitted(
    session: Session, view: View, given: Given, vault: Vault, places: tuple[bytes, ...]
) -> Admitted:
    caller = Caller(vault)
    holder: Holder | None = vault.keys.holder
    return Admitted(
        given,
        vault,
        caller,
        session.recorder.beside(caller.recorded()),
        holder.expires_ms if holder else 0,
        places,
        tuple([view.stored_record(each) for each in places]),
    )


def _secret(view: View, where: bytes) -> str:
    secret = escrow.opened(view, where)
    if not secret:
        unknown = refusal(UNKNOWN, SERVICE)
        raise ServiceError(unknown.code, unknown.message, *NOT_KEPT)
    return secret
