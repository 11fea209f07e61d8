"""Who can become a role: its private key is granted to whom policies could let begin a session.

A session's credential holds the role's private key, so whoever begins one has to have it. Who that
could be, the trust policy and the principal's own policies tell: nobody else can open the key,
whatever program is used. What only a request has (an external id, tags of a session, the time) is
asked for by this program alone, each time.
"""

from __future__ import annotations

from secretctl.domain.principals import (
    GROUP,
    ROLE,
    USER,
    Entity,
    Group,
    ManagedPolicy,
    Role,
    User,
    arn,
)
from secretctl.errors import PolicyFileError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import grants, lost_keys, principals

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.policy.evaluation import Policies
    from secretctl.service.session import Session
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.unlocked import Keys
    from secretctl.vault.vault import Vault
    from secretctl.vault.view import View

_ASSUME = "sts:AssumeRole"
_TAGS_OF_ROLE = "aws:resourcetag/"


def settle(session: Session, transaction: Transaction) -> None:
    """Grant the private keys of roles to whom they are due after a change, and to nobody else."""
    changed = transaction.changed_principals
    roles = principals.all_of(transaction, ROLE) if changed else []
    if not roles:
        return
    everyone = [*principals.all_of(transaction, USER), *roles]
    concerned = _concerned(transaction, changed, session.vault.account)
    new = {each.id for each in changed if isinstance(each, Role)}
    for role in roles:
        for entity in everyone:
            is_due = role.id in new or concerned(entity)
            if is_due and isinstance(role, Role) and isinstance(entity, User | Role):
                _settle_one(session, transaction, role, entity)


def unshare(transaction: Transaction, role: Role) -> None:
    """Take the private key of a role that is deleted back from everybody."""
    for kind in (USER, ROLE):
        for entity in principals.all_of(transaction, kind):
            grants.take(transaction, entity.id, grants.role_key_id(role.id))


def private_key(view: View, keys: Keys, role: Role) -> bytes:
    """Return the private key of *role*, if it is granted to whoever holds *keys*.

    Raises:
        KeyNotGrantedError: It is not.
    """
    return grants.opened(view, keys, grants.role_key_id(role.id))


def _concerned(view: View, changed: list[Entity], account: str) -> Callable[[Entity], bool]:
    """Return what tells whether the policies of an entity are other ones after a change."""
    ids = {each.id for each in changed}
    arns = {arn(each, account) for each in changed if isinstance(each, ManagedPolicy)}
    groups = {each.name for each in changed if isinstance(each, Group)}
    if arns:
        groups |= {
            each.name
            for each in principals.all_of(view, GROUP)
            if isinstance(each, Group) and arns.intersection(each.attached)
        }

    def concerned(entity: Entity) -> bool:
        if entity.id in ids or not isinstance(entity, User | Role):
            return entity.id in ids
        if isinstance(entity, User) and groups.intersection(entity.groups):
            return True
        return not arns.isdisjoint((*entity.attached, entity.boundary))

    return concerned


def _settle_one(
    session: Session, transaction: Transaction, role: Role, entity: User | Role
) -> None:
    key_id = grants.role_key_id(role.id)
    if not could_become(session.vault, transaction, role, entity):
        grants.take(transaction, entity.id, key_id)
    elif transaction.stored_record(grants.place(transaction, entity.id, key_id)) is None:
        private = lost_keys.private_of(transaction, role)
        grantee = entity.id, bytes.fromhex(entity.public_key)
        grants.give(transaction, session.vault.keys, grantee, key_id, private)


def could_become(vault: Vault, view: View, role: Role, entity: User | Role) -> bool:
    """Tell whether the policies could let *entity* begin a session of *role*.

    Managed policies are taken as the vault itself keeps them: a file that was changed by hand is
    refused when a session is begun.
    """
    from secretctl.policy import grammar
    from secretctl.policy.decisions import BOUNDARY
    from secretctl.policy.evaluation import Policies
    from secretctl.policy.faults import TRUST
    from secretctl.service import policies_in_force

    actions, text_of = (_ASSUME,), policies_in_force.recorded
    try:
        sources = policies_in_force.sources(vault, view, entity, actions, text_of)
        bound = policies_in_force.boundary(vault, view, entity, actions, text_of)
    except PolicyFileError:
        return False
    trust, _ = grammar.read_text(role.trust, TRUST, "", actions)
    limits = ((BOUNDARY, (bound.policy,)),) if bound else ()
    policies = Policies(
        tuple([each.policy for each in sources]), trust, is_trust=True, limits=limits
    )
    return _may(vault.account, role, entity, policies)


def _may(account: str, role: Role, entity: User | Role, policies: Policies) -> bool:
    """Tell whether a request for a session of *role* could be allowed by *policies*.

    Of a role any session could ask, and each that the trust policy names besides: it may be let
    in, or spared, where others are not.
    """
    from secretctl.policy import evaluation, partial
    from secretctl.service import known_condition_keys

    of_role = {f"aws:ResourceTag/{key}": value for key, value in role.tags}
    settled = known_condition_keys.settled(entity, None, _ASSUME)
    sessions = [known_condition_keys.ANY_SESSION]
    if isinstance(entity, Role):
        sessions += known_condition_keys.named_sessions(policies.resource, account, entity)
    for session in sessions:
        context = known_condition_keys.of_principal(account, entity, session) | of_role
        caller = known_condition_keys.caller_of(account, entity, session)
        request = evaluation.request(caller, _ASSUME, arn(role, account), context)
        result = evaluation.evaluate(request, policies)
        chances = partial.chances(result, lambda key: key.startswith(_TAGS_OF_ROLE) or settled(key))
        if partial.verdict(result, chances) != partial.NO:
            return True
    return False
