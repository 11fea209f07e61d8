"""IAM's operations about the policies that a user, group or role has of its own."""

from __future__ import annotations

from secretctl.domain.principals import Identity
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.service.iam import documents, entities, pages
from secretctl.service.iam.entities import Find
from secretctl.service.iam.pages import Items
from secretctl.service.session import Session


def put_user_policy(
    session: Session, *, user_name: str, policy_name: str, policy_document: str
) -> Result:
    """Give a user a policy of its own, or replace it."""
    return _put(session, entities.user, user_name, policy_name, policy_document)


def put_group_policy(
    session: Session, *, group_name: str, policy_name: str, policy_document: str
) -> Result:
    """Give a group a policy of its own, or replace it."""
    return _put(session, entities.group, group_name, policy_name, policy_document)


def put_role_policy(
    session: Session, *, role_name: str, policy_name: str, policy_document: str
) -> Result:
    """Give a role a policy of its own, or replace it."""
    return _put(session, entities.role, role_name, policy_name, policy_document)


def get_user_policy(session: Session, *, user_name: str, policy_name: str) -> Result:
    """Show a policy of a user."""
    return _shown(session, entities.user, user_name, policy_name)


def get_group_policy(session: Session, *, group_name: str, policy_name: str) -> Result:
    """Show a policy of a group."""
    return _shown(session, entities.group, group_name, policy_name)


def get_role_policy(session: Session, *, role_name: str, policy_name: str) -> Result:
    """Show a policy of a role."""
    return _shown(session, entities.role, role_name, policy_name)


def list_user_policies(
    session: Session, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """List the names of a user's own policies."""
    return _listed(session, entities.user, user_name, marker, max_items)


def list_group_policies(
    session: Session, *, group_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """List the names of a group's own policies."""
    return _listed(session, entities.group, group_name, marker, max_items)


def list_role_policies(
    session: Session, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """List the names of a role's own policies."""
    return _listed(session, entities.role, role_name, marker, max_items)


def delete_user_policy(session: Session, *, user_name: str, policy_name: str) -> Result:
    """Remove a policy of a user."""
    return _deleted(session, entities.user, user_name, policy_name)


def delete_group_policy(session: Session, *, group_name: str, policy_name: str) -> Result:
    """Remove a policy of a group."""
    return _deleted(session, entities.group, group_name, policy_name)


def delete_role_policy(session: Session, *, role_name: str, policy_name: str) -> Result:
    """Remove a policy of a role."""
    return _deleted(session, entities.role, role_name, policy_name)


def _put(session: Session, find: Find, name: str, policy: str, document: str) -> Result:
    documents.check(document)

    def put(holder: Identity) -> Identity:
        kept = {**dict(holder.inline), policy: document}
        documents.check_inline_size(entities.word_of(holder), name, list(kept.values()))
        return holder._replace(inline=tuple(sorted(kept.items())))

    return entities.replace(session, find, name, put)


def _shown(session: Session, find: Find, name: str, policy: str) -> Result:
    with session.vault.read() as view:
        holder = find(session, view, name)
    text = _text_of(holder, policy)
    return {
        f"{entities.word_of(holder)}Name": holder.name,
        "PolicyName": policy,
        "PolicyDocument": text,
    }


def _listed(
    session: Session, find: Find, name: str, marker: str | None, max_items: int | None
) -> Result:
    with session.vault.read() as view:
        holder = find(session, view, name)
    names: Items = [(each, each) for each, _ in holder.inline]
    scope = f"ListPolicies of {holder.id}"
    return pages.page(session, scope, "PolicyNames", names, marker, max_items)


def _deleted(session: Session, find: Find, name: str, policy: str) -> Result:
    def without(holder: Identity) -> Identity:
        _text_of(holder, policy)
        return holder._replace(inline=tuple(each for each in holder.inline if each[0] != policy))

    return entities.replace(session, find, name, without)


def _text_of(holder: Identity, policy: str) -> str:
    text = dict(holder.inline).get(policy)
    if text is None:
        kind = entities.word_of(holder).lower()
        raise ServiceError("NoSuchEntity", f"The {kind} policy with name {policy} cannot be found.")
    return text
