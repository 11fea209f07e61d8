"""The endpoint of one rotation: on a free port of this machine, for one credential, while it runs.

Values that go through it are remembered, so that they can be left out of what the function prints.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TypeVar

from secretctl.audit.event import Origin
from secretctl.domain.credential import Given
from secretctl.errors import SecretctlError
from secretctl.model.shapes import Operation
from secretctl.server.asking import Asked
from secretctl.server.keeping import VaultKeeper
from secretctl.server.private import endpoint, listening
from secretctl.service.opening import bind
from secretctl.service.serving import Serving
from secretctl.service.session import Session
from secretctl.sigv4.claims import Claim
from secretctl.sigv4.request import Request

Fields = dict[str, object]
_CONNECTIONS = 64
_SENSITIVE = ("SecretString", "SecretBinary", "RandomPassword", "RotationToken")
Found = TypeVar("Found")


class Remembering:
    """Answers from a vault, and remembers the values in requests and answers."""

    def __init__(self, keeper: VaultKeeper, seen: set[str | bytes]) -> None:
        self._keeper = keeper
        self._seen = seen

    def session_of(self, request: Request, claimed: Claim, origin: Origin) -> Session:
        """Return the session of whoever signed *request*; raises ServiceError."""
        return self._keeper.session_of(request, claimed, origin)

    def own(self, origin: Origin) -> Session:
        """Return a session of whoever opened the vault."""
        return self._keeper.own(origin)

    def call(self, operation: Operation, asked: Asked) -> Fields:
        """Return what an operation answers."""
        self._remember(asked.parameters)
        answer = self._keeper.call(operation, asked)
        self._remember(answer)
        return answer

    def follow(self, operation: Operation, asked: Asked, answer: Fields) -> None:
        """Do what an operation has begun: of those that a function may call, none does."""

    def read_all(self, reads: Sequence[Asked]) -> Sequence[Fields | SecretctlError]:
        """Return the answer of each GetSecretValue."""
        answers = self._keeper.read_all(reads)
        for each in answers:
            if isinstance(each, dict):
                self._remember(each)
        return answers

    def is_replaced(self) -> bool:
        """Tell whether another vault is in the place of this one."""
        return self._keeper.is_replaced()

    def moment(self) -> AbstractContextManager[object]:
        """Hold one moment of the vault."""
        return self._keeper.moment()

    def tick(self, *, is_idle: bool) -> None:
        """See to what is due."""
        self._keeper.tick(is_idle=is_idle)

    def close(self) -> None:
        """Record what was refused since."""
        self._keeper.close()

    def _remember(self, said: Fields) -> None:
        for name in _SENSITIVE:
            value = said.get(name)
            if isinstance(value, str | bytes):
                self._seen.add(value)


class PrivateEndpoint:
    """An endpoint that a function is given. Its ``repr`` shows no credential."""

    def __init__(self, session: Session, arn: str, reads: list[str], token: str) -> None:
        """Begin to listen.

        Args:
            session: Of whoever rotates.
            arn: The secret.
            reads: Ids of other secrets that may be read.
            token: The RotationToken.

        Raises:
            ServiceError: One of them can mean nothing.
            ConfigError: There is no free port.
        """
        self._session = session
        self._is_same = False
        found, self.url = listening()
        self._endpoint = endpoint(found, session.context, _ignore, _CONNECTIONS)
        try:
            keeper, self.credential = session.turn(partial(self._prepared, arn, reads, token))
        except BaseException:
            found.close()
            raise
        self.seen: set[str | bytes] = {self.credential.secret, self.credential.session_token}
        """Values that went through, and the other secrets that the function is given."""

        self._keeper = Remembering(keeper, self.seen)
        self._endpoint.__enter__()

    def __repr__(self) -> str:
        """Name the place."""
        return f"<endpoint {self.url}>"

    def work(self) -> bool:
        """Answer until `pause` is called; False where another vault is in the place of this one."""
        self._is_same = self._endpoint.work(self._keeper, self._turn)
        return self._is_same

    def pause(self) -> None:
        """Let `work` return; from any thread."""
        self._endpoint.pause()

    def _prepared(self, arn: str, reads: list[str], token: str) -> tuple[VaultKeeper, Given]:
        serving = Serving(self._session, is_private=True)
        credential = serving.give_rotation(arn, reads, self._session.region, token)
        return self._endpoint.keeper(self._session, serving), credential

    def _turn(self, piece: Callable[[], Found]) -> Found:
        """Do a piece of work as the credential that the function has."""

        def bound() -> Found:
            try:
                return piece()
            finally:
                bind(self._session)

        return self._session.turn(bound)

    def close(self) -> None:
        """Take no more requests, and record what was refused of those that came."""
        self._endpoint.leave()
        if self._is_same:
            self._turn(self._keeper.close)


def _ignore(_error: BaseException) -> None:
    """Say nothing: the function is told, and its failure is said."""
