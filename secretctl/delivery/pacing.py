"""When to look at what has changed: changes that follow one another are taken as one.

* A look is due once nothing has changed for 0.3 s, or 2 s after the first of endless changes.
* After a change that was acted upon, the next waits: 1 s, then 2, 4, … up to 60 s. Two minutes
  without one, and it begins at 1 s again.
* A look that failed is made again, with the same waits in between.

There is no clock here: seconds are passed in.
"""

from __future__ import annotations

SETTLED_S = 0.3
_LONGEST_S = 2.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_FORGOTTEN_S = 120.0


class Pace:
    """Decides when to look."""

    def __init__(self, stamp: object, now_s: float) -> None:
        """Begin at the moment at which what is watched was as *stamp* says."""
        self._stamp = stamp
        self._first_s: float | None = None
        """When the first change that nobody looked at was noticed."""

        self._last_s = now_s
        self._acted_s = now_s
        self._wait_s = _FIRST_WAIT_S
        self._not_before_s = now_s + _FIRST_WAIT_S

    def sees(self, stamp: object, now_s: float) -> None:
        """Notice how what is watched stands."""
        if stamp != self._stamp:
            self._stamp, self._last_s = stamp, now_s
            self._first_s = now_s if self._first_s is None else self._first_s

    def left_s(self, now_s: float) -> float | None:
        """Return how long it is until a look is due; zero if it is, None if nothing has changed."""
        if self._first_s is None:
            return None
        quiet_s = min(self._last_s + SETTLED_S, self._first_s + _LONGEST_S)
        return max(0.0, max(quiet_s, self._not_before_s) - now_s)

    def looked(self, now_s: float) -> None:
        """Know that everything was looked at; what still changes is looked at once it is quiet."""
        self._first_s = now_s if now_s < self._last_s + SETTLED_S else None

    def failed(self, now_s: float) -> None:
        """Know that a look failed."""
        self._first_s = now_s
        self.acted(now_s)

    def acted(self, now_s: float) -> None:
        """Know that a change was acted upon."""
        if now_s > self._acted_s + _FORGOTTEN_S:
            self._wait_s = _FIRST_WAIT_S
        self._acted_s, self._not_before_s = now_s, now_s + self._wait_s
        self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)
