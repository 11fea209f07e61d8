"""LastAccessedDate: the day on which a secret and a version were last read."""

from __future__ import annotations

from itertools import islice

from secretctl.context import tell
from secretctl.domain.secret import DAY_MS, Secret, Version
from secretctl.errors import OutcomeUnknownError, StoreBusyError, StoreError
from secretctl.record import TYPE_CHECKING
from secretctl.service.secrets import writing
from secretctl.service.session import Session

if TYPE_CHECKING:
    from secretctl.vault.transaction import Transaction


def note_read(session: Session, secret: Secret, version: Version, today: int) -> None:
    """Remember that a version was read, unless that is on record for *today* already."""
    if _later(today, secret.accessed_day) or _later(today, version.accessed_day):
        session.seen.add((secret.region, secret.name, version.id))


def record_access(session: Session, most: int | None = None) -> None:
    """Put what was read on record, *most* of it if that is given, in one commit.

    The date is AWS's convenience and no proof of anything: on a medium that cannot be written
    it stays as it was, and the read succeeds.
    """
    if not session.seen:
        return
    today, noted = session.context.now_ms() // DAY_MS, sorted(islice(session.seen, most))
    try:
        with writing(session) as transaction:
            for region, name, version_id in noted:
                _record(transaction, region, name, version_id, today)
    except (StoreError, StoreBusyError, OutcomeUnknownError):
        tell(session.context, "secretctl: warning: the date of access was not recorded\n")
    session.seen.difference_update(noted)


def _later(today: int, day: int | None) -> bool:
    return day is None or day < today


def _record(transaction: Transaction, region: str, name: str, version_id: str, today: int) -> None:
    secret = transaction.find(region, name)
    if secret is None:
        return
    versions = tuple(
        version._replace(accessed_day=max(today, version.accessed_day or 0))
        if version.id == version_id
        else version
        for version in secret.versions
    )
    latest = max(today, secret.accessed_day or 0)
    transaction.put(secret._replace(accessed_day=latest, versions=versions), secret)
