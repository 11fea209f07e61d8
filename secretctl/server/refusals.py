"""What was refused before anybody was known, counted for the journal.

Anyone who reaches the port can send any number of requests; a record of each would fill the disk
and hold up everybody. The first of a kind is recorded within about a second, the others together
once a minute.
"""

from __future__ import annotations

from threading import Lock

from secretctl.audit.event import Event
from secretctl.audit.records import own
from secretctl.domain.principals import is_key_id

_EVERY_MS = 60_000
_MOST_KEYS = 16
_SENTENCE = "Requests were refused before they reached the vault."


class Refusals:
    """Counts by reason; noted in any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, int] = {}
        self._key_ids: dict[str, set[str]] = {}
        self._recorded_ms: dict[str, int] = {}

    def note(self, reason: str, key_id: str = "") -> None:
        """Count one.

        Args:
            reason: Code of an error, or another word of ours.
            key_id: The access key it named; what has not the form of one may be a secret.
        """
        with self._lock:
            self._counts[reason] = self._counts.get(reason, 0) + 1
            named = self._key_ids.setdefault(reason, set())
            if is_key_id(key_id) and len(named) < _MOST_KEYS:
                named.add(key_id)

    def due(self, region: str, now_ms: int, *, is_last: bool = False) -> list[Event]:
        """Return the events that are to be recorded now; they are counted from the beginning.

        Args:
            region: The server's.
            now_ms: Milliseconds since 1970.
            is_last: Whether nobody asks again.
        """
        with self._lock:
            return [
                self._event(reason, region, now_ms)
                for reason in list(self._counts)
                if is_last or now_ms - self._recorded_ms.get(reason, -_EVERY_MS) >= _EVERY_MS
            ]

    def _event(self, reason: str, region: str, now_ms: int) -> Event:
        self._recorded_ms[reason] = now_ms
        said: dict[str, object] = {"count": self._counts.pop(reason)}
        if key_ids := self._key_ids.pop(reason):
            said["accessKeyIds"] = sorted(key_ids)
        event = own("RefuseRequests", region, said, read_only=True)
        return event._replace(error_code=reason, error_message=_SENTENCE)
