"""The one door into the service: validate, record, run, answer.

Every face comes in here; nothing else reaches an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from secretctl.errors import SecretctlError, ServiceError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Decide, Operation, Parameters, Result, snake
from secretctl.model.validate import check_service
from secretctl.record import TYPE_CHECKING
from secretctl.service.access import record_access
from secretctl.service.acts import Act
from secretctl.service.reading import choose, release
from secretctl.service.session import Session

if TYPE_CHECKING:
    from typing import Any

Handler = Callable[..., Result]


def call(session: Session, operation: Operation, parameters: Parameters) -> Result:
    """Run *operation* with wire *parameters* and return its wire result.

    Timestamps are aware ``datetime`` in UTC, blobs ``bytes``.

    Raises:
        ServiceError: The operation refused.
        SecretctlError: The vault could not be read or changed.
    """
    with session.recorder.during(_act(session, operation, parameters)):
        result = _runner(operation)(session, parameters)
    record_access(session)
    return result


def read(session: Session, operation: Operation, parameters: Parameters, via: str) -> Result:
    """Answer one GetSecretValue, the *operation*; as `call`, and its record says *via* what."""
    with session.recorder.during(_act(session, operation, parameters)):
        with session.vault.read() as view:
            choice = choose(session, view, parameters, {"operation": via})
            (answer,) = release(session, view, [choice])
        session.recorder.recorded()
        if isinstance(answer, SecretctlError):
            raise answer
    record_access(session)
    return answer


def change_all(
    session: Session,
    operations: Sequence[Operation],
    parameters: Sequence[Parameters],
    *,
    commits: bool = True,
) -> list[Result | ServiceError]:
    """Run several operations that change secrets, in one commit; see `one_commit.change`.

    Args:
        session: Of the caller.
        operations: One for each of *parameters*.
        parameters: Wire parameters.
        commits: Whether what is changed is kept.

    Returns:
        For each its wire result, or the error that refused it. If there is one, nothing changed.
    """
    from secretctl.service import one_commit

    runners = {operation.name: _runner(operation) for operation in operations}

    def step(operation: Operation, given: Parameters) -> one_commit.Step:
        run = runners[operation.name]
        return one_commit.Step(_act(session, operation, given), lambda within: run(within, given))

    steps = [step(*each) for each in zip(operations, parameters, strict=True)]
    return one_commit.change(session, steps, commits=commits)


def change_read(session: Session, request: Parameters, via: str, decide: Decide) -> Result | None:
    """Read a value and run what *decide* makes of it, with nobody in between; see `one_turn`.

    Args:
        session: Of the caller.
        request: Wire parameters of GetSecretValue.
        via: What reads it, for the journal.
        decide: Is given the answer or the refusal, and may raise.

    Returns:
        The wire result of what was run; None if nothing was.
    """
    from secretctl.service import one_turn
    from secretctl.service.one_commit import Step

    def next_step(answer: Result | ServiceError) -> Step | None:
        decided = decide(answer)
        if decided is None:
            return None
        operation, given = decided
        run = _runner(operation)
        return Step(_act(session, operation, given), lambda within: run(within, given))

    result = one_turn.change(session, request, via, next_step)
    record_access(session)
    return result


def check_creation(parameters: Parameters, region: str) -> None:
    """Check a CreateSecret request as far as that goes before there is a vault.

    Raises:
        ServiceError: An empty vault would refuse it too.
    """
    from secretctl.service.creation import check

    operation = BY_NAME["CreateSecret"]
    check_service(operation, parameters)
    check(region, **_arguments(parameters))


def read_all(
    session: Session, requests: list[Parameters], via: str = ""
) -> list[Result | ServiceError]:
    """Answer several GetSecretValue requests from one moment of the vault.

    Args:
        session: Of the caller.
        requests: Wire parameters, one at least.
        via: What reads them, for the journal.

    Returns:
        For each request its answer, or the error that refused it. They are recorded together, and
        so are the dates of access.

    Raises:
        VaultDamagedError: A record or a value is not what was written.
    """
    with session.vault.read() as view:
        said: Result | None = {"operation": via} if via else None
        choices = [choose(session, view, parameters, said) for parameters in requests]
        answers = release(session, view, choices)
    record_access(session)
    given: list[Result | ServiceError] = []
    for answer in answers:
        if not isinstance(answer, dict | ServiceError):
            raise answer
        given.append(answer)
    return given


def _act(session: Session, operation: Operation, parameters: Parameters) -> Act:
    return Act(
        operation.name,
        session.region,
        session.recorder.names,
        read_only=operation.read_only,
        parameters=parameters,
        source=f"{operation.service}.amazonaws.com",
        decision=session.caller.decision,
    )


def _runner(operation: Operation) -> Callable[[Session, Parameters], Result]:
    module, _, function = operation.handler.partition(":")
    handler: Handler = getattr(__import__(module, fromlist=(function,)), function)

    def run(session: Session, parameters: Parameters) -> Result:
        check_service(operation, parameters)
        if session.caller.is_bound and parameters.get("SecretId") is None:
            from secretctl.service.authorizing_calls import on_call

            on_call(session, operation)
        return handler(session, **_arguments(parameters))

    return run


def _arguments(parameters: Parameters) -> dict[str, Any]:
    return {snake(name): each for name, each in parameters.items() if each is not None}
