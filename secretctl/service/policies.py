"""Resource policies: kept, and checked for form, for breadth, and for locking the caller out."""

from secretctl.domain.deletion import check_not_deleted
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.policy import document
from secretctl.policy.faults import BAD_PRINCIPAL
from secretctl.service import named_principals, tokens
from secretctl.service.permitted import locks_out
from secretctl.service.secrets import answered, changing, find, find_to_change, identity, keep
from secretctl.service.session import Session

DEFAULT = "default"
"""The one policy of a secret; AWS names no other."""

_NOBODY = "a user or role of this account that it names is not there: secretctl iam list-users"
_LOCKED_OUT = "Your requested changes will not allow you to manage this secret in the future."


def get_resource_policy(session: Session, *, secret_id: str, policy_name: str = DEFAULT) -> Result:
    """Return the secret's resource policy, as it was given.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html
    """
    _check_policy_name(policy_name)
    with session.vault.read() as view:
        secret = find(session, view, secret_id)
    check_not_deleted(secret)
    result = identity(session, secret)
    if secret.resource_policy:
        result["ResourcePolicy"] = secret.resource_policy
    return result


def put_resource_policy(
    session: Session,
    *,
    secret_id: str,
    resource_policy: str,
    policy_name: str = DEFAULT,
    block_public_policy: bool = False,
) -> Result:
    """Attach a resource policy, in place of the one before.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html
    """
    _check_policy_name(policy_name)
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        parsed = document.parse(resource_policy)
        if named_principals.unknown(transaction, parsed):
            raise ServiceError("MalformedPolicyDocumentException", BAD_PRINCIPAL, _NOBODY)
        if block_public_policy and document.is_public(parsed):
            raise ServiceError("PublicPolicyException", document.BROAD)
        if locks_out(session, transaction, before, resource_policy):
            raise ServiceError("MalformedPolicyDocumentException", _LOCKED_OUT)
        secret = before._replace(resource_policy=resource_policy)
        secret = keep(session, transaction, secret, before)
        return answered(session, identity(session, secret))


def delete_resource_policy(
    session: Session, *, secret_id: str, policy_name: str = DEFAULT
) -> Result:
    """Remove the resource policy; there need not be one.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteResourcePolicy.html
    """
    _check_policy_name(policy_name)
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        secret = keep(session, transaction, before._replace(resource_policy=""), before)
        return answered(session, identity(session, secret))


def list_resource_policies(
    session: Session,
    *,
    secret_id: str,
    max_results: int | None = None,  # noqa: ARG001 there is one policy at most
    next_token: str | None = None,
) -> Result:
    """Return the names of the secret's resource policies: one or none.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListResourcePolicies.html
    """
    with session.vault.read() as view:
        secret = find(session, view, secret_id)
    check_not_deleted(secret)
    scope = tokens.scope("ListResourcePolicies", session.region, secret.name)
    tokens.position(session.vault, scope, next_token)
    return {"ResourcePolicies": [{"PolicyName": DEFAULT}] if secret.resource_policy else []}


def validate_resource_policy(
    session: Session, *, resource_policy: str, secret_id: str | None = None
) -> Result:
    """Tell what is wrong with a resource policy, without keeping it.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ValidateResourcePolicy.html
    """
    problems = document.problems(resource_policy)
    with session.vault.read() as view:
        secret = None if secret_id is None else find(session, view, secret_id)
        is_read = all(check != document.SYNTAX for check, _ in problems)
        if is_read and named_principals.unknown(view, document.parse(resource_policy)):
            problems.append((document.SYNTAX, BAD_PRINCIPAL))
        if is_read and locks_out(session, view, secret, resource_policy):
            problems.append(("LOCKOUT", _LOCKED_OUT))
    return {
        "PolicyValidationPassed": not problems,
        "ValidationErrors": [
            {"CheckName": check, "ErrorMessage": message} for check, message in problems
        ],
    }


def _check_policy_name(policy_name: str) -> None:
    if policy_name != DEFAULT:
        raise ServiceError(
            "InvalidParameterException", "You can only modify the policy named default."
        )
