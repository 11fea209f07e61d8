"""KMS's operations that make keys and show them."""

from __future__ import annotations

from secretctl.crypto.hashing import sha256
from secretctl.domain import kms
from secretctl.domain.kms import Key
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.kms import finding, pages
from secretctl.service.secrets import answered, moment
from secretctl.service.session import Session
from secretctl.vault import kms_making
from secretctl.vault.view import View

_SYMMETRIC = "SYMMETRIC_DEFAULT"
_MOST_TAGS = 50


def create_key(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    policy: str | None = None,
    description: str = "",
    key_usage: str = "ENCRYPT_DECRYPT",
    customer_master_key_spec: str | None = None,
    key_spec: str | None = None,
    origin: str = "AWS_KMS",
    bypass_policy_lockout_safety_check: bool = False,  # noqa: ARG001 is about a policy
    tags: list[dict[str, str]] | None = None,
    multi_region: bool = False,
) -> Result:
    """Make a key that encrypts.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
    """
    if key_spec and customer_master_key_spec:
        raise ServiceError(
            "ValidationException",
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated.",
        )
    spec = key_spec or customer_master_key_spec or _SYMMETRIC
    if spec != _SYMMETRIC or key_usage != "ENCRYPT_DECRYPT":
        raise _unsupported("Keys of this vault encrypt secrets: SYMMETRIC_DEFAULT alone.")
    if origin != "AWS_KMS":
        raise _unsupported("The vault makes the material of its keys itself: AWS_KMS alone.")
    if multi_region:
        raise _unsupported("Every key of this vault is there in all regions.")
    if policy is not None:
        raise _unsupported("Key policies are not supported. Grants say who may use a key.")
    pairs = _pairs(tags or [])
    context = session.context
    with finding.owner_changing(session) as transaction:
        made = kms_making.made(
            transaction, context.random, context.now_ms(), description=description, tags=pairs
        )
        return answered(session, {"KeyMetadata": _metadata(session, transaction, made)})


def list_keys(session: Session, *, limit: int | None = None, marker: str | None = None) -> Result:
    """List the keys of the account.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
    """
    with finding.reading(session) as view:
        keys = sorted(view.kms_directory().keys)
    shown: list[Result] = [{"KeyId": each, "KeyArn": finding.arn(session, each)} for each in keys]
    return pages.page(session, "ListKeys", "Keys", shown, marker, limit, pages.OF_KEYS)


def describe_key(session: Session, *, key_id: str, grant_tokens: list[str] | None = None) -> Result:
    """Show what is known of a key.

    See: https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    """
    pages.check_grant_tokens(session, grant_tokens)
    with finding.reading(session) as view:
        found = finding.key(session, view, key_id, or_alias=True)
        return {"KeyMetadata": _metadata(session, view, found)}


def _metadata(session: Session, view: View, key: Key) -> Result:
    """Return the members in AWS's order; only set ones."""
    result: Result = {
        "AWSAccountId": session.vault.account,
        "KeyId": key.id,
        "Arn": finding.arn(session, key.id),
        "CreationDate": moment(key.created_ms),
        "Enabled": key.state == kms.ENABLED,
        "Description": key.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key.state,
    }
    if key.delete_after_ms is not None:
        result["DeletionDate"] = moment(key.delete_after_ms)
    is_default = kms.is_default(view.kms_directory(), key)
    result |= {
        "Origin": "AWS_KMS",
        "KeyManager": "AWS" if is_default else "CUSTOMER",
        "CustomerMasterKeySpec": _SYMMETRIC,
        "KeySpec": _SYMMETRIC,
        "EncryptionAlgorithms": [_SYMMETRIC],
        "MultiRegion": False,
        "CurrentKeyMaterialId": sha256(key.materials[-1].id.encode()).hexdigest(),
    }
    return result


def _pairs(tags: list[dict[str, str]]) -> kms.Pairs:
    """Return tags as they are kept.

    Raises:
        ServiceError: TagException.
    """
    pairs = tuple((tag["TagKey"], tag["TagValue"]) for tag in tags)
    names = {name for name, _ in pairs}
    if len(names) < len(pairs):
        raise ServiceError("TagException", "Duplicate tag keys")
    if any(name.lower().startswith("aws:") for name in names):
        raise ServiceError("TagException", "Tags beginning with aws: are reserved")
    if len(names) > _MOST_TAGS:
        raise ServiceError("TagException", "Too many tags")
    return pairs


def _unsupported(sentence: str) -> ServiceError:
    return ServiceError("UnsupportedOperationException", sentence)
