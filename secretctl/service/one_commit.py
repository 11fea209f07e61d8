"""Several changes in one commit: all of them, or none.

Each comes through the door as if it were alone: validated, decided on, with an intent and an
outcome of its own. What they share is the lock, the commit and the syncs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.record import NamedTuple
from secretctl.service.acts import Act, own_act
from secretctl.service.secrets import changing
from secretctl.service.session import Session

Answers = list[Result | ServiceError]
EXISTS = "ResourceExistsException"
_TELL_EVERY = 100


class Step(NamedTuple):
    """One of the changes."""

    act: Act
    run: Callable[[Session], Result]
    """Makes it, within a session whose transaction is open."""


class _TakenBackError(Exception):
    """The changes are not to be committed."""


def change(session: Session, steps: Sequence[Step], *, commits: bool) -> Answers:
    """Make all changes, unless one is refused; then none is made.

    Args:
        session: Of the caller; its ``progress`` is told how far it has come.
        steps: The changes, in order; each sees those before it.
        commits: Whether they are committed. If not, it is only found out what would be answered.

    Returns:
        For each its answer, or why it was refused. Refusals are recorded, but for those that only
        say that there is such a secret already: whoever asks for so many wants to know.

    Raises:
        SecretctlError: The vault could not be changed; nothing was.
    """
    recorder = session.recorder
    whole = own_act(session, "Import", {})
    whole.consists_of(())
    answers: Answers = []
    with recorder.during(whole):
        try:
            with changing(session) as transaction:
                within = session._replace(within=transaction)
                for number, step in enumerate(steps):
                    if number % _TELL_EVERY == 0:
                        session.progress(number, len(steps))
                    answers.append(_answer(within, step))
                recorder.act = whole
                if not commits or any(isinstance(each, ServiceError) for each in answers):
                    raise _TakenBackError
                whole.consists_of(tuple(step.act for step in steps))
        except _TakenBackError:
            _record_refusals(session, steps, answers)
            whole.is_recorded = True
    return answers


def _answer(within: Session, step: Step) -> Result | ServiceError:
    within.recorder.act = step.act
    try:
        return step.run(within)
    except ServiceError as error:
        return error


def _record_refusals(session: Session, steps: Sequence[Step], answers: Answers) -> None:
    refused = [
        step.act.failed(answer)
        for step, answer in zip(steps, answers, strict=True)
        if isinstance(answer, ServiceError) and answer.code != EXISTS
    ]
    if refused:
        session.recorder.write(refused)
