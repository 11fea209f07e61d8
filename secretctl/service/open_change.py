"""A change that was announced and whose outcome is not recorded: what the journal holds of it."""

from __future__ import annotations

from secretctl.audit.event import Event, Fields
from secretctl.audit.journal import Journal
from secretctl.audit.line import fields_of, hash_of, record_of
from secretctl.audit.state import NO_INTENT
from secretctl.errors import JournalDamagedError
from secretctl.record import NamedTuple
from secretctl.service.agreement import ACCEPT


class OpenChange(NamedTuple):
    """What was announced."""

    hash: str
    """Of the record that did: the vault has it if the change holds."""

    outcome: Event
    """What is to be recorded, but for how it ended."""


def of_journal(journal: Journal) -> OpenChange | None:
    """Return the change without an outcome, None if there is none.

    Raises:
        JournalDamagedError: The journal's state was written by somebody else.
    """
    if journal.glance().intent == NO_INTENT:
        return None
    stands = journal.settled()
    try:
        line = journal.record_at(stands.intent)
        if record_of(line).phase == "intent":
            return OpenChange(hash_of(line).hex(), _again(fields_of(line)))
    except (ValueError, TypeError, KeyError, RecursionError):
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
