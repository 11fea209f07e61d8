"""IAM's operations about users."""

from __future__ import annotations

from secretctl.domain.principals import USER, User
from secretctl.model.shapes import Result
from secretctl.service.iam import answers, boundaries, entities, pages
from secretctl.service.iam.answers import Tags
from secretctl.service.kms.grants import grant_default_key
from secretctl.service.secrets import answered
from secretctl.service.session import Session
from secretctl.vault import grants, key_pairs, kms_granting, principals


def create_user(
    session: Session,
    *,
    user_name: str,
    path: str = "/",
    permissions_boundary: str = "",
    tags: Tags | None = None,
) -> Result:
    """Make a user, with a key pair to which keys of the vault can be granted.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
    """
    private, public = key_pairs.new_pair(session.context.random)
    made = User(
        name=user_name,
        id=entities.identifier(session, USER),
        path=path,
        created_ms=session.context.now_ms(),
        public_key=public.hex(),
        tags=answers.pairs(tags),
        boundary=permissions_boundary,
    )
    with entities.changing(session) as transaction:
        entities.check_free(session, transaction, made)
        boundaries.check(session, transaction, permissions_boundary)
        entities.noted(session, made)
        principals.put(transaction, made)
        grants.keep_private(transaction, session.vault.keys, made.id, private)
        grant_default_key(session, transaction, made)
        return answered(session, {"User": _shown(session, made)})


def get_user(session: Session, *, user_name: str | None = None) -> Result:
    """Show a user; whoever asks, if none is named.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
    """
    if user_name is None and session.vault.keys.holder is None:
        return {"User": _root(session)}
    with session.vault.read() as view:
        name = entities.own_name(session) if user_name is None else user_name
        return {"User": _shown(session, entities.user(session, view, name))}


def list_users(
    session: Session,
    *,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """List the users, without their tags.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
    """
    with session.vault.read() as view:
        found = entities.below(principals.all_of(view, USER), path_prefix)
    shown = answers.listed(session, found, "User")
    return pages.page(session, f"ListUsers {path_prefix}", "Users", shown, marker, max_items)


def delete_user(session: Session, *, user_name: str) -> Result:
    """Remove a user who has nothing any more; keys granted to it go with it.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
    """
    with entities.changing(session) as transaction:
        found = entities.user(session, transaction, user_name)
        entities.check_deletable(transaction, found)
        entities.rename_in_policies(session, transaction, found)
        principals.delete(transaction, found)
        grants.forget(transaction, found.id)
        kms_granting.forget(transaction, found.id)
    return {}


def _shown(session: Session, found: User) -> Result:
    return answers.with_details(answers.basics(session, found, "User"), found)


def _root(session: Session) -> Result:
    """Return the account root as GetUser shows it."""
    account = session.vault.account
    created_ms = session.vault.header().created_ms
    return {
        "UserId": account,
        "Arn": f"arn:aws:iam::{account}:root",
        "CreateDate": answers.when(created_ms),
    }
