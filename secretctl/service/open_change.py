"""A change that was announced and whose outcome is not recorded: what the journal holds of it.

Of several that were committed together, some outcomes may be there: a process was killed as it
wrote them.
"""

from __future__ import annotations

from secretctl.audit import event as events
from secretctl.audit.event import Event
from secretctl.audit.journal import Journal
from secretctl.audit.line import fields_of, hash_of, record_of
from secretctl.audit.state import NO_INTENT
from secretctl.errors import JournalDamagedError
from secretctl.model.shapes import Fields
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service.agreement import ACCEPT

if TYPE_CHECKING:
    from secretctl.vault.state import State

_FAILED = "InternalServiceError"
_NOT_MADE = "The change was not made."


class OpenChange(NamedTuple):
    """What was announced."""

    hash: str
    """Of the last record that did: the vault has it if the change holds."""

    left: list[Event]
    """What is to be recorded, but for how it ended; one at least."""

    def outcomes(self, vault: State) -> list[Event]:
        """Return what is to be recorded; *vault* is how it stands."""
        if vault.journal_hash == self.hash:
            return events.outcomes(self.left, vault.generation)
        failed = [each._replace(error_code=_FAILED, error_message=_NOT_MADE) for each in self.left]
        return events.outcomes(failed, None)


def of_journal(journal: Journal) -> OpenChange | None:
    """Return the change without an outcome, None if there is none.

    Raises:
        JournalDamagedError: The journal's state was written by somebody else.
    """
    if journal.glance().intent == NO_INTENT:
        return None
    try:
        lines = journal.records_of(journal.settled())
        told = [record_of(line).phase for line in lines]
        intents = [line for line, phase in zip(lines, told, strict=True) if phase == "intent"]
        left = intents[told.count("outcome") :]
        if told[0] == "intent" and left:
            again = [_again(fields_of(line)) for line in left]
            return OpenChange(hash_of(intents[-1]).hex(), again)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        pass
    raise JournalDamagedError("the journal's state file names no change", ACCEPT)


def _again(intent: Fields) -> Event:
    """Return the outcome of an intent that was found in the journal."""
    resources = intent.get("resources")
    request = intent.get("requestParameters")
    return Event(
        name=str(intent.get("eventName")),
        source=str(intent.get("eventSource")),
        region=str(intent.get("awsRegion")),
        read_only=False,
        request=request if isinstance(request, dict) else None,
        arns=tuple(str(one["ARN"]) for one in resources) if isinstance(resources, list) else (),
        additional={"reconciled": True, "intent": intent.get("eventID")},
        kind=str(intent.get("eventType")),
        phase="outcome",
        request_id=str(intent.get("requestID")),
    )
