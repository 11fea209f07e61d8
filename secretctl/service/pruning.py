"""Removing what is old of a vault's journal, while others append, read and prune."""

from __future__ import annotations

import os
from collections.abc import Iterator

from secretctl.audit import prune as planning
from secretctl.audit.prune import Plan
from secretctl.audit.records import own
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.statements import PRUNED
from secretctl.errors import SegmentGoneError, StoreError
from secretctl.record import NamedTuple
from secretctl.service.proof import intact_end, keys_of
from secretctl.service.session import Session


class Removed(NamedTuple):
    """Segments that were removed at a time."""

    names: list[str]
    through: int
    """Number of the last record that went; -1 of what an interrupted pruning had left."""


def prune(session: Session, before_ms: int) -> Iterator[Removed]:
    """Remove closed segments whose records are all older than *before_ms* (since 1970).

    Yields what went once it is gone.

    Raises:
        JournalDamagedError: The journal is not intact.
        JournalUnavailableError: That they go cannot be recorded; nothing was removed.
        StoreError: Another vault was put in the place of this one, or the file system refuses.
    """
    session.recorder.flush()  # what is said of the journal is said behind a record of this command
    end = intact_end(session.vault)
    while True:
        try:
            yield from _left(session)
            while planned := planning.plan(_now(session), before_ms, end):
                yield _carried_out(session, planned)
        except SegmentGoneError:  # another pruning was faster: what is left is looked at anew
            continue
        return


def _left(session: Session) -> list[Removed]:
    """Remove what an interrupted pruning left."""
    names = planning.left(_now(session), keys_of(session.vault))
    if not names:
        return []
    with session.recorder.journal.held():
        _remove(session, names)
    return [Removed(names, -1)]


def _carried_out(session: Session, planned: Plan) -> Removed:
    """Record that segments go, and remove them, before another pruning can record anything.

    What they say of earlier prunings is recorded anew in front of that.
    """
    names, keys = [name for name, _, _ in planned.gone], keys_of(session.vault)
    said = [*planning.restated(_now(session), planned, keys), planning.statement(planned, keys)]
    with session.recorder.journal.held():
        if not os.path.lexists(os.path.join(session.recorder.journal.directory, names[0])):
            raise SegmentGoneError
        session.recorder.write([own(PRUNED, session.region, each) for each in said])
        _remove(session, names)
    return Removed(names, planned.head.number)


def _remove(session: Session, names: list[str]) -> None:
    try:
        planning.remove(session.recorder.journal.directory, names)
    except OSError as error:
        raise StoreError(f"cannot remove a segment: {error.strerror}") from None


def _now(session: Session) -> Snapshot:
    return Snapshot(session.recorder.journal.directory)
