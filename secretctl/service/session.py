"""What an operation is given besides its parameters."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.context import Context, tell
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service.caller import Caller
from secretctl.service.recording import Recorder
from secretctl.vault.vault import Vault

if TYPE_CHECKING:
    from typing import Protocol, TypeVar

    from secretctl.vault.transaction import Transaction

    Found = TypeVar("Found")

    class Take(Protocol):
        """Has a piece of work done in the vault's thread, and waits for what it returns."""

        def __call__(self, session: Session, piece: Callable[[], Found], /) -> Found:
            """Return what *piece* does for *session*; raises so, and StoreError once it is over."""


_FORGETS = (
    "secretctl: warning: what this machine has seen of the vault cannot be kept: an older copy put "
    "back would not be noticed: %ssee $XDG_STATE_HOME\n"
)


def no_function(_name: str, _secret: str) -> str:
    """Know no rotation function."""
    return "secretctl rotation functions list"


def no_progress(_done: int, _total: int) -> None:
    """Show nobody how far a long change has come."""


def here(_: Session, piece: Callable[[], Found]) -> Found:
    """Do a piece of work in this thread: it is the vault's."""
    return piece()


class Session(NamedTuple):
    """A caller's dealings with one vault in one region."""

    context: Context
    vault: Vault
    region: str
    seen: set[tuple[str, str, str]]
    """Versions read and not yet recorded as read: region, name, version id."""

    listings: dict[tuple[int, str], list[tuple[int | str, int, str]]]
    """Sorted listings by generation and request, kept between the pages of one listing."""

    recorder: Recorder
    caller: Caller
    lacks_function: Callable[[str, str], str] = no_function
    """Returns what to type before a rotation function can be run; empty where it can.

    Is given the RotationLambdaARN and the name of the secret; raises ConfigError where what is said
    of it has no meaning.
    """

    progress: Callable[[int, int], None] = no_progress
    """Is told how much of a long change is done, and how much there is."""

    take: Take = here
    """How another thread than the vault's has done what touches the vault."""

    within: Transaction | None = None
    """Open already: what is changed is committed with it, by whoever opened it."""

    def turn(self, piece: Callable[[], Found]) -> Found:
        """Return what *piece* does in the vault's thread; raises so, and StoreError once closed."""
        return self.take(self, piece)

    def close(self) -> None:
        """Write what is not recorded yet, and give vault and journal back."""
        try:
            self.recorder.close()
        finally:
            self.vault.close()
        if self.recorder.known.forgets:
            why = self.recorder.known.why_forgets
            tell(self.context, _FORGETS % (f"{why}: " if why else ""))
