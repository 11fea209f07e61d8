"""A context that is worked out once a policy asks for it: few have conditions or variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.policy.variables import Context


class Late(Mapping[str, "str | tuple[str, ...]"]):
    """What is known of a request, by *make* when it is looked at first."""

    def __init__(self, make: Callable[[], Context]) -> None:
        self._make = make
        self._made: Context | None = None

    def __getitem__(self, key: str) -> str | tuple[str, ...]:
        """Return what *key* is."""
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        """Go through the keys."""
        return iter(self._all())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all())

    def _all(self) -> Context:
        if self._made is None:
            self._made = self._make()
        return self._made
