"""KMS's operations about grants.

A grant seals the key's material to the grantee's public key, so that its credential opens it. The
operations that are granted are kept and enforced by the tool: reading a value needs Decrypt,
writing one GenerateDataKey. The material itself does not know the difference: who has one of the
two could do the other with a program of its own.
"""

from __future__ import annotations

from secretctl.context import tell_person
from secretctl.domain import kms
from secretctl.domain.kms_grants import Grant
from secretctl.domain.principals import Role, User
from secretctl.domain.principals import arn as arn_of
from secretctl.errors import ServiceError, VaultDamagedError
from secretctl.model.shapes import Result
from secretctl.record import TYPE_CHECKING
from secretctl.service.kms import finding, pages
from secretctl.service.secrets import answered, moment
from secretctl.service.session import Session
from secretctl.vault import kms_granting, kms_grants
from secretctl.vault.transaction import Transaction

if TYPE_CHECKING:
    from typing import Any

    from secretctl.vault.view import View

_ID_BYTES = 32
_SYMMETRIC = frozenset(
    (
        *("Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
        *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
        *("ReEncryptFrom", "ReEncryptTo", "CreateGrant", "RetireGrant", "DescribeKey"),
    )
)
"""What can be done with a key that encrypts."""


def create_grant(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    key_id: str,
    operations: list[str],
    grantee_principal: str | None = None,
    retiring_principal: str = "",
    constraints: dict[str, Any] | None = None,
    grant_tokens: list[str] | None = None,
    name: str = "",
    dry_run: bool = False,
) -> Result:
    """Let a user or role use a key; a grant of the same name and content is not made twice.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    """
    pages.check_grant_tokens(session, grant_tokens)
    _check(operations, grantee_principal, constraints)
    with finding.owner_changing(session) as transaction:
        key = finding.key_or_default(session, transaction, key_id)
        finding.check_enabled(session, key)
        holder = _grantee(transaction, grantee_principal or "")
        if retiring_principal:
            _grantee(transaction, retiring_principal)
        wanted = Grant(
            id=session.context.random(_ID_BYTES).hex(),
            key_id=key.id,
            grantee=grantee_principal or "",
            grantee_id=holder.id,
            created_ms=session.context.now_ms(),
            operations=tuple(dict.fromkeys(operations)),
            retiring=retiring_principal,
            name=name,
            context_subset=_pairs(constraints, "EncryptionContextSubset"),
            context_equals=_pairs(constraints, "EncryptionContextEquals"),
        )
        finding.check_dry_run(dry_run)
        grant = _same(transaction, wanted) if name else None
        if grant is None:
            grant = wanted
            kms_granting.put(transaction, grant, key, bytes.fromhex(holder.public_key))
        token = pages.grant_token(session, grant.id)
        return answered(session, {"GrantToken": token, "GrantId": grant.id})


def list_grants(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    key_id: str,
    grant_id: str | None = None,
    grantee_principal: str | None = None,
    limit: int | None = None,
    marker: str | None = None,
) -> Result:
    """List the grants on a key, oldest first.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
    """
    with finding.reading(session) as view:
        is_default = kms.parse(key_id, session.vault.account) == (True, kms.DEFAULT_ALIAS)
        key = finding.key(session, view, key_id, or_alias=is_default)
        found = kms_grants.on(view, key.id)
        _tell_gone(session, view)
    if grant_id is not None and grant_id not in (each.id for each in found):
        raise _no_such(grant_id)
    shown = [
        _shown(session, each)
        for each in found
        if grant_id in (None, each.id) and grantee_principal in (None, each.grantee)
    ]
    scope = f"ListGrants {key.id} {grant_id} {grantee_principal}"
    return pages.page(session, scope, "Grants", shown, marker, limit, pages.OTHERS)


def _tell_gone(session: Session, view: View) -> None:
    """Tell the owner of grants that somebody removed: they may come back as the owner's."""
    if session.caller.holder is not None:
        return
    from secretctl.vault import vouched, vouching

    try:
        gone = vouching.gone(vouching.read(view), vouching.digests(view))
    except VaultDamagedError:  # it is told where it matters
        return
    if gone:
        told = f"{vouching.told_gone(gone)}: {vouched.command(view, 'list')}"
        tell_person(session.context, f"secretctl: note: {told}\n")


def revoke_grant(session: Session, *, key_id: str, grant_id: str, dry_run: bool = False) -> Result:
    """Take a grant back; material that the grantee has opened before it may have kept.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html
    """
    with finding.owner_changing(session) as transaction:
        key = finding.key_or_default(session, transaction, key_id)
        grant = next(
            (each for each in kms_grants.on(transaction, key.id) if each.id == grant_id), None
        )
        if grant is None:
            raise _no_such(grant_id)
        finding.check_dry_run(dry_run)
        kms_granting.remove(transaction, grant, key)
    return {}


def grant_default_key(session: Session, transaction: Transaction, new: User | Role) -> None:
    """Let a new user or role use the default key, as AWS lets every principal of the account."""
    key = finding.default_key(session, transaction)
    grant = Grant(
        id=session.context.random(_ID_BYTES).hex(),
        key_id=key.id,
        grantee=arn_of(new, session.vault.account),
        grantee_id=new.id,
        created_ms=session.context.now_ms(),
        operations=(kms.DECRYPT, kms.GENERATE_DATA_KEY),
    )
    kms_granting.put(transaction, grant, key, bytes.fromhex(new.public_key))


def _check(
    operations: list[str], grantee_principal: str | None, constraints: dict[str, Any] | None
) -> None:
    if not operations or not _SYMMETRIC.issuperset(operations):
        raise ServiceError(
            "ValidationException",
            "Grant operations are not valid for a key that encrypts: "
            + ", ".join(each for each in operations if each not in _SYMMETRIC),
        )
    if grantee_principal is None:
        raise ServiceError("ValidationException", "A GranteePrincipal is needed.")
    given = constraints or {}
    if "SourceArn" in given:
        raise ServiceError("ValidationException", "SourceArn is for services of AWS alone.")


def _grantee(transaction: Transaction, arn: str) -> User | Role:
    found = kms_granting.grantee(transaction, arn)
    if found is None:
        raise ServiceError("InvalidArnException", f"ARN does not refer to a valid principal: {arn}")
    return found


def _same(transaction: Transaction, wanted: Grant) -> Grant | None:
    """Return a grant that differs from *wanted* in nothing but id and time."""
    for each in kms_grants.of(transaction, wanted.grantee_id, wanted.key_id):
        if each._replace(id=wanted.id, created_ms=wanted.created_ms) == wanted:
            return each
    return None


def _pairs(constraints: dict[str, Any] | None, member: str) -> kms.Pairs | None:
    given = (constraints or {}).get(member)
    return None if given is None else tuple(sorted(given.items()))


def _no_such(grant_id: str) -> ServiceError:
    return ServiceError("NotFoundException", f"Grant ID {grant_id} not found")


def _shown(session: Session, grant: Grant) -> Result:
    result: Result = {"KeyId": finding.arn(session, grant.key_id), "GrantId": grant.id}
    result["Name"] = grant.name
    result["CreationDate"] = moment(grant.created_ms)
    result["GranteePrincipal"] = grant.grantee
    if grant.retiring:
        result["RetiringPrincipal"] = grant.retiring
    result["IssuingAccount"] = f"arn:aws:iam::{session.vault.account}:root"
    result["Operations"] = list(grant.operations)
    pairs = (
        ("EncryptionContextSubset", grant.context_subset),
        ("EncryptionContextEquals", grant.context_equals),
    )
    constraints = {member: dict(given) for member, given in pairs if given is not None}
    if constraints:
        result["Constraints"] = constraints
    return result
