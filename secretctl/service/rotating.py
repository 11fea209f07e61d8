"""Rotations under way: how far they are, and what becomes of them, in the vault and its journal.

The engine, which runs the functions, comes here between their steps. What is recorded has the names
CloudTrail gives it.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
"""

from __future__ import annotations

from contextlib import suppress

from secretctl.audit.event import SERVICE, Event
from secretctl.domain import names, retries, staging
from secretctl.domain.deletion import check_not_deleted, is_gone
from secretctl.domain.secret import TESTING, Rotation, Secret, Version
from secretctl.domain.staging import CURRENT, PENDING
from secretctl.errors import ServiceError
from secretctl.model.shapes import Fields
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service.acts import Act
from secretctl.service.rotation import INCOMPLETE
from secretctl.service.secrets import arn, changing, keep, meant
from secretctl.service.session import Session
from secretctl.service.versions import add_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

STARTED, SUCCEEDED, FAILED = "RotationStarted", "RotationSucceeded", "RotationFailed"
ABANDONED = "RotationAbandoned"
STEP = "RotationStep"
"""Our own: CloudTrail shows a step by what it calls."""

TEST_STARTED, TEST_SUCCEEDED, TEST_FAILED = (
    "TestRotationStarted",
    "TestRotationSucceeded",
    "TestRotationFailed",
)
NO_VALUE = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
_OFF = Rotation(enabled=False)
_DECISION: Fields = {"allowed": True, "reason": "rotation"}


class Standing(NamedTuple):
    """How far a rotation is."""

    secret: Secret
    version: Version | None
    """The one it makes; None once it is gone."""

    @property
    def is_pending(self) -> bool:
        """Whether the version is still the one that is being made."""
        return self.version is not None and PENDING in self.version.stages

    @property
    def is_current(self) -> bool:
        """Whether the version is the current one already."""
        return self.version is not None and CURRENT in self.version.stages

    @property
    def is_on(self) -> bool:
        """Whether nobody has cancelled rotation."""
        return self.secret.rotation is not None and self.secret.rotation.enabled

    @property
    def is_copy(self) -> bool:
        """Whether the version is but a copy on which a function was to be tried."""
        rotation = self.secret.rotation
        return rotation is not None and rotation.doing == TESTING and self.is_pending

    @property
    def is_over(self) -> bool:
        """Whether the rotation has succeeded, and that is noted."""
        return self.is_current and not self.is_pending

    @property
    def is_filled(self) -> bool:
        """Whether the version has a value."""
        return self.version is not None and bool(self.version.pin)


def standing(session: Session, secret_id: str, token: str) -> Standing:
    """Return how far the rotation is that makes the version *token*.

    Raises:
        ServiceError: ResourceNotFoundException, InvalidRequestException: the secret is gone.
        ValueDamagedError: The version has a value that no rotation made.
    """
    with session.vault.read() as view:
        secret = _meant(session, view, secret_id)
        found = Standing(secret, staging.by_id(secret.versions, token))
        if found.version is not None and found.is_pending and found.is_filled:
            from secretctl.vault.resealing import check_made

            check_made(view, secret, found.version)
    return found


def is_among(session: Session, secret_id: str, others: Iterable[str]) -> bool:
    """Tell whether an id means one of the secrets that *others* mean; nobody is asked.

    Of *others*, some may be of another region or account: they mean nothing here.

    Raises:
        ServiceError: It can mean none.
    """
    with session.vault.read() as view:
        secret = meant(session, view, secret_id)
        for each in others if secret is not None else ():
            with suppress(ServiceError):
                if meant(session, view, each) == secret:
                    return True
    return False


def note(session: Session, name: str, secret: Secret, said: Fields) -> None:
    """Keep an event of a rotation for the next record, which follows it at once."""
    session.recorder.note(event(session, name, secret, said))


def event(session: Session, name: str, secret: Secret, said: Fields) -> Event:
    """Return an event of a rotation; *said* is static: names of steps, numbers, ids of versions."""
    shown = session.recorder.names.arn(arn(session, secret), secret.name)
    return Event(
        name,
        SERVICE,
        secret.region,
        read_only=False,
        arns=(shown,),
        additional=said,
        kind="AwsServiceEvent",
    )


def succeed(session: Session, secret_id: str, token: str) -> None:
    """End a rotation whose version is the current one: AWSPENDING goes, and the dates move on.

    Raises:
        ServiceError: The secret is gone.
    """

    def ended(_: Transaction, secret: Secret) -> Secret:
        rotation, now_ms = secret.rotation or _OFF, session.context.now_ms()
        rotation = retries.after_change(rotation, now_ms)._replace(last_rotated_ms=now_ms)
        version = staging.by_id(secret.versions, token)
        secret = secret._replace(rotation=rotation)
        if version is None or PENDING not in version.stages:
            return secret
        return secret._replace(versions=staging.release(secret.versions, PENDING))

    _change(session, SUCCEEDED, secret_id, {"versionId": token}, ended)


def fail(session: Session, secret_id: str, token: str, step: str, why: str) -> Rotation:
    """Note that a try of a rotation failed; return when the next one is due, among the rest.

    Args:
        session: Of the caller.
        secret_id: The ARN.
        token: Id of the version that is made.
        step: In which it failed.
        why: A static sentence.

    Raises:
        ServiceError: The secret is gone.
    """
    said: Fields = {"versionId": token, "step": step, "reason": why}

    def failed(_: Transaction, secret: Secret) -> Secret:
        rotation, now_ms = secret.rotation or _OFF, session.context.now_ms()
        version = staging.by_id(secret.versions, token)
        began_ms = now_ms if version is None else version.created_ms
        rotation = retries.after_failure(rotation, began_ms, step, why, now_ms)
        said["tries"] = rotation.failed_tries
        return secret._replace(rotation=rotation)

    kept = _change(session, FAILED, secret_id, said, failed)
    assert kept.rotation is not None, "it was just given one"
    return kept.rotation


def hold_copy(session: Session, secret_id: str, token: str) -> None:
    """Make a pending version that is a copy of the current one, for a function to be tried on it.

    Raises:
        ServiceError: There is no current value; the secret is gone.
    """

    def copied(transaction: Transaction, secret: Secret) -> Secret:
        current = staging.current(secret.versions)
        if current is None or not current.pin:
            raise ServiceError("ResourceNotFoundException", NO_VALUE)
        if retries.stands_in_the_way(secret, token, tries_out=True):
            raise ServiceError("InvalidRequestException", INCOMPLETE)
        value = transaction.value(secret, current)
        copy = add_version(
            session, transaction, secret, token, value, (PENDING,), lambda: arn(session, secret)
        )
        return _doing(copy or secret, TESTING)

    _change(session, TEST_STARTED, secret_id, {"versionId": token}, copied)


def drop_copy(session: Session, secret_id: str, token: str, failed: str = "") -> None:
    """Take away what `hold_copy` made; *failed*: why the function did not pass, a static sentence.

    Raises:
        ServiceError: The secret is gone.
    """

    def dropped(transaction: Transaction, secret: Secret) -> Secret:
        copy = staging.by_id(secret.versions, token)
        if copy is None or CURRENT in copy.stages:
            return secret
        transaction.delete_value(secret, copy.serial)
        left = tuple(v for v in secret.versions if v.id != token)
        return _doing(secret._replace(versions=left), "")

    said: Fields = {"versionId": token, **({"reason": failed} if failed else {})}
    _change(session, TEST_FAILED if failed else TEST_SUCCEEDED, secret_id, said, dropped)


def rotated(session: Session) -> list[Secret]:
    """Return the secrets of the region that have a rotation, oldest first.

    Raises:
        ServiceError: AccessDeniedException: the caller may not list secrets.
    """
    recorder = session.recorder
    caller = session.caller
    act = Act(
        "ListSecrets", session.region, recorder.names, read_only=True, decision=caller.decision
    )
    with recorder.during(act):
        if caller.holder is not None:
            from secretctl.model.operations import BY_NAME
            from secretctl.service.authorizing_calls import on_call

            on_call(session, BY_NAME["ListSecrets"])
        now_ms = session.context.now_ms()
        with session.vault.read() as view:
            found = view.all_secrets(session.region)
            return [
                each for each in found if each.rotation is not None and not is_gone(each, now_ms)
            ]


def changed_by_hand(session: Session, before: Secret, secret: Secret) -> Secret:
    """Return *secret*, whose value was put or whose labels were moved by hand.

    A rotation under way whose version is pending no more is abandoned: that follows the record of
    the change. A value put by hand counts as a rotation.
    """
    if secret.rotation is None:
        return secret
    pending, act = retries.under_way(before), session.recorder.act
    is_over = staging.by_stage(secret.versions, PENDING) is None
    if pending is not None and is_over and act is not None:
        act.followed_by.append(event(session, ABANDONED, secret, {"versionId": pending.id}))
        secret = secret._replace(rotation=retries.begun_anew(secret.rotation))
    return secret


def _doing(secret: Secret, what: str) -> Secret:
    return secret._replace(rotation=(secret.rotation or _OFF)._replace(doing=what))


def _change(
    session: Session,
    name: str,
    secret_id: str,
    said: Fields,
    change: Callable[[Transaction, Secret], Secret],
) -> Secret:
    recorder = session.recorder
    act = Act(
        name,
        session.region,
        recorder.names,
        read_only=False,
        decision=_DECISION,
        is_of_service=True,
    )
    act.adds(said)
    with recorder.during(act), changing(session) as transaction:
        before = _meant(session, transaction, secret_id)
        return keep(session, transaction, change(transaction, before), before)


def _meant(session: Session, view: View, secret_id: str) -> Secret:
    secret = meant(session, view, secret_id)
    if secret is None:
        raise names.not_found()
    check_not_deleted(secret)
    return secret
