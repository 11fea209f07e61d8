"""What a server does of rotation: what requests begin, and what is due by its schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from secretctl.cli.functions import lacking, named
from secretctl.domain.credential import Given
from secretctl.domain.secret import Secret
from secretctl.errors import SecretctlError
from secretctl.model.shapes import Fields, Operation
from secretctl.rotation.background import Background, Work
from secretctl.rotation.engine import rotate, try_out
from secretctl.rotation.scheduling import Scheduler
from secretctl.rotation.steps import Function
from secretctl.server.endpoint import Endpoint
from secretctl.server.keeping import VaultKeeper
from secretctl.service import rotating
from secretctl.service.serving import Serving
from secretctl.service.session import Session

Troubled = Callable[[BaseException], None]


class Rotations:
    """The rotations of one server, over whichever vault lies in its place."""

    def __init__(self, troubled: Troubled, *, has_schedule: bool) -> None:
        """Tell *troubled* what fails; with a schedule, rotate what is due as well."""
        self._troubled = troubled
        self._has_schedule = has_schedule
        self._scheduler: Scheduler | None = None
        self._background = Background(troubled)

    def end(self, seconds: float) -> None:
        """Begin no more, and let what runs have *seconds*; see `Background.end`."""
        self._background.end(seconds)

    def gauges(self) -> dict[str, tuple[int, str]]:
        """Return what there is to count, as metrics have it."""
        unknown = 0 if self._scheduler is None else self._scheduler.unknown
        said = "Secrets that are due by a function that is not known here."
        more = {"secretctl_rotations_unknown_function": (unknown, said)}
        return self._background.gauges() | more

    def answer(self, endpoint: Endpoint, session: Session, given: Given | None) -> bool:
        """Answer requests, in the thread that opened the vault, and rotate beside it.

        Args:
            endpoint: It was entered.
            session: Of whoever opened the vault.
            given: The credential that opened it; None for the vault's owner.

        Returns:
            True once the endpoint has ended; False where another vault is in the place of this
            one: open that, and answer from it.
        """
        turns = endpoint.turns()
        session = session._replace(take=turns.take)
        keeper = endpoint.keeper(session, Serving(session, given), self._follow)
        try:
            with self._scheduled(session):
                has_ended = endpoint.work(keeper)
            is_same = has_ended and self._drained(endpoint, keeper)
        finally:
            turns.close()
        if has_ended:
            self._background.give_up()
        if is_same:
            keeper.close()
        return has_ended

    @contextmanager
    def _scheduled(self, session: Session) -> Iterator[None]:
        if not self._has_schedule:
            yield
            return
        scheduler = Scheduler(session, self._background, _found, self._troubled)
        scheduler.start()
        self._scheduler = scheduler
        try:
            yield
        finally:
            scheduler.stop()

    def _drained(self, endpoint: Endpoint, keeper: VaultKeeper) -> bool:
        """Let rotations that run have their turns, for as long as they may; raises as `answer`."""

        def wait() -> None:
            self._background.wait()
            endpoint.pause()

        Thread(target=wait, name="drain", daemon=True).start()
        return endpoint.work(keeper)

    def _follow(
        self, session: Session, operation: Operation, parameters: Fields, answer: Fields
    ) -> None:
        """Begin what RotateSecret, which was answered, asks for; in the vault's thread."""
        if operation.name != "RotateSecret":
            return
        secret_id, token = str(answer["ARN"]), str(answer["VersionId"])
        secret = rotating.standing(session, secret_id, token).secret
        name = "" if secret.rotation is None else secret.rotation.function
        function = named(session, secret, name, session.context)
        does = try_out if parameters.get("RotateImmediately") is False else rotate

        def run() -> bool:
            try:
                does(session, secret_id, token, function, lambda _: None)
            finally:
                with suppress(SecretctlError):  # what was noted last, and is in no record yet
                    session.turn(session.recorder.flush)
            return True

        self._background.begin(Work(secret.number, function, run))


def _found(session: Session, secret: Secret) -> Function | None:
    name = "" if secret.rotation is None else secret.rotation.function
    if lacking(session.context, name, secret.name):
        return None
    return named(session, secret, name, session.context)
