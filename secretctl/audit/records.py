"""Making records of events: what they have in common is filled in."""

from __future__ import annotations

from secretctl.audit.event import OWN, Caller, Event, Fields, written
from secretctl.audit.line import LARGEST_BYTES, SUFFIX_BYTES, Record
from secretctl.context import Context, uuid4

_LARGEST_TEXT = LARGEST_BYTES - SUFFIX_BYTES - 128
"""Bytes that leave room for the members of the chain."""


class Records:
    """Makes the records of one caller in one region."""

    def __init__(self, context: Context, caller: Caller, region: str) -> None:
        self._context = context
        self._caller = caller
        self._region = region
        self._fixed = caller.fixed()

    def of(self, said: list[Event]) -> list[Record]:
        """Return a record of each event; they belong to one request."""
        request_id = self._uuid()
        now_ms = self._context.now_ms()
        return [self._record(each, request_id, now_ms) for each in said]

    def describe(self, name: str, said: Fields) -> Record:
        """Return the record in which the journal tells of itself."""
        return self.of([own(name, self._region, said)])[0]

    def _record(self, event: Event, request_id: str, now_ms: int) -> Record:
        text = self._written(event, request_id, now_ms)
        if len(text.encode(errors="backslashreplace")) > _LARGEST_TEXT:
            short = event._replace(request={"omitted": "too long to be kept"}, response=None)
            text = self._written(short, request_id, now_ms)
        return Record(text, event.name, event.phase, event.generation)

    def _written(self, event: Event, request_id: str, now_ms: int) -> str:
        return written(event, self._caller.account, self._fixed, request_id, self._uuid(), now_ms)

    def _uuid(self) -> str:
        return uuid4(self._context.random(16))


def own(name: str, region: str, said: Fields, *, read_only: bool = False) -> Event:
    """Return an event that AWS has no name for."""
    return Event(name, OWN, region, read_only, request=said, kind="AwsServiceEvent")
