"""IAM's operations about roles."""

from __future__ import annotations

from secretctl.crypto.keys import KEY_BYTES
from secretctl.domain.principals import ROLE, Role
from secretctl.service.iam import documents, entities
from secretctl.service.iam.entities import Result, Tags
from secretctl.service.kms.grants import grant_default_key
from secretctl.service.session import Session
from secretctl.vault import grants, kms_grants, principals


def create_role(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    role_name: str,
    assume_role_policy_document: str,
    path: str = "/",
    description: str = "",
    max_session_duration: int = 3600,
    permissions_boundary: str | None = None,
    tags: Tags | None = None,
) -> Result:
    """Make a role, with a key pair to which keys of the vault can be granted.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    """
    from secretctl.crypto.recipients import public_key

    entities.refuse_boundary(permissions_boundary)
    documents.check_trust(assume_role_policy_document)
    private = session.context.random(KEY_BYTES)
    made = Role(
        name=role_name,
        id=entities.identifier(session, ROLE),
        path=path,
        created_ms=session.context.now_ms(),
        public_key=public_key(private).hex(),
        trust=assume_role_policy_document,
        description=description,
        longest_session_s=max_session_duration,
        tags=entities.pairs(tags),
    )
    with entities.changing(session) as transaction:
        entities.check_free(transaction, ROLE, role_name)
        principals.put(transaction, made)
        grants.keep_private(transaction, session.vault.keys, made.id, private)
        grant_default_key(session, transaction, made)
    return {"Role": _shown(session, made)}


def get_role(session: Session, *, role_name: str) -> Result:
    """Show a role.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
    """
    with session.vault.read() as view:
        return {"Role": _shown(session, entities.role(view, role_name))}


def list_roles(
    session: Session,
    *,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """List the roles, without their tags.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
    """
    with session.vault.read() as view:
        found = entities.below(principals.all_of(view, ROLE), path_prefix)
    roles = [each for each in found if isinstance(each, Role)]
    shown: list[object] = [_basics(session, each) for each in roles]
    return entities.page(session, "ListRoles", "Roles", shown, marker, max_items)


def update_assume_role_policy(session: Session, *, role_name: str, policy_document: str) -> Result:
    """Replace a role's trust policy.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
    """
    documents.check_trust(policy_document)
    with entities.changing(session) as transaction:
        found = entities.role(transaction, role_name)
        principals.put(transaction, found._replace(trust=policy_document))
    return {}


def delete_role(session: Session, *, role_name: str) -> Result:
    """Remove a role without policies; keys granted to it go with it.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
    """
    with entities.changing(session) as transaction:
        found = entities.role(transaction, role_name)
        entities.check_deletable(transaction, found)
        principals.delete(transaction, found)
        grants.forget(transaction, found.id)
        kms_grants.forget(transaction, found.id)
    return {}


def _basics(session: Session, found: Role) -> Result:
    result = entities.basics(session, found, "Role")
    result["AssumeRolePolicyDocument"] = found.trust
    if found.description:
        result["Description"] = found.description
    result["MaxSessionDuration"] = found.longest_session_s
    return result


def _shown(session: Session, found: Role) -> Result:
    return entities.with_tags(_basics(session, found), found.tags)
