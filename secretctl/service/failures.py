"""Recording what breaks off and is no operation of AWS's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from secretctl.audit.event import UNDELIVERED, Event
from secretctl.audit.line import Head
from secretctl.audit.records import own
from secretctl.errors import (
    JournalUnavailableError,
    OwnerOnlyError,
    SecretctlError,
    StoreBusyError,
    StoreError,
    VaultError,
    recorded_code,
)
from secretctl.model.shapes import Fields
from secretctl.service.acts import owners_alone
from secretctl.service.recording import Recorder
from secretctl.service.session import Session

_REFUSED = "The vault was unlocked and refused; the command was not run."
_UNRECORDED = (VaultError, StoreError, StoreBusyError, JournalUnavailableError, OSError)
"""What keeps a refusal from being recorded: the journal, or the file system. No lack of keys."""


@contextmanager
def announced(recorder: Recorder, event: Event, failure: str) -> Iterator[Head]:
    """Record *event* before it happens, and once more with the sentence *failure* if it does not.

    Gives the place of the first record.

    Raises:
        JournalUnavailableError: It could not be recorded; nothing was done.
    """
    head = recorder.write([event])
    with failing(recorder, lambda: event, failure):
        yield head


@contextmanager
def failing(recorder: Recorder, tell: Callable[[], Event], failure: str) -> Iterator[None]:
    """Record the event that *tell* returns, with the sentence *failure*, if what is done fails.

    What is the owner's alone has the decision that it was refused.
    """
    try:
        yield
    except BaseException as error:
        with suppress(SecretctlError):  # the error itself is what there is to tell
            recorder.write([_ended(tell(), error, failure)])
        raise


@contextmanager
def delivering(recorder: Recorder) -> Iterator[None]:
    """Record once more every value that is read, if what is answered cannot be delivered."""
    given: list[Event] = []
    recorder.given = given
    try:
        yield
    except BaseException as error:
        if given:
            with suppress(SecretctlError):  # the error itself is what there is to tell
                recorder.write([failed(each, error, UNDELIVERED) for each in given])
        raise
    finally:
        recorder.given = None


def _ended(event: Event, error: BaseException, failure: str) -> Event:
    if isinstance(error, OwnerOnlyError):
        from secretctl.service.shown_errors import ERRORS

        additional = {**(event.additional or {}), "decision": owners_alone()}
        return failed(event._replace(additional=additional), error, ERRORS[error.code])
    return failed(event, error, failure)


def failed(event: Event, error: BaseException, failure: str) -> Event:
    """Return the event of what ended with *error*; *failure* is a sentence of the journal's own."""
    return event._replace(error_code=recorded_code(error), error_message=failure)


def record_refusal(session: Session, error: SecretctlError) -> None:
    """Record that a vault was unlocked and refused with *error*, if its journal is the newest.

    A journal that is not intact, or without the last record that this machine has seen, is left as
    it is: what was appended to an older copy would make it look like the one that goes on. What
    this machine has seen of the vault stays as it is in any case.
    """
    vault = session.vault
    said: Fields = {"method": vault.unlocked_by}
    event = own("UnlockVault", session.region, said, read_only=True)
    with suppress(*_UNRECORDED):  # the refusal itself is what there is to tell
        if _is_newest(session):
            session.recorder.write([failed(event, error, _REFUSED)])


def _is_newest(session: Session) -> bool:
    """Tell whether the journal is intact; of a principal, who has no keys of it, if it chains."""
    from secretctl.audit.snapshot import Snapshot
    from secretctl.audit.verdict import Known, Verdict

    recorder, seen = session.recorder, session.recorder.known.seen()
    known = () if seen is None else (Known(seen.head, "this machine", may_be_pruned=True),)
    journal = Snapshot(recorder.journal.directory)
    if session.caller.holder is not None:
        from secretctl.audit import chain

        return chain.goes_on(journal, known)
    from secretctl.audit.verify import verify
    from secretctl.service.proof import keys_of

    return verify(journal, keys_of(session.vault), list(known)).verdict == Verdict.INTACT
