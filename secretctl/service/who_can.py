"""Who may do something with a secret: every principal, asked of the policies that are in force.

Conditions on keys that only a request has are left open, and named. A policy that is not in force
because of its file lets its principals do nothing: that is told with them.
"""

from __future__ import annotations

from secretctl.domain.principals import ROLE, USER, Role, User, arn, root_arn, session_arn
from secretctl.errors import PolicyFileError, UnsafePermissionsError
from secretctl.model.authorization import ACTIONS, SERVICE
from secretctl.policy import evaluation, grammar, partial, principal_names
from secretctl.policy.decisions import Result
from secretctl.policy.evaluation import Policies
from secretctl.policy.faults import RESOURCE
from secretctl.policy.partial import NO
from secretctl.policy.principals import EVERYBODY, Principal, account_of
from secretctl.policy.statements import Policy
from secretctl.record import TYPE_CHECKING
from secretctl.service import (
    known_condition_keys,
    owner,
    policies_in_force,
    policy_sources,
    secrets,
)
from secretctl.service import who_can_key as key
from secretctl.service.acts import own_act
from secretctl.service.deciding import ROOT_MAY
from secretctl.service.known_condition_keys import ANY_SESSION
from secretctl.service.who_can_told import Entry, statement_told, told
from secretctl.vault import principals as kept

if TYPE_CHECKING:
    from secretctl.domain.secret import Secret
    from secretctl.policy.partial import IsSettled
    from secretctl.service.condition_keys import Keys
    from secretctl.service.session import Session
    from secretctl.vault.view import View


def who_can(session: Session, action: str, secret_id: str) -> Entry:
    """Return who may do *action* with a secret.

    Args:
        session: Of the owner.
        action: ``secretsmanager:GetSecretValue``.
        secret_id: Name, ARN or partial ARN; ``*`` for what may be done whatever the secret. An
            action about no secret is asked for as it is, with the resource ``*``.

    Returns:
        ``Action``, ``Resource``, and ``Principals``: the account's root first, unless the secret's
        policy denies it, then users and roles by name, sessions of roles that the secret's policy
        treats in another way than their roles, then principals of elsewhere. Each has ``Through``
        (statements that allow it, one is enough; the root needs none), ``Unless`` (denials that may
        apply), ``Within`` where there is a permissions boundary (its statements that allow it too),
        and ``HoldsKey``: whether the key of the current value is granted to it, None where that is
        not known. A statement's ``Conditions`` are what a request would have to meet: ``Operator``
        and ``Key``, and ``Variables``, keys whose values are compared with; or ``Element`` and
        ``Variables`` where a resource is made of them.

    Raises:
        OwnerOnlyError: AccessDenied.
        ServiceError: ResourceNotFoundException.
    """
    act = own_act(session, "WhoCan", {"action": action}, read_only=True)
    with session.recorder.during(act), session.vault.read() as view:
        owner.refuse_principals(session, act.name)
        secret = None if secret_id == EVERYBODY else secrets.find(session, view, secret_id)
        asked = _Asked(session, view, action, secret)
        found = [*asked.root(), *asked.own(), *asked.others()]
    return {"Action": action, "Resource": asked.resource, "Principals": found}


class _Asked:
    """A question, and what answers it."""

    def __init__(self, session: Session, view: View, action: str, secret: Secret | None) -> None:
        self._session = session
        self._view = view
        self._action = action
        self._account = session.vault.account
        self._is_about_none = _is_about_none(action)
        self._secret = secret = None if self._is_about_none else secret
        self._use = key.use_in(session, view, secret, action)
        self.resource = EVERYBODY if secret is None else secrets.arn(session, secret)
        self._policy = _resource_policy(secret)

    def root(self) -> list[Entry]:
        """Return the entry of the account's root, whom only the secret's policy can deny."""
        caller = Principal(root_arn(self._account), self._account)
        own = known_condition_keys.of_root(self._account)
        result = self._asked_of(caller, own, Policies((), self._policy))
        chances = partial.chances(result, self._settled(None, is_root=True))
        may_mend = self._action.partition(":")[2] in ROOT_MAY
        denials = [] if may_mend else [each for each in chances if not each.statement.allows]
        if any(not each.open for each in denials):
            return []
        entry: Entry = {"Principal": caller.text, "Type": "root", "HoldsKey": True}
        return [entry | {"Unless": [statement_told(each, []) for each in denials]}]

    def own(self) -> list[Entry]:
        """Return the entries of users, roles, and sessions that the secret's policy names."""
        found: list[Entry] = []
        for entity in [each for kind in (USER, ROLE) for each in kept.all_of(self._view, kind)]:
            if isinstance(entity, User | Role):
                entry = self._entry(entity)
                entries = [entry, *self._sessions(entity, entry)]
                found += [each for each in entries if each]
        return found

    def others(self) -> list[Entry]:
        """Return the entries of principals of elsewhere whom the secret's policy names."""
        entries = map(
            self._foreign, sorted({*map(_as_arn, known_condition_keys.named(self._policy))})
        )
        return [entry for entry in entries if entry]

    def _sessions(self, entity: User | Role, whole: Entry) -> list[Entry]:
        """Return the entries of a role's sessions, as far as they are not those of the role."""
        if isinstance(entity, User):
            return []
        entries = {
            session_arn(self._account, entity.name, each): self._entry(entity, each)
            for each in known_condition_keys.named_sessions(self._policy, self._account, entity)
        }
        barred = [each for each, entry in entries.items() if not entry]
        as_role = {"Principal": whole.get("Principal"), "Type": ROLE}
        others = [each for each in entries.values() if each and each | as_role != whole]
        if whole and barred:
            whole["Except"] = barred
        return others

    def _entry(self, entity: User | Role, session: str = ANY_SESSION) -> Entry:
        """Return the entry of a user, a role or one session of it; an empty one if it may not."""
        caller = known_condition_keys.caller_of(self._account, entity, session)
        is_one = session != ANY_SESSION
        entry: Entry = {
            "Principal": caller.text if is_one else arn(entity, self._account),
            "Type": USER if isinstance(entity, User) else "session" if is_one else ROLE,
            "HoldsKey": key.holds(self._view, self._secret, entity.id),
        }
        try:
            sources = policies_in_force.sources(self._session.vault, self._view, entity)
            limits = policies_in_force.limits(self._session.vault, self._view, entity)
        except (PolicyFileError, UnsafePermissionsError) as error:
            return entry | {"Refused": error.message}
        own = known_condition_keys.of_principal(self._account, entity, session)
        policies = Policies(policy_sources.numbered(sources), self._policy, limits=limits)
        result = self._asked_of(caller, own, policies)
        chances = partial.chances(result, self._settled(entity))
        if partial.verdict(result, chances) == NO:
            return {}
        counting = [each for each in chances if not each.is_delegated]
        if self._use is not None:
            is_settled = known_condition_keys.settled(
                entity, None, self._use.operation, is_about_none=True
            )
            denials = key.denials(self._use, caller, own, policies, is_settled)
            if any(not each.open for each in denials):
                return {}
            counting += [each for each in denials if each not in counting]
        return entry | told(counting, sources, is_bounded=bool(limits))

    def _foreign(self, name: str) -> Entry | None:
        """Return the entry of somebody whose own policies, if any, are not ours to read."""
        caller = principal_names.principal(name)
        if name == EVERYBODY:
            caller = Principal(EVERYBODY, EVERYBODY)
        if caller is None or caller.account == self._account:
            return None
        result = self._asked_of(caller, {}, Policies((), self._policy))
        chances = partial.chances(result, self._settled(None))
        denied = any(not each.open for each in chances if not each.statement.allows)
        if denied or not any(each.statement.allows for each in chances):
            return None
        entry: Entry = {"Principal": name, "Type": _type_of(caller), "HoldsKey": None}
        if caller.account:
            entry["NeedsOwnPolicies"] = True
        return entry | told(chances, [])

    def _asked_of(self, caller: Principal, own: Keys, policies: Policies) -> Result:
        context = known_condition_keys.of_secret(self._session, self._secret) | own
        request = evaluation.request(caller, self._action, self.resource, context)
        return evaluation.evaluate(request, policies)

    def _settled(self, entity: User | Role | None, *, is_root: bool = False) -> IsSettled:
        is_about_none = self._is_about_none
        return known_condition_keys.settled(
            entity, self._secret, self._action, is_root=is_root, is_about_none=is_about_none
        )


def _is_about_none(action: str) -> bool:
    service, _, name = action.partition(":")
    return service == SERVICE and not ACTIONS[name].is_on_secret


def _resource_policy(secret: Secret | None) -> Policy | None:
    text = secret.resource_policy if secret is not None else ""
    return grammar.read_text(text, RESOURCE)[0] if text else None


def _as_arn(name: str) -> str:
    account = account_of(name)
    return root_arn(account) if account else name


def _type_of(caller: Principal) -> str:
    if caller.text == EVERYBODY:
        return "everybody"
    if not caller.account:
        return "service"
    if account_of(caller.text):
        return "account"
    return "session" if caller.role else caller.text.split(":")[5].partition("/")[0]
