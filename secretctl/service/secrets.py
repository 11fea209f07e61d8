"""What most operations share: finding the secret that is meant, and keeping a changed one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl.domain import kms, names
from secretctl.domain.deletion import check_not_deleted, is_gone
from secretctl.domain.secret import DAY_MS, Secret
from secretctl.errors import ServiceError
from secretctl.model.timestamps import UTC, datetime, timedelta
from secretctl.record import TYPE_CHECKING
from secretctl.service.session import Session

if TYPE_CHECKING:
    from secretctl.vault.state import State
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.view import View

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def lookup(session: Session, view: View, secret_id: str) -> Secret | None:
    """Return the secret that *secret_id* means in this region, if the caller may do what it does.

    Args:
        session: Whose act it is about.
        view: A moment of the vault.
        secret_id: Name, full or partial ARN.

    Raises:
        ServiceError: AccessDeniedException.
    """
    try:
        secret = meant(session, view, secret_id)
    except ServiceError as error:
        if error.code == "ResourceNotFoundException":
            _authorize(session, view, None, secret_id)
        raise
    _authorize(session, view, secret, secret_id)
    return secret


def _authorize(session: Session, view: View, secret: Secret | None, secret_id: str) -> None:
    """Let the policies decide on the present act; the owner needs none, unless there is one.

    What is no operation of AWS's decides by itself who may do it.
    """
    act = session.recorder.act
    has_policy = secret is not None and secret.resource_policy
    if act is None or act.is_own:
        return
    if session.caller.is_bound or has_policy:
        from secretctl.service.authorizing import on_secret

        on_secret(session, view, act, secret, secret_id)


def replacing(session: Session, view: View) -> Callable[[Secret], None]:
    """Return what refuses to replace a secret by a replica, where the caller may not delete it.

    It raises AccessDeniedException. The owner needs no permission, unless the secret has a policy.
    """

    def check(secret: Secret) -> None:
        found(session, secret)
        act = session.recorder.act
        if act is not None and (session.caller.is_bound or secret.resource_policy):
            from secretctl.service.authorizing import on_replaced

            on_replaced(session, view, act, secret)

    return check


def meant(session: Session, view: View, secret_id: str) -> Secret | None:
    """Return the secret that *secret_id* means in this region, noted; nobody is asked.

    Raises:
        ServiceError: As `names.parse_secret_id`.
    """
    now = session.context.now_ms()
    for candidate in names.parse_secret_id(
        secret_id, region=session.region, account=session.vault.account
    ):
        secret = view.find(candidate.region, candidate.name)
        fits = secret is not None and candidate.suffix in (None, secret.suffix)
        if secret is not None and fits and not is_gone(secret, now):
            found(session, secret)
            return secret
    return None


def found(session: Session, secret: Secret) -> None:
    """Note for the journal that the request means *secret*."""
    if session.recorder.act is not None:
        session.recorder.act.found(arn(session, secret), secret.name)


def find(session: Session, view: View, secret_id: str) -> Secret:
    """Return the secret that *secret_id* means.

    Raises:
        ServiceError: ResourceNotFoundException.
    """
    secret = lookup(session, view, secret_id)
    if secret is None:
        raise names.not_found()
    return secret


@contextmanager
def changing(session: Session) -> Iterator[Transaction]:
    """Begin a change of the vault; secrets whose recovery window has ended are purged with it.

    Within another it is a part of that.
    """
    if session.within is not None:
        yield session.within
        return
    with writing(session) as transaction:
        transaction.sweep(session.context.now_ms())
        yield transaction


@contextmanager
def writing(session: Session) -> Iterator[Transaction]:
    """Hold the vault for writing; what is committed is recorded before and afterwards."""

    def settle(state: State, transaction: Transaction, failure: BaseException | None) -> None:
        gone = [arn(session, secret) for secret in transaction.purged]
        keys = [
            kms.arn(each, session.region, session.vault.account) for each in transaction.purged_keys
        ]
        recorder.known.learn(state, transaction.proved)
        recorder.settle(state, gone + keys, failure)

    recorder = session.recorder
    with session.vault.write(recorder.prove, settle) as transaction:
        transaction.now_ms = session.context.now_ms()
        recorder.reconcile(transaction.begun)
        yield transaction


def find_to_change(session: Session, transaction: Transaction, secret_id: str) -> Secret:
    """Return the secret that *secret_id* means, if it may be changed.

    Raises:
        ServiceError: Not found, marked for deletion, or a replica.
    """
    secret = find(session, transaction, secret_id)
    check_not_deleted(secret)
    from secretctl.service.replicas import refuse_replica

    refuse_replica(secret)
    return secret


def keep(session: Session, transaction: Transaction, secret: Secret, before: Secret) -> Secret:
    """Keep a changed secret, its LastChangedDate moved on, and its replicas in step."""
    changed_ms = max(session.context.now_ms(), before.changed_ms + 1)
    secret = secret._replace(changed_ms=changed_ms)
    transaction.put(secret, before)
    if secret.replicas:
        from secretctl.service.replicas import replicate

        replicate(transaction, secret, before)
    return secret


def arn(session: Session, secret: Secret) -> str:
    """Return the ARN of *secret*."""
    return names.arn(secret.region, session.vault.account, secret.name, secret.suffix)


def identity(session: Session, secret: Secret) -> dict[str, object]:
    """Return the ARN and Name members, with which most answers begin."""
    return {"ARN": arn(session, secret), "Name": secret.name}


def answered(session: Session, result: dict[str, object]) -> dict[str, object]:
    """Return the answer of a change, noted for its outcome: call before the commit."""
    if session.recorder.act is not None:
        session.recorder.act.answers(result)
    return result


def moment(milliseconds: int) -> datetime:
    """Return a timestamp of the API."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def midnight(day: int) -> datetime:
    """Return the beginning of a day (days since 1970) as a timestamp of the API."""
    return moment(day * DAY_MS)
