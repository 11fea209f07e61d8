"""What a rekey is about, and whether the vault is fit for one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.audit import segments
from secretctl.audit.event import Event
from secretctl.audit.line import fields_or_nothing
from secretctl.audit.reader import Place, Reader
from secretctl.audit.records import own
from secretctl.domain.principals import ROLE, USER, Role, User
from secretctl.errors import VaultDamagedError, VaultError
from secretctl.record import NamedTuple
from secretctl.service import owner
from secretctl.service.failures import failing
from secretctl.service.open_change import of_journal
from secretctl.service.proof import intact_end
from secretctl.service.recording import REKEY
from secretctl.service.session import Session
from secretctl.vault import credentials, escrow, fsck, kms_grants, layout, principals, vouching
from secretctl.vault.header import Header
from secretctl.vault.vault import Vault
from secretctl.vault.view import View

_NOT_BEGUN = "The vault keeps the keys that it has."


class Survey(NamedTuple):
    """What a rekey is about."""

    header: Header
    secrets: int
    values: int
    keys: int
    """KMS keys, and how much material they have in all."""

    materials: int
    users: int
    roles: int
    access_keys: int
    sessions: int
    """Of roles, ended ones among them: all of them end."""

    grants: int
    kept: int
    """Access keys whose secrets the owner can open."""


@contextmanager
def beginning(session: Session) -> Iterator[None]:
    """Refuse principals, and record what keeps a rekey from being begun in the block.

    Raises:
        OwnerOnlyError: AccessDenied.
    """
    event = own(REKEY, session.region, {})
    with failing(session.recorder, lambda: event, _NOT_BEGUN):
        owner.refuse_principals(session, REKEY)
        yield


def cut_off(session: Session) -> Event | None:
    """Return what is to be recorded of a rekey that was cut off once its vault had its place.

    Raises:
        JournalDamagedError: The journal's state was written by somebody else.
    """
    found = of_journal(session.recorder.journal)
    if found is None or found.left[-1].name != REKEY:
        return None
    return found.left[-1] if session.vault.state().journal_hash == found.hash else None


def given_up(rekey: Event) -> list[str]:
    """Return the ids of the unlock slots that *rekey* gave up."""
    return _dropped(rekey.request)


def given_up_before(vault: Vault) -> list[str]:
    """Return the ids of the unlock slots that the last rekey of a vault gave up.

    Raises:
        JournalDamagedError, UnsafePermissionsError, JournalUnavailableError: The journal, which
            tells that, cannot be read.
    """
    if not vault.keys.access.former:
        return []
    _, through = vault.keys.access.former[-1]
    reader = Reader(os.path.join(vault.directory, segments.DIRECTORY))
    for raw in reader.backward(Place(through + 1, 0)):
        if raw.place.segment != through:
            break
        fields = fields_or_nothing(raw.line)
        if fields.get("eventName") == REKEY and "errorCode" not in fields:
            return _dropped(fields.get("requestParameters"))
    return []


def _dropped(request: object) -> list[str]:
    dropped = request.get("droppedSlots") if isinstance(request, dict) else None
    return [str(each) for each in dropped] if isinstance(dropped, list) else []


def survey(session: Session) -> Survey:
    """See that a vault and its journal are sound, and return what there is.

    Raises:
        VaultDamagedError, JournalDamagedError: They are not, or the vault has what its owner does
            not vouch for.
        VaultError: An access key cannot be carried over.
    """
    vault, now_ms = session.vault, session.context.now_ms()
    intact_end(vault)
    with vault.read() as view:
        vouching.check(view, now_ms)
    if fsck.check(vault, now_ms).problems:
        raise VaultDamagedError("the vault is damaged; nothing was changed", "secretctl fsck")
    with vault.read() as view:
        users = [each for each in principals.all_of(view, USER) if isinstance(each, User)]
        roles = [each for each in principals.all_of(view, ROLE) if isinstance(each, Role)]
        _check_access_keys(users)
        keys = view.kms_directory().keys.values()
        counted = Counter(key[:1] for key, _ in vault.engine.records())
        return Survey(
            view.header(),
            counted[layout.SECRET],
            counted[layout.VALUE],
            len(keys),
            sum(len(key.materials) for key in keys),
            len(users),
            len(roles),
            sum(len(user.access_keys) for user in users),
            sum(len(role.sessions) for role in roles),
            len(kms_grants.all_of(view)),
            sum(_is_kept(view, key.id) for user in users for key in user.access_keys),
        )


def _is_kept(view: View, key_id: str) -> bool:
    where = escrow.place(credentials.place(view.keys.vault_id, key_id))
    return view.stored_record(where) is not None


def _check_access_keys(users: list[User]) -> None:
    for user in users:
        for key in user.access_keys:
            if not key.public_key:
                raise VaultError(
                    f"the access key {key.id} was made by an older secretctl",
                    f"secretctl iam delete-access-key --user-name {user.name} "
                    f"--access-key-id {key.id}",
                )
