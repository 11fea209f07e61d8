"""Values read for many callers at once: each is decided on its own, all are recorded in one append.

A record on the disk costs what a hundred do, so requests that wait for each other are answered
together: chosen one by one, recorded, and decrypted once that is durable. A refusal, or a value
that is damaged, is that of its request alone.
"""

from __future__ import annotations

from contextlib import ExitStack

from secretctl.errors import SecretctlError
from secretctl.model.shapes import Parameters, Result
from secretctl.record import TYPE_CHECKING
from secretctl.service.opening import bind
from secretctl.service.reading import choose, released

if TYPE_CHECKING:
    from secretctl.service.recording import Recorder
    from secretctl.service.session import Session
    from secretctl.vault.vault import Vault
    from secretctl.vault.view import View


def read(
    recorder: Recorder, requests: list[tuple[Session, Parameters]]
) -> list[Result | SecretctlError]:
    """Answer several GetSecretValue requests; call it inside of one moment of the vault.

    Args:
        recorder: Writes the journal; those of the sessions make the records.
        requests: Of each the session of its caller, and its wire parameters; one at least.

    Returns:
        For each its answer, or the error that refused it or broke it off, which is recorded too.
        What was read of each is in the ``seen`` of its session.

    Raises:
        JournalUnavailableError: They could not be recorded; nothing was decrypted.
    """
    with ExitStack() as moment:
        views: dict[Vault, View] = {}
        choices = []
        for session, parameters in requests:
            vault = session.vault
            if vault not in views:
                views[vault] = moment.enter_context(vault.read())
            bind(session)
            choices.append(choose(session, views[vault], parameters))
        sessions = [session for session, _ in requests]
        events = [choice.event for choice in choices]
        recorder.write_all(
            [(each.recorder, event) for each, event in zip(sessions, events, strict=True)]
        )
        answers = []
        for session, choice in zip(sessions, choices, strict=True):
            answer = released(session, views[session.vault], choice)
            if not isinstance(answer, SecretctlError):
                session.recorder.gives([choice.event])
            answers.append(answer)
    return answers
