"""Who can become a role: its private key is granted to whoever its trust policy could let in.

A session's credential holds the role's private key, so whoever begins one has to have it. Which of
them may, and under which conditions, the policies decide each time; who is not named by an Allow of
the trust policy cannot open the key, whatever program is used.
"""

from __future__ import annotations

from secretctl.domain.principals import ROLE, USER, Role, User, arn
from secretctl.policy import principals as meaning
from secretctl.policy import reading
from secretctl.policy.faults import TRUST
from secretctl.policy.principals import Principal
from secretctl.record import TYPE_CHECKING
from secretctl.vault import grants, principals

if TYPE_CHECKING:
    from secretctl.service.session import Session
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.unlocked import Keys
    from secretctl.vault.view import View


def share(session: Session, transaction: Transaction, role: Role) -> None:
    """Grant the private key of *role* to whom its trust policy could let in, and to nobody else."""
    for kind in (USER, ROLE):
        for entity in principals.all_of(transaction, kind):
            if isinstance(entity, User | Role):
                _share_with(session, transaction, role, entity)


def welcome(session: Session, transaction: Transaction, entity: User | Role) -> None:
    """Grant a new user or role the private keys of the roles whose trust policy could let it in."""
    for role in principals.all_of(transaction, ROLE):
        if isinstance(role, Role) and role.id != entity.id:
            _share_with(session, transaction, role, entity)


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


def _share_with(
    session: Session, transaction: Transaction, role: Role, entity: User | Role
) -> None:
    if not _could_let_in(role, entity, session.vault.account):
        grants.take(transaction, entity.id, grants.role_key_id(role.id))
        return
    keys = session.vault.keys
    private = grants.private_of(transaction, keys, role.id)
    grantee = entity.id, bytes.fromhex(entity.public_key)
    grants.give(transaction, keys, grantee, grants.role_key_id(role.id), private)


def _could_let_in(role: Role, entity: User | Role, account: str) -> bool:
    policy, _ = reading.read(role.trust, TRUST)
    caller = Principal(arn(entity, account), account)
    if isinstance(entity, Role):
        caller = caller._replace(role=entity.name, role_arn=caller.text)
    return policy is not None and any(
        statement.allows
        and statement.principals is not None
        and meaning.means(statement.principals, caller)
        for statement in policy.statements
    )
