"""IAM's operations about roles."""

from __future__ import annotations

from secretctl.domain.principals import ROLE, Role
from secretctl.model.shapes import Result
from secretctl.service import named_principals
from secretctl.service.iam import answers, boundaries, documents, entities, pages, trusting
from secretctl.service.iam.answers import Tags
from secretctl.service.iam.pages import Items
from secretctl.service.kms.grants import grant_default_key
from secretctl.service.secrets import answered
from secretctl.service.session import Session
from secretctl.vault import credentials, grants, key_pairs, kms_granting, principals
from secretctl.vault.view import View


def create_role(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    role_name: str,
    assume_role_policy_document: str,
    path: str = "/",
    description: str = "",
    max_session_duration: int = 3600,
    permissions_boundary: str = "",
    tags: Tags | None = None,
) -> Result:
    """Make a role, with a key pair to which keys of the vault can be granted.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    """
    private, public = key_pairs.new_pair(session.context.random)
    made = Role(
        name=role_name,
        id=entities.identifier(session, ROLE),
        path=path,
        created_ms=session.context.now_ms(),
        public_key=public.hex(),
        trust=assume_role_policy_document,
        description=description,
        longest_session_s=max_session_duration,
        tags=answers.pairs(tags),
        boundary=permissions_boundary,
    )
    with entities.changing(session) as transaction:
        _check_trust(transaction, assume_role_policy_document)
        entities.check_free(session, transaction, made)
        boundaries.check(session, transaction, permissions_boundary)
        entities.noted(session, made)
        principals.put(transaction, made)
        grants.keep_private(transaction, session.vault.keys, made.id, private)
        grant_default_key(session, transaction, made)
        return answered(session, {"Role": _made(session, made)})


def get_role(session: Session, *, role_name: str) -> Result:
    """Show a role.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
    """
    with session.vault.read() as view:
        found = entities.role(session, view, role_name)
    return {"Role": answers.with_details(_listed(session, found), found)}


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
    shown: Items = [
        (each.name.lower(), _listed(session, each)) for each in found if isinstance(each, Role)
    ]
    return pages.page(session, f"ListRoles {path_prefix}", "Roles", shown, marker, max_items)


def update_assume_role_policy(session: Session, *, role_name: str, policy_document: str) -> Result:
    """Replace a role's trust policy.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
    """
    with entities.changing(session) as transaction:
        found = entities.role(session, transaction, role_name)
        _check_trust(transaction, policy_document)
        changed = found._replace(trust=policy_document)
        principals.put(transaction, changed)
    return {}


def delete_role(session: Session, *, role_name: str) -> Result:
    """Remove a role without policies; keys granted to it go with it.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
    """
    with entities.changing(session) as transaction:
        found = entities.role(session, transaction, role_name)
        entities.check_deletable(transaction, found)
        entities.rename_in_policies(session, transaction, found)
        principals.delete(transaction, found)
        grants.forget(transaction, found.id)
        trusting.unshare(transaction, found)
        for key_id, _ in found.sessions:
            credentials.remove(transaction, session.vault.keys, key_id)
        kms_granting.forget(transaction, found.id)
    return {}


def _check_trust(view: View, text: str) -> None:
    """Refuse what is no trust policy, or names somebody of the account who is not there.

    Raises:
        ServiceError: MalformedPolicyDocument, LimitExceeded.
    """
    nobody = named_principals.unknown(view, documents.check_trust(text))
    if nobody:
        raise documents.malformed(f'Invalid principal in policy: "AWS":"{nobody}"')


def _made(session: Session, made: Role) -> Result:
    """Return a role as CreateRole shows it: without how long its sessions may be."""
    result = _listed(session, made)
    del result["MaxSessionDuration"]
    return answers.with_details(result, made)


def _listed(session: Session, found: Role) -> Result:
    result = answers.basics(session, found, "Role")
    result["AssumeRolePolicyDocument"] = found.trust
    if found.description:
        result["Description"] = found.description
    result["MaxSessionDuration"] = found.longest_session_s
    return result
