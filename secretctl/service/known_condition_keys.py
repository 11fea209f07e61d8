"""Condition keys that are known of a principal and of a secret before there is a request."""

from __future__ import annotations

from secretctl.domain.principals import Role, User, arn, root_arn, session_arn
from secretctl.model.authorization import ACTIONS, SERVICE
from secretctl.policy import evaluation, grammar
from secretctl.policy.faults import TRUST
from secretctl.policy.principals import Principal
from secretctl.record import TYPE_CHECKING
from secretctl.service import condition_keys, secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.domain.secret import Secret
    from secretctl.policy.statements import Policy
    from secretctl.service.condition_keys import Keys
    from secretctl.service.session import Session

ANY_SESSION = "*"
"""In the place of a session's name; no session and no principal of a policy is called that."""

_TAG_SESSION = "sts:tagsession"
_TAGS = "aws:principaltag/"
_OF_SECRETS = ("aws:resourcetag/", "secretsmanager:resourcetag/", "secretsmanager:resource/")
_OF_REQUESTS = ("secretsmanager:", "aws:resourcetag/", "aws:requesttag/", "aws:tagkeys")
_OF_A_SECRET = (*_OF_SECRETS, "secretsmanager:secretid", "secretsmanager:secretprimaryregion")
_OF_SESSIONS = ("aws:multifactorauthpresent", "aws:sourceidentity", "aws:tokenissuetime")
"""What neither a user nor the account root has."""

_OF_USERS = "aws:username"
"""What neither a role's session nor the account root has."""

_OF_CALLERS = frozenset(
    (
        *("aws:currenttime", "aws:epochtime", "aws:principalaccount", "aws:principalarn"),
        *("aws:principalisawsservice", "aws:principaltype", "aws:requestedregion"),
        *("aws:resourceaccount", "aws:securetransport", "aws:sourceip", "aws:useragent"),
        *("aws:userid", "aws:viaawsservice", _OF_USERS, *_OF_SESSIONS),
    )
)
"""What requests have of who asks, when and where; AWS has more, of organizations for instance."""

_BY_SERVICE = {
    "kms": ("kms:",),
    "secretsmanager": _OF_REQUESTS,
    "sts": (
        *("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys", "sts:durationseconds"),
        *("sts:externalid", "sts:rolesessionname", "sts:sourceidentity", "sts:transitivetagkeys"),
    ),
}
"""What requests to a service have besides."""


def caller_of(account: str, entity: User | Role, session: str = ANY_SESSION) -> Principal:
    """Return a user as a caller, or a session of a role."""
    if isinstance(entity, User):
        return Principal(arn(entity, account), account)
    text = session_arn(account, entity.name, session)
    return Principal(text, account, entity.name, arn(entity, account))


def of_root(account: str) -> Keys:
    """Return the keys of the account root."""
    return {
        "aws:PrincipalArn": root_arn(account),
        "aws:PrincipalType": "Account",
        "aws:userid": account,
        **condition_keys.of_all(account),
    }


def of_principal(account: str, entity: User | Role, session: str = ANY_SESSION) -> Keys:
    """Return the keys of a user; of a role those that all its sessions have, or that one.

    A role's tags are among them only where no session can have another value in the place of one.

    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    known: Keys = {
        "aws:PrincipalArn": arn(entity, account),
        "aws:PrincipalType": "User" if isinstance(entity, User) else "AssumedRole",
        **condition_keys.of_all(account),
    }
    if isinstance(entity, User):
        known |= {"aws:username": entity.name, "aws:userid": entity.id}
    else:
        known[condition_keys.MFA] = "false"
        if session != ANY_SESSION:
            known["aws:userid"] = f"{entity.id}:{session}"
        if _may_bring_tags(entity):
            return known
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


def settled(
    entity: User | Role | None,
    secret: Secret | None,
    action: str,
    *,
    is_root: bool = False,
    is_about_none: bool = False,
) -> Callable[[str], bool]:
    """Return what tells of a missing key that no request of *entity* about *secret* has it.

    That is so of all keys that nothing here ever sets, whether AWS knows them or not.

    Args:
        entity: A user or role; None for the account root, and for a principal of elsewhere, which
            may have any key.
        secret: None where it may be any.
        action: ``secretsmanager:GetSecretValue``.
        is_root: Whether it is the account root.
        is_about_none: Whether the action is about no secret, but a key or nothing.
    """
    service, _, name = action.partition(":")
    is_ours = is_root or entity is not None
    has_no_tags = isinstance(entity, User) or (
        isinstance(entity, Role) and not _may_bring_tags(entity)
    )
    families = (
        *(_OF_SECRETS if secret is not None else ()),
        *(_OF_REQUESTS if is_about_none else ()),
        *((_TAGS,) if is_root or has_no_tags else ()),
        *(_OF_SESSIONS if is_root or isinstance(entity, User) else ()),
        *((_OF_USERS,) if is_root or isinstance(entity, Role) else ()),
    )
    return lambda key: (
        key.startswith(families)
        or (service == SERVICE and _is_of_others(key, name))
        or (is_ours and not _is_had(key, service))
    )


def _is_had(key: str, service: str) -> bool:
    """Tell whether any request to *service* has *key*."""
    return key in _OF_CALLERS or key.startswith((_TAGS, *_BY_SERVICE.get(service, ())))


def _is_of_others(key: str, action: str) -> bool:
    """Tell whether requests have *key*, but none for *action*."""
    if action not in ACTIONS or not key.startswith(_OF_REQUESTS) or key.startswith(_OF_A_SECRET):
        return False
    own = [each.lower().partition("${")[0] for each in ACTIONS[action].keys]
    return not key.startswith(tuple(own))


def named(policy: Policy | None) -> set[str]:
    """Return whom the statements of a policy name, to let them in, keep out or spare."""
    elements = [each.principals for each in policy.statements] if policy is not None else []
    return {name for element in elements if element is not None for name in element.names}


def named_sessions(policy: Policy | None, account: str, role: Role) -> list[str]:
    """Return the names of the sessions of *role* that a policy names, sorted."""
    beginning = session_arn(account, role.name, "")
    return [
        name.removeprefix(beginning) for name in sorted(named(policy)) if name.startswith(beginning)
    ]


def _may_bring_tags(role: Role) -> bool:
    """Tell whether the trust policy lets anybody begin sessions with tags of their own."""
    trust, _ = grammar.read_text(role.trust, TRUST, "", (_TAG_SESSION,))
    if trust is None:
        return False
    return any(each.allows for each in evaluation.covering(trust, _TAG_SESSION))
