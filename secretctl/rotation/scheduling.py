"""The scheduler of a server: once a minute it looks for secrets whose rotation is due.

It does what ``rotation run-due`` does, in all regions. A secret whose function is not known here is
left to whoever knows it. What is refused before a try can be noted in the vault is not asked for
again and again: the waits between tries hold for it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from threading import Event, Thread
from time import monotonic

from secretctl.domain import retries
from secretctl.domain.secret import Secret
from secretctl.errors import ConfigError
from secretctl.record import NamedTuple
from secretctl.rotation.background import Background, Work
from secretctl.rotation.engine import rotate_if_due
from secretctl.rotation.lease import LeaseHeldError
from secretctl.rotation.steps import Function, RotationError
from secretctl.server.turns import TurnsOverError
from secretctl.service import due
from secretctl.service.secrets import arn
from secretctl.service.session import Session

_EVERY_S = 60.0
_REST = 4
"""How much longer others have the vault than a look at it has, while that lasts."""

_UNKNOWN = "due by a rotation function that is not registered here, and left to others"
_HINTS = ("secretctl rotation status", "secretctl rotation functions add NAME --path FILE")

Find = Callable[[Session, Secret], Function | None]
"""Returns the function that rotates a secret; None where it is not known here."""


class _Refused(NamedTuple):
    tries: int
    again_ms: int


class Scheduler:
    """Looks for what is due, and has it rotated in the background."""

    def __init__(
        self,
        session: Session,
        background: Background,
        find: Find,
        troubled: Callable[[BaseException], None],
    ) -> None:
        """Look in the vault of *session*, in turns; tell *troubled* what keeps it from looking."""
        self._session = session
        self._background = background
        self._find = find
        self._troubled = troubled
        self._is_over = Event()
        self._refused: dict[int, _Refused] = {}
        """By the number of the secret."""

        self._told = ""
        self._state = b""
        """Of the vault, when it was looked at last."""

        self._soonest_ms = 0
        """When the next is due, as long as nothing is changed."""

        self.unknown = 0
        """How many secrets are due whose function is not known here, as it was seen last."""

    def start(self) -> None:
        """Begin to look, in a thread of its own."""
        Thread(target=self._run, name="scheduler", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._is_over.set()

    def look(self) -> None:
        """Begin what is due.

        Raises:
            ConfigError: What is said of a function of some has no meaning; the others are begun.
            SecretctlError: What keeps the vault from being read.
        """
        if self._knows_of_nothing():
            return
        numbers: set[int] = set()
        unknown = 0
        trouble: ConfigError | None = None
        for found in self._pages():
            for secret in found.secrets:
                numbers.add(secret.number)
                try:
                    unknown += not self._sees_to(secret)
                except ConfigError as error:  # the others are due all the same
                    trouble = error
        if numbers:
            self._soonest_ms = 0
        if unknown > self.unknown:
            who = "1 secret is" if unknown == 1 else f"{unknown} secrets are"
            self._troubled(RotationError(f"{who} {_UNKNOWN}", *_HINTS))
        self.unknown = unknown
        self._refused = {each: self._refused[each] for each in numbers & self._refused.keys()}
        if trouble is not None:
            raise trouble

    def _knows_of_nothing(self) -> bool:
        """Tell whether the vault is as it was, and nothing has become due since."""
        if self._session.context.now_ms() >= self._soonest_ms:
            return False
        return self._session.turn(partial(due.is_unchanged, self._session, self._state))

    def _pages(self) -> Iterator[due.Due]:
        """Look at all secrets, some at a time; requests have most of the time between."""
        soonest_ms, place, state = due.NEVER_MS, b"", b""
        while True:
            began = monotonic()
            found = self._session.turn(partial(due.found_from, self._session, place))
            soonest_ms = min(soonest_ms, found.soonest_ms)
            state, place = state or found.state, found.place
            yield found
            if not place or self._is_over.wait(_REST * (monotonic() - began)):
                break
        self._soonest_ms, self._state = soonest_ms, state

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except TurnsOverError:
                return
            except Exception as error:  # noqa: BLE001 a thread has nobody above it
                self._tell(error)
            else:
                self._told = ""
            if self._is_over.wait(_EVERY_S):
                return

    def _tell(self, error: Exception) -> None:
        """Tell what keeps this from looking, once as long as it does."""
        if str(error) != self._told:
            self._troubled(error)
        self._told = str(error)

    def _sees_to(self, secret: Secret) -> bool:
        """Begin the rotation of a secret that is due; False where its function is not known."""
        refused = self._refused.get(secret.number)
        if refused is not None and refused.again_ms > self._session.context.now_ms():
            return True
        recorder = self._session.recorder
        own = self._session._replace(
            region=secret.region, recorder=recorder.beside(recorder.origin), seen=set()
        )
        function = self._find(own, secret)
        if function is None:
            return False
        run = partial(self._rotate, own, secret, function)
        self._background.begin(Work(secret.number, function, run))
        return True

    def _rotate(self, session: Session, secret: Secret, function: Function) -> bool:
        try:
            return bool(rotate_if_due(session, arn(session, secret), function, lambda _: None))
        except (RotationError, LeaseHeldError, TurnsOverError):
            raise
        except Exception:
            before = self._refused.get(secret.number, _Refused(0, 0))
            again_ms = session.context.now_ms() + retries.wait_ms(before.tries + 1)
            self._refused[secret.number] = _Refused(before.tries + 1, again_ms)
            raise
