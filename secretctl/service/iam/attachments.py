"""IAM's operations about managed policies attached to users, groups and roles."""

from __future__ import annotations

from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.iam import documents, entities, pages
from secretctl.service.iam.entities import Find
from secretctl.service.iam.pages import Items
from secretctl.service.session import Session
from secretctl.vault import principals

_MOST_ATTACHED = 10


def attach_user_policy(session: Session, *, user_name: str, policy_arn: str) -> Result:
    """Attach a managed policy to a user."""
    return _attached(session, entities.user, user_name, policy_arn)


def attach_group_policy(session: Session, *, group_name: str, policy_arn: str) -> Result:
    """Attach a managed policy to a group."""
    return _attached(session, entities.group, group_name, policy_arn)


def attach_role_policy(session: Session, *, role_name: str, policy_arn: str) -> Result:
    """Attach a managed policy to a role."""
    return _attached(session, entities.role, role_name, policy_arn)


def detach_user_policy(session: Session, *, user_name: str, policy_arn: str) -> Result:
    """Detach a managed policy from a user."""
    return _detached(session, entities.user, user_name, policy_arn)


def detach_group_policy(session: Session, *, group_name: str, policy_arn: str) -> Result:
    """Detach a managed policy from a group."""
    return _detached(session, entities.group, group_name, policy_arn)


def detach_role_policy(session: Session, *, role_name: str, policy_arn: str) -> Result:
    """Detach a managed policy from a role."""
    return _detached(session, entities.role, role_name, policy_arn)


def list_attached_user_policies(
    session: Session,
    *,
    user_name: str,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """List the managed policies of a user."""
    return _listed(session, entities.user, user_name, path_prefix, (marker, max_items))


def list_attached_group_policies(
    session: Session,
    *,
    group_name: str,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """List the managed policies of a group."""
    return _listed(session, entities.group, group_name, path_prefix, (marker, max_items))


def list_attached_role_policies(
    session: Session,
    *,
    role_name: str,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """List the managed policies of a role."""
    return _listed(session, entities.role, role_name, path_prefix, (marker, max_items))


def _attached(session: Session, find: Find, name: str, policy_arn: str) -> Result:
    with entities.changing(session) as transaction:
        holder = find(session, transaction, name)
        entities.attachable(session, transaction, policy_arn)
        if policy_arn in holder.attached:
            return {}
        if len(holder.attached) >= _MOST_ATTACHED:
            raise documents.exceeded(f"PoliciesPer{entities.word_of(holder)}: {_MOST_ATTACHED}")
        principals.put(transaction, holder._replace(attached=(*holder.attached, policy_arn)))
    return {}


def _detached(session: Session, find: Find, name: str, policy_arn: str) -> Result:
    with entities.changing(session) as transaction:
        holder = find(session, transaction, name)
        if policy_arn not in holder.attached:
            entities.managed(session, transaction, policy_arn)
            raise ServiceError("NoSuchEntity", f"Policy {policy_arn} was not found.")
        left = tuple(each for each in holder.attached if each != policy_arn)
        principals.put(transaction, holder._replace(attached=left))
    return {}


def _listed(
    session: Session,
    find: Find,
    name: str,
    path_prefix: str | None,
    part: tuple[str | None, int | None],
) -> Result:
    with session.vault.read() as view:
        holder = find(session, view, name)
    shown: Items = [
        (each, {"PolicyName": each.rpartition("/")[2], "PolicyArn": each})
        for each in sorted(holder.attached)
        if ("/" + each.partition("/")[2]).startswith(path_prefix or "/")
    ]
    scope = f"ListAttachedPolicies of {holder.id} {path_prefix}"
    return pages.page(session, scope, "AttachedPolicies", shown, *part)
