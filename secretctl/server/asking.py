"""What requests ask of the vault's thread, and what answers them there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from secretctl.audit.event import Origin
from secretctl.errors import SecretctlError
from secretctl.model.shapes import Operation
from secretctl.record import NamedTuple
from secretctl.server.protocol import Parameters, Result
from secretctl.service.session import Session
from secretctl.sigv4.claims import Claim
from secretctl.sigv4.request import Request


class Asked(NamedTuple):
    """What one request asks for, and who. Its ``repr`` shows no value."""

    session: Session
    parameters: Parameters

    def __repr__(self) -> str:
        """Name who asks."""
        return f"<asked by {self.session.caller.arn}>"


class Keeper(Protocol):
    """What holds the vault; used in its thread alone."""

    def session_of(self, request: Request, claimed: Claim, origin: Origin) -> Session:
        """Return the session of whoever signed *request*; raises ServiceError."""

    def own(self, origin: Origin) -> Session:
        """Return a session of whoever opened the vault for the server."""

    def call(self, operation: Operation, asked: Asked) -> Result:
        """Return what an operation other than GetSecretValue answers."""

    def follow(self, operation: Operation, asked: Asked, answer: Result) -> None:
        """Do what an operation has begun, once that is answered."""

    def read_all(self, reads: Sequence[Asked]) -> Sequence[Result | SecretctlError]:
        """Return for each its answer, or why there is none; all are recorded together."""

    def is_replaced(self) -> bool:
        """Tell whether another vault is in the place of the one that is open."""

    def moment(self) -> AbstractContextManager[object]:
        """Hold one moment of the vault, for what is only read."""

    def tick(self, *, is_idle: bool) -> None:
        """See to what is due, and to what can wait if nobody waits; once a second at least."""


Asks = Callable[[Keeper], Asked]
"""Proves who asks, and reads what for; called in the vault's thread."""
