"""KMS's operations about aliases. An alias stands for its key when a value is written."""

from __future__ import annotations

from secretctl.domain import kms
from secretctl.domain.kms import Alias, Key
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.kms import finding, pages
from secretctl.service.secrets import moment
from secretctl.service.session import Session
from secretctl.vault.transaction import Transaction
from secretctl.vault.view import View

_RESERVED = "alias/aws/"


def create_alias(session: Session, *, alias_name: str, target_key_id: str) -> Result:
    """Give a key an alias.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    """
    _check_name(alias_name)
    with finding.owner_changing(session) as transaction:
        found = _target(session, transaction, target_key_id)
        directory = transaction.kms_directory()
        if alias_name in directory.aliases:
            raise ServiceError(
                "AlreadyExistsException",
                f"An alias with the name {_arn(session, alias_name)} already exists",
            )
        now_ms = session.context.now_ms()
        alias = Alias(found.id, now_ms, now_ms)
        transaction.put_kms_directory(kms.with_alias(directory, alias_name, alias))
    return {}


def update_alias(session: Session, *, alias_name: str, target_key_id: str) -> Result:
    """Let an alias stand for another key.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
    """
    _check_name(alias_name)
    with finding.owner_changing(session) as transaction:
        found = _target(session, transaction, target_key_id)
        before = _alias(session, transaction, alias_name)
        formerly = (*(each for each in before.formerly if each != before.key_id), before.key_id)
        after = Alias(found.id, before.created_ms, session.context.now_ms(), formerly)
        directory = kms.with_alias(transaction.kms_directory(), alias_name, after)
        transaction.put_kms_directory(directory)
    return {}


def delete_alias(session: Session, *, alias_name: str) -> Result:
    """Remove an alias; what is encrypted under its key can still be read.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html
    """
    _check_name(alias_name)
    with finding.owner_changing(session) as transaction:
        _alias(session, transaction, alias_name)
        directory = transaction.kms_directory()
        left = {name: each for name, each in directory.aliases.items() if name != alias_name}
        transaction.put_kms_directory(directory._replace(aliases=left))
    return {}


def list_aliases(
    session: Session,
    *,
    key_id: str | None = None,
    limit: int | None = None,
    marker: str | None = None,
) -> Result:
    """List the aliases, of all keys or of one.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
    """
    with finding.reading(session) as view:
        wanted = None if key_id is None else finding.key(session, view, key_id)
        aliases = sorted(view.kms_directory().aliases.items())
    shown = [
        _shown(session, name, alias)
        for name, alias in aliases
        if wanted is None or alias.key_id == wanted.id
    ]
    scope = f"ListAliases {key_id}"
    return pages.page(session, scope, "Aliases", shown, marker, limit, pages.OTHERS)


def _target(session: Session, transaction: Transaction, target_key_id: str) -> Key:
    found = finding.key(session, transaction, target_key_id)
    finding.check_not_pending(session, found)
    return found


def _alias(session: Session, view: View, name: str) -> Alias:
    found = view.kms_directory().aliases.get(name)
    if found is None:
        raise ServiceError("NotFoundException", f"Alias {_arn(session, name)} is not found.")
    return found


def _check_name(name: str) -> None:
    """Refuse what cannot be the name of an alias.

    Raises:
        ServiceError: ValidationException, InvalidAliasNameException.
    """
    if not name.startswith(kms.ALIAS):
        raise ServiceError(
            "ValidationException",
            f'Alias must start with the prefix "{kms.ALIAS}". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        )
    if name == kms.ALIAS:
        raise ServiceError("ValidationException", "Invalid identifier")
    if name.startswith(_RESERVED):
        raise ServiceError(
            "InvalidAliasNameException", f"Alias names must not begin with {_RESERVED}"
        )
    if not kms.is_name(name):
        raise ServiceError(
            "InvalidAliasNameException",
            "Alias contains invalid characters for an alias",
        )


def _arn(session: Session, name: str) -> str:
    return kms.alias_arn(name, session.region, session.vault.account)


def _shown(session: Session, name: str, alias: Alias) -> Result:
    return {
        "AliasName": name,
        "AliasArn": _arn(session, name),
        "TargetKeyId": alias.key_id,
        "CreationDate": moment(alias.created_ms),
        "LastUpdatedDate": moment(alias.updated_ms),
    }
