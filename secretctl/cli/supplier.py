"""What gives out secrets to a command: a vault of this machine, or a remote endpoint.

A vault records what is read and what becomes of it. An endpoint has a journal of its own; here,
nothing is recorded of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from secretctl.audit.event import Event
from secretctl.errors import ServiceError
from secretctl.model.shapes import Decide, Operation, Parameters, Result
from secretctl.record import TYPE_CHECKING
from secretctl.service import dispatch
from secretctl.service.failures import delivering, failing
from secretctl.service.session import Session

if TYPE_CHECKING:
    from secretctl.remote.calling import Remote
    from secretctl.service.verifying import Asked

Answers = list[Result | ServiceError]


class OfVault:
    """The vault of a session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.region = session.region
        self.context = session.context
        self.directory = session.vault.directory
        """Of the vault."""

    def call(self, operation: Operation, parameters: Parameters) -> Result:
        """Run an operation; as `dispatch.call`."""
        return dispatch.call(self.session, operation, parameters)

    def change_read(
        self,
        request: Parameters,
        via: str,
        decide: Decide,
        *,
        is_part: bool,  # noqa: ARG002 nobody is in between
    ) -> Result | None:
        """Read a value, and run what comes of it; as `dispatch.change_read`."""
        return dispatch.change_read(self.session, request, via, decide)

    def read_all(self, requests: list[Parameters], via: str) -> Answers:
        """Answer GetSecretValue requests for the command *via*; as `dispatch.read_all`."""
        return dispatch.read_all(self.session, requests, via)

    def verify(self, asked: list[Asked]) -> Answers:
        """Tell what can be read; as `verifying.verify`."""
        from secretctl.service.verifying import verify

        return verify(self.session, asked)

    def shown(self, name: str) -> str:
        """Return a name as the journal has it."""
        return self.session.recorder.names.shown(name)

    def record(self, event: Event) -> None:
        """Record what is done with the values."""
        self.session.recorder.write([event])

    def failing(self, tell: Callable[[], Event], failure: str) -> AbstractContextManager[None]:
        """Record it if that fails; as `failures.failing`."""
        return failing(self.session.recorder, tell, failure)

    def delivering(self) -> AbstractContextManager[None]:
        """Record it if values do not arrive; as `failures.delivering`."""
        return delivering(self.session.recorder)

    def flush(self) -> None:
        """Have on the disk what is recorded of reads."""
        self.session.recorder.flush()

    def close(self) -> None:
        """Give the vault back."""
        self.session.close()


class OfEndpoint:
    """A remote endpoint."""

    directory = ""
    """Of no vault."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.region = remote.region
        self.context = remote.context

    def call(self, operation: Operation, parameters: Parameters) -> Result:
        """Run an operation; as `calling.call`."""
        from secretctl.remote import calling

        return calling.call(self.remote, operation, parameters)

    def change_read(
        self,
        request: Parameters,
        via: str,  # noqa: ARG002 no journal here
        decide: Decide,
        *,
        is_part: bool,
    ) -> Result | None:
        """Read a value, and run what comes of it; as `changing.change`."""
        from secretctl.remote import changing

        return changing.change(self.remote, request, decide, is_part=is_part)

    def read_all(self, requests: list[Parameters], via: str) -> Answers:  # noqa: ARG002 no journal here
        """Answer GetSecretValue requests; as `calling.read_all`."""
        from secretctl.remote import calling

        return calling.read_all(self.remote, requests)

    def verify(self, asked: list[Asked]) -> Answers:
        """Tell what can be read. Only reading shows that over there, so all of it is read."""
        answers = self.read_all([each.request for each in asked], "")
        pairs = zip(asked, answers, strict=True)
        return [
            answer if each.is_read or isinstance(answer, ServiceError) else {}
            for each, answer in pairs
        ]

    def shown(self, name: str) -> str:
        """Return the name."""
        return name

    def record(self, _event: Event) -> None:
        """Record nothing."""

    def failing(self, _tell: Callable[[], Event], _failure: str) -> AbstractContextManager[None]:
        """Record nothing."""
        return nullcontext()

    def delivering(self) -> AbstractContextManager[None]:
        """Record nothing."""
        return nullcontext()

    def flush(self) -> None:
        """Have nothing to write."""

    def close(self) -> None:
        """Give the connection back."""
        self.remote.close()


Supplier = OfVault | OfEndpoint
