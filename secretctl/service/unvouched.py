"""Going on from a vault in which there is what its owner does not vouch for; recorded."""

from __future__ import annotations

from secretctl.audit.records import own
from secretctl.errors import VaultDamagedError, VaultError
from secretctl.model.shapes import Fields
from secretctl.service import owner
from secretctl.service.acts import own_act
from secretctl.service.failures import failing
from secretctl.service.iam import trusting
from secretctl.service.secrets import writing
from secretctl.service.session import Session
from secretctl.vault import dropping, fsck, vouched, vouching, vouching_anew
from secretctl.vault.fsck import Report
from secretctl.vault.state import summed
from secretctl.vault.view import View
from secretctl.vault.vouching import Difference

_DROP = "DropUnvouched"
_RECOUNT = "RecountRecords"
_NOT_DROPPED = "Nothing was taken away."


def listed(session: Session) -> list[Difference]:
    """Return what the owner does not vouch for, and records that belong to nothing.

    Raises:
        OwnerOnlyError: AccessDenied.
        VaultDamagedError: The record of what the owner vouches for cannot be believed.
    """
    event = own("ListUnvouched", session.region, {}, read_only=True)
    with failing(session.recorder, lambda: event, ""):
        owner.refuse_principals(session, event.name)
        with session.vault.read() as view:
            return _droppable(session, view)


def chosen(session: Session, places: list[bytes]) -> list[Difference]:
    """Return what lies at *places*, before it is dropped; raises as `drop`."""
    act = own(_DROP, session.region, {})
    with failing(session.recorder, lambda: act, _NOT_DROPPED):
        owner.refuse_principals(session, _DROP)
        with session.vault.read() as view:
            return dropping.chosen(view, _droppable(session, view), places)


def drop(session: Session, places: list[bytes]) -> None:
    """Take away what lies at *places*, and what belongs to nobody then.

    Raises:
        OwnerOnlyError: AccessDenied.
        VaultError: At one of them there is nothing that the owner does not vouch for.
    """
    names = session.recorder.names
    said: Fields = {"places": [each.hex() for each in places]}
    act = own_act(session, _DROP, said)
    with session.recorder.during(act), writing(session) as transaction:
        records, random = session.vault.engine.records(), session.context.random
        dropped = dropping.drop(transaction, places, records, random)
        said["records"] = [each.told_as(names.shown(each.name)) for each in dropped]
        trusting.settle(session, transaction)


def renew(session: Session) -> int:
    """Vouch for all that is there; return how many users, groups, roles and policies that are.

    Raises:
        OwnerOnlyError: AccessDenied.
        VaultError: What the owner vouches for is known.
    """
    act = own_act(session, "RenewVouched", {})
    with session.recorder.during(act):
        owner.refuse_principals(session, act.name)
        seen = session.recorder.known.seen()
        with writing(session) as transaction:
            try:
                vouching.read(transaction)
            except VaultDamagedError:
                found = vouching_anew.begin_anew(transaction, seen.vouched if seen else 0)
                return len(found.principals)
            raise VaultError(
                "what the owner vouches for is known: what is there besides can be taken away",
                vouched.command(transaction, "list"),
            )


def countable(session: Session) -> Report:
    """Return what a check of the vault finds, if it is nothing but the digest; raises as `recount`.

    It is asked before `recount`.
    """
    event = own(_RECOUNT, session.region, {})
    with failing(session.recorder, lambda: event, ""):
        owner.refuse_principals(session, _RECOUNT)
        return _countable(session)


def _countable(session: Session) -> Report:
    report = fsck.within(session.vault, session.context.now_ms())
    if not report.problems:
        raise VaultError("the digest matches: nothing has to be counted anew", "secretctl fsck")
    if not report.is_miscounted:
        raise VaultDamagedError(
            "the digest is not all that is wrong with the vault; nothing was changed",
            "secretctl fsck",
        )
    return report


def recount(session: Session) -> None:
    """Make the digest over all records anew, where everything else about them is right.

    Raises:
        OwnerOnlyError: AccessDenied.
        VaultError: It matches.
        VaultDamagedError: Something does not open, is not as it should be, or the owner does not
            vouch for it.
    """
    said: Fields = {}
    with session.recorder.during(own_act(session, _RECOUNT, said)), writing(session) as transaction:
        owner.refuse_principals(session, _RECOUNT)
        transaction.watch()
        _countable(session)
        total = summed(session.vault.engine.records(), session.vault.keys.access.state)
        said |= {"recordsBefore": transaction.begun.records, "records": total.records}
        transaction.count_anew(total)


def _droppable(session: Session, view: View) -> list[Difference]:
    return dropping.droppable(view, session.vault.engine.records(), session.context.now_ms())
