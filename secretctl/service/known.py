"""Condition keys that are known of a principal and of a secret before there is a request."""

from __future__ import annotations

from secretctl.domain.principals import Role, User, arn
from secretctl.policy.principals import Principal
from secretctl.record import TYPE_CHECKING
from secretctl.service import condition_keys, secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.domain.secret import Secret
    from secretctl.service.condition_keys import Keys
    from secretctl.service.session import Session

_ANY_SESSION = "*"
"""In the place of a session's name; no session and no principal of a policy is called that."""

_OF_SECRETS = ("aws:resourcetag/", "secretsmanager:resourcetag/", "secretsmanager:resource/")
_OF_USERS = ("aws:principaltag/", "aws:multifactorauth")
_NEVER = ("aws:username", "aws:multifactorauthage")
"""A role's session has neither."""


def caller_of(account: str, entity: User | Role) -> Principal:
    """Return a user as a caller, or any session of a role."""
    if isinstance(entity, User):
        return Principal(arn(entity, account), account)
    session = f"arn:aws:sts::{account}:assumed-role/{entity.name}/{_ANY_SESSION}"
    return Principal(session, account, entity.name, arn(entity, account))


def of_principal(account: str, entity: User | Role) -> Keys:
    """Return the keys of a user; of a role those that all its sessions have.

    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    known: Keys = {
        "aws:PrincipalArn": arn(entity, account),
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": "User" if isinstance(entity, User) else "AssumedRole",
    }
    if isinstance(entity, User):
        known |= {"aws:username": entity.name, "aws:userid": entity.id}
    else:
        known[condition_keys.MFA] = "false"
    return known | condition_keys.of_principal_tags(entity.tags, ())


def of_secret(session: Session, secret: Secret | None) -> Keys:
    """Return the keys of a secret; those of the place alone where there is none."""
    known: Keys = {
        "aws:RequestedRegion": session.region,
        "aws:ResourceAccount": session.vault.account,
    }
    if secret is None:
        return known
    return known | condition_keys.of_secret(secret, secrets.arn(session, secret))


def settled(entity: User | Role | None, secret: Secret | None) -> Callable[[str], bool]:
    """Return what tells of a missing key that no request of *entity* about *secret* has it.

    A role's session may bring tags along; a principal of elsewhere may have any.
    """
    families = (
        *(_OF_SECRETS if secret is not None else ()),
        *(_OF_USERS if isinstance(entity, User) else ()),
        *(_NEVER if isinstance(entity, Role) else ()),
    )
    return lambda key: key.startswith(families)
