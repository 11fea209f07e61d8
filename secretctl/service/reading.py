"""GetSecretValue: versions are chosen first, recorded together, and decrypted last."""

from __future__ import annotations

from secretctl.audit.event import Event
from secretctl.domain.deletion import check_not_deleted
from secretctl.domain.secret import DAY_MS, Secret, Version
from secretctl.domain.versions import select
from secretctl.errors import SecretctlError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Parameters, Result
from secretctl.model.validate import check_service
from secretctl.record import NamedTuple
from secretctl.service.access import note_read
from secretctl.service.acts import Act
from secretctl.service.secrets import find, identity, moment
from secretctl.service.session import Session
from secretctl.vault.view import View

DAMAGED = "DecryptionFailure"
"""What the journal calls a value that is not what was written, as AWS would."""


class Choice(NamedTuple):
    """What a request means, and the event that tells of it."""

    event: Event
    found: tuple[Secret, Version] | None
    error: SecretctlError | None = None


def get_secret_value(
    session: Session,
    *,
    secret_id: str,
    version_id: str | None = None,
    version_stage: str | None = None,
) -> Result:
    """Return the value of the version that *version_id* or *version_stage* names.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    """
    request: Result = {"SecretId": secret_id}
    if version_id is not None:
        request["VersionId"] = version_id
    if version_stage is not None:
        request["VersionStage"] = version_stage
    with session.vault.read() as view:
        (answer,) = release(session, view, [choose(session, view, request)])
    session.recorder.recorded()
    if isinstance(answer, SecretctlError):
        raise answer
    return answer


def choose(session: Session, view: View, request: Parameters, via: Result | None = None) -> Choice:
    """Find the version that *request*, one of GetSecretValue, means; nothing is decrypted.

    Whether the caller may use its key is decided here, so that a refusal is all that is recorded.

    Args:
        session: Whose recorder learns which secret was found.
        view: The moment of the vault to look in.
        request: Wire parameters.
        via: What the record says of the operation that reads, where it is another.
    """
    recorder = session.recorder
    before = recorder.act
    act = recorder.act = Act(
        "GetSecretValue",
        session.region,
        recorder.names,
        read_only=True,
        parameters=request,
        decision=session.caller.decision,
    )
    try:
        check_service(BY_NAME["GetSecretValue"], request)
        secret = find(session, view, str(request["SecretId"]))
        check_not_deleted(secret)
        version = select(
            secret.versions, _text(request, "VersionId"), _text(request, "VersionStage")
        )
        view.check_decrypt(secret, version)
    except SecretctlError as error:
        return Choice(act.failed(error, via), None, error)
    finally:
        recorder.act = before
    return Choice(act.event({"versionId": version.id, **(via or {})}), (secret, version))


def release(session: Session, view: View, choices: list[Choice]) -> list[Result | SecretctlError]:
    """Record *choices* in the journal, then decrypt what they mean.

    Returns:
        For each its answer, or the error that refused it or broke it off, which is recorded too.

    Raises:
        JournalUnavailableError: They could not be recorded; nothing was decrypted.
    """
    session.recorder.write([choice.event for choice in choices])
    answers = [released(session, view, choice) for choice in choices]
    both = zip(choices, answers, strict=True)
    session.recorder.gives([choice.event for choice, answer in both if isinstance(answer, dict)])
    return answers


def released(session: Session, view: View, choice: Choice) -> Result | SecretctlError:
    """Decrypt what *choice* means, which is recorded; or return what refused it or broke it off."""
    if choice.found is None:
        assert choice.error is not None, "nothing was found and nothing refused"
        return choice.error
    secret, version = choice.found
    try:
        value = view.stored_value(secret, version)
    except SecretctlError as error:
        session.recorder.write([_failed(choice.event)])
        return error
    note_read(session, secret, version, session.context.now_ms() // DAY_MS)
    result: Result = {**identity(session, secret), "VersionId": version.id}
    if value.is_text:
        result["SecretString"] = value.plain.decode()
    else:
        result["SecretBinary"] = value.plain
    if version.stages:
        result["VersionStages"] = list(version.stages)
    result["CreatedDate"] = moment(version.created_ms)
    return result


def _failed(event: Event) -> Event:
    from secretctl.service.shown_errors import ERRORS

    return event._replace(error_code=DAMAGED, error_message=ERRORS[DAMAGED])


def _text(request: Parameters, member: str) -> str | None:
    given = request.get(member)
    return None if given is None else str(given)
