"""What KMS's operations share: finding the key that is meant, changes and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.domain import kms
from secretctl.domain.kms import Key
from secretctl.domain.principals import root_arn
from secretctl.errors import ServiceError
from secretctl.service import owner
from secretctl.service.secrets import changing
from secretctl.service.session import Session
from secretctl.vault import kms_making
from secretctl.vault.transaction import Transaction
from secretctl.vault.view import View
from secretctl.vault.vouching import check_directory


def arn(session: Session, key_id: str) -> str:
    """Return the ARN of a key in the region of the session."""
    return kms.arn(key_id, session.region, session.vault.account)


def key(session: Session, view: View, given: str, *, or_alias: bool = False) -> Key:
    """Return the key that *given* means: an id or ARN, or an alias as well.

    Raises:
        ServiceError: NotFoundException, InvalidArnException; AccessDeniedException for a key of
            another account.
    """
    account = session.vault.account
    check_arn(session, given)
    is_alias, name = kms.parse(given, account)
    found = kms.find(view.kms_directory(), given, account)
    if is_alias and not or_alias:
        raise _no_id(given)
    if found is None or _is_gone(session, found):
        raise _no_such(session, name, is_alias=is_alias)
    return found


def key_or_default(session: Session, transaction: Transaction, given: str) -> Key:
    """Return the key that a change means by id or ARN, or the default key by its alias too.

    Like AWS, makes the default key where nothing has used it yet.

    Raises:
        ServiceError: NotFoundException, InvalidArnException.
    """
    check_arn(session, given)
    if kms.parse(given, session.vault.account) == (True, kms.DEFAULT_ALIAS):
        return default_key(session, transaction)
    return key(session, transaction, given)


def default_key(session: Session, transaction: Transaction) -> Key:
    """Return the key of secrets that name none; made where nothing has used it yet."""
    found = kms.find(transaction.kms_directory(), "", session.vault.account)
    if found is None:
        context = session.context
        found = kms_making.made_on_use(transaction, context.random, context.now_ms(), "")
    return found


def check_arn(session: Session, given: str) -> None:
    """Refuse what begins like an ARN and is not one of a key or alias in this region.

    NOTE: a key of an older vault may be called like an ARN of another account; that is its id.

    Raises:
        ServiceError: InvalidArnException, NotFoundException.
    """
    fault = kms.arn_fault(given, session.region)
    if fault is not None:
        raise ServiceError(*fault)


def keep(transaction: Transaction, changed: Key) -> None:
    """Keep a changed key."""
    transaction.put_kms_directory(kms.with_key(transaction.kms_directory(), changed))


def check_enabled(session: Session, found: Key) -> None:
    """Refuse a key that is not enabled.

    Raises:
        ServiceError: DisabledException, KMSInvalidStateException.
    """
    fault = kms.fault_of(found, arn(session, found.id))
    if fault is not None:
        raise ServiceError(*fault)


def check_not_pending(session: Session, found: Key) -> None:
    """Refuse a key that is pending deletion.

    Raises:
        ServiceError: KMSInvalidStateException.
    """
    if found.state == kms.PENDING_DELETION:
        check_enabled(session, found)


def check_not_managed(session: Session, view: View, found: Key, action: str) -> None:
    """Refuse what nobody may do to the default key, whose policy AWS would have written.

    Raises:
        ServiceError: AccessDeniedException.
    """
    if kms.is_default(view.kms_directory(), found):
        raise ServiceError(
            "AccessDeniedException",
            f"User: {root_arn(session.vault.account)} is not authorized to perform: kms:{action} "
            f"on resource: {arn(session, found.id)} because no resource-based policy allows the "
            f"kms:{action} action",
        )


@contextmanager
def owner_changing(session: Session) -> Iterator[Transaction]:
    """Begin a change of keys; the root key is needed for it.

    Raises:
        OwnerOnlyError: AccessDeniedException.
        VaultDamagedError: There is what the owner does not vouch for.
    """
    owner.refuse_change(session, "AccessDeniedException")
    with changing(session) as transaction:
        transaction.watch()
        yield transaction


@contextmanager
def reading(session: Session) -> Iterator[View]:
    """Look at keys and aliases: what the owner is shown goes into the owner's next command.

    Raises:
        VaultDamagedError: The owner asks, and does not vouch for what is there.
    """
    with session.vault.read() as view:
        if view.keys.holder is None:
            check_directory(view, session.context.now_ms())
        yield view


def check_dry_run(is_dry: bool) -> None:  # noqa: FBT001 the operation's member
    """Stop a request that was only to be tried.

    Raises:
        ServiceError: DryRunOperationException.
    """
    if is_dry:
        raise ServiceError(
            "DryRunOperationException",
            "The request would have succeeded, but the DryRun option is set.",
        )


def _is_gone(session: Session, found: Key) -> bool:
    """Tell whether a key's waiting period is over, though it may not have been removed yet."""
    until = found.delete_after_ms
    return until is not None and until <= session.context.now_ms()


def _no_such(session: Session, name: str, *, is_alias: bool) -> ServiceError:
    if is_alias:
        shown = kms.alias_arn(name, session.region, session.vault.account)
        return ServiceError("NotFoundException", f"Alias {shown} is not found.")
    if name.startswith("arn:"):
        return _elsewhere(session)
    if not kms.is_id(name):
        return _no_id(name)
    return ServiceError("NotFoundException", f"Key '{arn(session, name)}' does not exist")


def _no_id(given: str) -> ServiceError:
    return ServiceError("NotFoundException", f"Invalid keyId '{given}'")


def _elsewhere(session: Session) -> ServiceError:
    """Return what KMS says of a key of another account, whether there is one or not."""
    act = session.recorder.act
    return ServiceError(
        "AccessDeniedException",
        f"User: {session.caller.arn} is not authorized to perform: kms:{act.name if act else '*'} "
        "on this resource because the resource does not exist in this Region, no resource-based "
        "policies allow access, or a resource-based policy explicitly denies access",
    )
