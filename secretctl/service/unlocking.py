"""Ways to open the vault: added, removed and tried, and all of it recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from secretctl.audit import segments
from secretctl.audit.event import Caller, Event
from secretctl.audit.journal import Journal
from secretctl.audit.records import Records, own
from secretctl.context import Context
from secretctl.domain.principals import is_key_id
from secretctl.errors import SecretctlError
from secretctl.model.shapes import Fields
from secretctl.service import owner
from secretctl.service.acts import own_act
from secretctl.service.failures import failed
from secretctl.service.opening import Recording, surrounded
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.vault import slots
from secretctl.vault.header import Header, Slot


@contextmanager
def adding_slot(session: Session) -> Iterator[Callable[[Slot], Header]]:
    """Give what adds an unlock slot and returns the header with it.

    What keeps the slot from being made is recorded as well.

    Raises:
        OwnerOnlyError: AccessDenied.
    """
    said: Fields = {}

    def add(slot: Slot) -> Header:
        said.update(slotId=slot.id.hex(), method=slot.type)
        with writing(session) as transaction:
            return session.vault.change_header(
                transaction, lambda header: slots.added(header, slot)
            )

    act = own_act(session, "AddUnlockSlot", said)
    with session.recorder.during(act):
        owner.refuse_principals(session, act.name)
        yield add


def remove_slot(session: Session, slot_id: bytes) -> Header:
    """Remove an unlock slot; return the header without it.

    Raises:
        OwnerOnlyError: AccessDenied.
        VaultError: There is no such slot, or it is the last.
    """
    act = own_act(session, "RemoveUnlockSlot", {"slotId": slot_id.hex()})
    with session.recorder.during(act):
        owner.refuse_principals(session, act.name)
        with writing(session) as transaction:
            return session.vault.change_header(
                transaction, lambda header: slots.removed(header, slot_id)
            )


def failure(method: str, region: str, error: SecretctlError) -> Event:
    """Return the event of a vault that *method* did not open: because of *error*."""
    said: Fields = {"method": method}
    event = own("UnlockVault", region, said, read_only=True)
    return failed(event, error, "The vault was not opened.")


def unknown(key_id: str = "") -> Caller:
    """Return who did not open the vault: nobody that is known, with the access key id if given.

    What has not the form of one is left out, as it may be the secret.
    """
    identity: Fields = {"type": "Unknown", "principalId": f"uid:{os.geteuid()}"}
    if is_key_id(key_id):
        identity["accessKeyId"] = key_id
    return Caller(identity, "", "", {})


def record_failure(  # noqa: PLR0913 where, what, by whom
    context: Context, directory: str, vault_id: bytes, event: Event, command: str, who: Caller
) -> None:
    """Record that *command* did not open the vault for *who*.

    The answer is the same where that cannot be recorded: the vault stays closed.
    """
    place = os.path.join(directory, segments.DIRECTORY)
    if not os.path.isdir(place):
        return
    caller = surrounded(context, who, Recording(command))
    records = Records(context, caller, event.region)
    journal = Journal(place, vault_id, records.describe)
    try:
        with suppress(SecretctlError):
            journal.append(records.of([event]))
    finally:
        journal.close()
