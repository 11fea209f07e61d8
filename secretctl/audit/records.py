"""Making records of events: what they have in common is filled in."""

from __future__ import annotations

from secretctl.audit.event import OWN, Caller, Event, Origin, timestamp, written
from secretctl.audit.line import LARGEST_BYTES, Record
from secretctl.audit.surroundings import clean
from secretctl.context import Context, uuid4
from secretctl.model.shapes import Fields

_UUID_BYTES = 16
_MOST_BYTES = LARGEST_BYTES - 512
"""Of a record's text, so that the chain's members fit too."""


class Records:
    """Makes the records of one caller in one region."""

    def __init__(
        self,
        context: Context,
        caller: Caller,
        region: str,
        fixed: tuple[str, str, str] | None = None,
    ) -> None:
        """Make records of *caller*; *fixed* is what it says in all of them, if that is known."""
        self._context = context
        self.caller = caller
        self._region = region
        self._fixed = caller.fixed() if fixed is None else fixed
        self._second, self._time = -1, ""

    def came_from(self, origin: Origin) -> Records:
        """Return what makes the records of one request that the same caller sent from *origin*."""
        agent = clean(origin.user_agent)
        caller = self.caller._replace(source_ip=origin.source_ip, user_agent=agent)
        identity, _, around = self._fixed
        return Records(self._context, caller, self._region, (identity, caller.origin(), around))

    def acted_by(self, caller: Caller) -> Records:
        """Return what makes the records of another caller in this process."""
        around = caller._replace(surroundings=self.caller.surroundings)
        return Records(self._context, around, self._region)

    def of(self, said: list[Event], request_id: str = "") -> list[Record]:
        """Return a record of each event; they belong to one request, a new one if none is named."""
        now_ms = self._context.now_ms()
        if now_ms // 1000 != self._second:
            self._second, self._time = now_ms // 1000, timestamp(now_ms)
        request_id = request_id or self.new_id()
        random = self._context.random(_UUID_BYTES * len(said))
        ids = [uuid4(random[at : at + _UUID_BYTES]) for at in range(0, len(random), _UUID_BYTES)]
        return [
            Record(
                self._text(each, (request_id, event_id, now_ms, self._time)),
                each.name,
                each.phase,
                each.generation,
                each.more,
            )
            for each, event_id in zip(said, ids, strict=True)
        ]

    def describe(self, name: str, said: Fields, generation: int | None = None) -> Record:
        """Return the record in which the journal tells of itself."""
        return self.of([own(name, self._region, said)._replace(generation=generation)])[0]

    def _text(self, event: Event, stamp: tuple[str, str, int, str]) -> str:
        text = written(event, self.caller.account, self._fixed, stamp)
        if (
            4 * len(text) > _MOST_BYTES
            and len(text.encode(errors="backslashreplace")) > _MOST_BYTES
        ):
            return written(_shortened(event), self.caller.account, self._fixed, stamp)
        return text

    def new_id(self) -> str:
        """Return an id for an event or a request."""
        return uuid4(self._context.random(_UUID_BYTES))


def own(name: str, region: str, said: Fields, *, read_only: bool = False) -> Event:
    """Return an event that AWS has no name for."""
    return Event(name, OWN, region, read_only, request=said, kind="AwsServiceEvent")


def _shortened(event: Event) -> Event:
    """Return *event* without its lists, as CloudTrail omits what is too large."""
    response = event.response and _without_lists(event.response)
    return event._replace(request=_without_lists(event.request or {}), response=response)


def _without_lists(said: Fields) -> Fields:
    kept: Fields = {name: each for name, each in said.items() if isinstance(each, str | int)}
    return kept if len(kept) == len(said) else {**kept, "omitted": True}
