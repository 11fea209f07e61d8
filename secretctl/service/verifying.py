"""Verifying that secrets can be read, without reading them where nothing asks for their values.

A request is decided on as GetSecretValue is: by policies, for the version that it means, with the
use of its key. What is refused is recorded as refused, and what has to be read is read, recorded
as ever. What is only looked for is no read: one event, ``Check``, names it with all the rest.
"""

from __future__ import annotations

from secretctl.audit.event import Event
from secretctl.audit.records import own
from secretctl.errors import ServiceError
from secretctl.model.shapes import Fields, Parameters, Result
from secretctl.record import NamedTuple
from secretctl.service.access import record_access
from secretctl.service.failures import failing
from secretctl.service.reading import Choice, choose, release
from secretctl.service.session import Session
from secretctl.vault.view import View

COMMAND = "check"
_MOST_NAMED = 64
"""Secrets named in the record."""

_NOT_FINISHED = "The check was not finished."


class Asked(NamedTuple):
    """A secret that somebody needs."""

    request: Parameters
    """Of GetSecretValue."""

    is_read: bool
    """Whether its value is asked for."""


def verify(session: Session, asked: list[Asked]) -> list[Result | ServiceError]:
    """Return for each request what GetSecretValue would answer; an empty answer for what is there.

    All are of one moment of the vault, and recorded together.

    Args:
        session: Of the caller.
        asked: At least one.

    Raises:
        SecretctlError: The vault or its journal cannot be used, or a policy is not in force.
    """
    said: Fields = {}

    def event() -> Event:
        return own("Check", session.region, dict(said), read_only=True)

    with failing(session.recorder, event, _NOT_FINISHED), session.vault.read() as view:
        choices = [choose(session, view, each.request, {"operation": COMMAND}) for each in asked]
        said.update(_said(asked, choices))
        session.recorder.note(event())
        answers = _answers(session, view, asked, choices)
    record_access(session)
    return answers


def _said(asked: list[Asked], choices: list[Choice]) -> Fields:
    named = [(choice.event.request or {}).get("secretId") for choice in choices]
    said: Fields = {"secrets": named[:_MOST_NAMED], "secretCount": len(asked)}
    return said | ({"secretsOmitted": len(asked) - _MOST_NAMED} if named[_MOST_NAMED:] else {})


def _answers(
    session: Session, view: View, asked: list[Asked], choices: list[Choice]
) -> list[Result | ServiceError]:
    """Read what is to be read; what is there and not read has an empty answer."""
    told = [
        each.is_read or choice.error is not None
        for each, choice in zip(asked, choices, strict=True)
    ]
    both = zip(choices, told, strict=True)
    released = iter(release(session, view, [choice for choice, is_told in both if is_told]))
    answers: list[Result | ServiceError] = []
    for is_told in told:
        answer = next(released) if is_told else {}
        if not isinstance(answer, dict | ServiceError):
            raise answer
        answers.append(answer)
    return answers
