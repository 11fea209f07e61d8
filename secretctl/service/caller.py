"""Who asks: the account root, who holds the root key, or the principal of a credential."""

from __future__ import annotations

from secretctl.audit.event import Caller as Recorded
from secretctl.domain import principals as domain
from secretctl.domain.kms import USES
from secretctl.domain.principals import ACTIVE, ROLE, Entity, Pairs, Role, User
from secretctl.model.shapes import Fields
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.policy.evaluation import Policies
    from secretctl.policy.principals import Principal
    from secretctl.vault.unlocked import Holder
    from secretctl.vault.vault import Vault
    from secretctl.vault.view import View


ACCOUNT_ROOT: Fields = {"allowed": True, "reason": "account root"}
"""Why the owner may do what it does."""


class Scope(NamedTuple):
    """What a credential that was given to one program for a while lets it do."""

    key_id: str
    """Its access key id."""

    policies: Pairs
    """Name and text of policies of which one must allow, whatever its giver may do."""

    rotation_token: str = ""
    """Of the rotation that it is for; empty for none."""

    def __repr__(self) -> str:
        """Name the key alone."""
        return f"<scope of {self.key_id}>"


class Caller:
    """Whoever opened the vault, or a program that was given a part of what they may do."""

    def __init__(self, vault: Vault, scope: Scope | None = None) -> None:
        self.holder: Holder | None = vault.keys.holder
        """None for the account root."""

        self._vault = vault
        self._scope = scope
        self._principal: Principal | None = None
        self._found: tuple[View, Entity | None] | None = None
        self._read: tuple[View, tuple[str, ...], Policies] | None = None

    @property
    def is_bound(self) -> bool:
        """Whether policies decide on everything: the account root needs none."""
        return self.holder is not None or self._scope is not None

    def has_rotation_token(self, given: str) -> bool:
        """Tell whether a RotationToken may be used: who acts for one rotation has but its own."""
        return self._scope is None or self._scope.rotation_token in ("", given)

    @property
    def is_function(self) -> bool:
        """Whether it is a function, which acts for one rotation."""
        return self._scope is not None and bool(self._scope.rotation_token)

    @property
    def decision(self) -> Fields | None:
        """Why everything is allowed; None where policies decide."""
        return None if self.is_bound else ACCOUNT_ROOT

    @property
    def arn(self) -> str:
        """The ARN, as messages and policies name the caller."""
        account, holder = self._vault.account, self.holder
        if holder is None:
            return domain.root_arn(account)
        if holder.kind == ROLE:
            return domain.session_arn(account, holder.name, holder.session)
        return domain.named_arn(account, holder.kind, holder.path, holder.name)

    @property
    def id(self) -> str:
        """What CloudTrail calls the principalId, and policies ``aws:userid``."""
        holder = self.holder
        if holder is None:
            return self._vault.account
        return f"{holder.id}:{holder.session}" if holder.kind == ROLE else holder.id

    @property
    def principal(self) -> Principal:
        """The caller, as policies mean it."""
        if self._principal is None:
            self._principal = self._named()
        return self._principal

    def _named(self) -> Principal:
        from secretctl.policy.principals import Principal

        holder, account = self.holder, self._vault.account
        if holder is None or holder.kind != ROLE:
            return Principal(self.arn, account)
        role_arn = domain.named_arn(account, ROLE, holder.path, holder.name)
        return Principal(self.arn, account, holder.name, role_arn)

    def recorded(self) -> Recorded:
        """Return the caller as the journal names it."""
        account, holder = self._vault.account, self.holder
        identity: Fields = {
            "type": "Root",
            "principalId": self.id,
            "arn": self.arn,
            "accountId": account,
        }
        if holder is not None:
            identity["accessKeyId"] = holder.key_id
            identity |= _of_role(account, holder) if holder.kind == ROLE else _of_user(holder)
        if self._scope is not None:
            identity["accessKeyId"] = self._scope.key_id
        return Recorded(identity, account, "", {})

    def entity(self, view: View, now_ms: int, service: str) -> User | Role:
        """Return the user or role whose credential it is, for the service that is asked.

        Raises:
            ServiceError: The credential is good for nothing any more.
        """
        holder = self.holder
        assert holder is not None, "the account root is no entity"
        found = self._own(view, holder)
        own = found if isinstance(found, User | Role) and found.id == holder.id else None
        has_ended = bool(holder.expires_ms) and holder.expires_ms <= now_ms
        if own and not has_ended and (isinstance(own, Role) or _is_active(own, holder)):
            return own
        from secretctl.service.bad_credentials import EXPIRED, UNKNOWN, refusal

        raise refusal(EXPIRED if own and has_ended else UNKNOWN, service)

    def _own(self, view: View, holder: Holder) -> Entity | None:
        """Return who has the caller's name; read once in one moment of the vault."""
        if self._found is None or self._found[0] is not view:
            from secretctl.vault import principals

            self._found = view, principals.find(view, holder.kind, holder.name)
        return self._found[1]

    def policies(self, view: View, entity: User | Role | None, action: str) -> Policies:
        """Return the identity policies and limits of the caller, who is *entity*.

        They are read once in one moment of the vault.

        Args:
            view: The moment.
            entity: See `entity`; None for the account root.
            action: ``service:Name``; statements that name others alone are left out, unless they
                are about the use of keys, which may be asked for next.

        Raises:
            PolicyFileError: A managed policy is not the one in force.
            UnsafePermissionsError: Others could change the file of one.
        """
        if self._read is None or self._read[0] is not view or action not in self._read[1]:
            from secretctl.policy.evaluation import Policies
            from secretctl.service.policies_in_force import identity_policies, limits

            vault = self._vault
            session = self.holder.policies if self.holder else ()
            given = self._scope.policies if self._scope else ()
            actions = (action, *USES)
            within = limits(vault, view, entity, (session, given), actions)
            own = identity_policies(vault, view, entity, actions)
            self._read = view, actions, Policies(own, limits=within)
        return self._read[2]


def _is_active(user: User, holder: Holder) -> bool:
    return any(key.id == holder.key_id and key.status == ACTIVE for key in user.access_keys)


def _of_user(holder: Holder) -> Fields:
    return {"type": "IAMUser", "userName": holder.name}


def _of_role(account: str, holder: Holder) -> Fields:
    issuer: Fields = {
        "type": "Role",
        "principalId": holder.id,
        "arn": domain.named_arn(account, ROLE, holder.path, holder.name),
        "accountId": account,
        "userName": holder.name,
    }
    attributes: Fields = {"mfaAuthenticated": "false"}
    context: Fields = {"sessionIssuer": issuer, "attributes": attributes}
    if holder.source_identity:
        context["sourceIdentity"] = holder.source_identity
    return {"type": "AssumedRole", "sessionContext": context}
