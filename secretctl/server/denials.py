"""How often one caller may be denied something: who tries everything is slowed down.

What is denied costs as much as what is not, and a record in the journal. A caller never notices
where its policies let it do what it asks; one that does not know the secret of a key spends nothing
of what its owner has.
"""

from __future__ import annotations

from secretctl.errors import ServiceError

AT_ONCE = 100
A_SECOND = 10
_DENIED = "AccessDeniedException"
_MOST_CALLERS = 4096
_SECOND_MS = 1000


class Denials:
    """Counts for each caller; for one thread."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}
        """How many there were, as far as time has not made up for them, and when that was so."""

    def are_too_many(self, key_id: str, now_ms: int) -> bool:
        """Tell whether a caller was denied so much that it has to wait for the next denial."""
        return self._count(key_id, now_ms) > AT_ONCE - 1

    def note(self, key_id: str, error: ServiceError, now_ms: int) -> None:
        """Count an error that was answered, if it is a denial."""
        if error.code == _DENIED:
            count = self._count(key_id, now_ms) + 1
            self._counts.pop(key_id, None)
            if len(self._counts) >= _MOST_CALLERS:
                del self._counts[next(iter(self._counts))]
            self._counts[key_id] = count, now_ms

    def _count(self, key_id: str, now_ms: int) -> float:
        count, at_ms = self._counts.get(key_id, (0.0, now_ms))
        return max(0.0, count - max(0, now_ms - at_ms) * A_SECOND / _SECOND_MS)
