"""Who may do something with a secret: every principal, asked of the policies that are in force.

Conditions on keys that only a request has are left open, and named. A policy that is not in force
because of its file lets its principals do nothing: that is told with them.
"""

from __future__ import annotations

from secretctl.domain.principals import ROLE, USER, Role, User, arn, root_arn
from secretctl.errors import PolicyFileError, UnsafePermissionsError
from secretctl.policy import evaluation, partial, principal_names, reading
from secretctl.policy.decisions import IDENTITY, LIMITS
from secretctl.policy.evaluation import Policies
from secretctl.policy.faults import RESOURCE
from secretctl.policy.partial import NO, Chance
from secretctl.policy.principals import EVERYBODY, Principal, account_of
from secretctl.policy.statements import Policy
from secretctl.record import TYPE_CHECKING
from secretctl.service import known, owner, secrets, standing
from secretctl.service import sources as naming
from secretctl.service import who_can_key as key
from secretctl.service.acts import Act
from secretctl.vault import principals as kept

if TYPE_CHECKING:
    from secretctl.domain.secret import Secret
    from secretctl.service.session import Session
    from secretctl.service.standing import Source
    from secretctl.vault.view import View

Result = dict[str, object]


def who_can(session: Session, action: str, secret_id: str) -> Result:
    """Return who may do *action* with a secret.

    Args:
        session: Of the owner.
        action: ``secretsmanager:GetSecretValue``.
        secret_id: Name, ARN or partial ARN; ``*`` for what may be done whatever the secret.

    Returns:
        ``Action``, ``Resource``, and ``Principals``: the account's root first, then users and
        roles by name, then principals of elsewhere. Each has ``Through`` (statements that allow
        it, one is enough), ``Unless`` (denials that may apply), ``Within`` where there is a
        permissions boundary (its statements that allow it too), and ``HoldsKey``: whether the key
        of the current value is granted to it, None where that is not known.

    Raises:
        OwnerOnlyError: AccessDenied.
        ServiceError: ResourceNotFoundException.
    """
    act = Act(
        "WhoCan",
        session.region,
        session.recorder.names,
        read_only=True,
        parameters={"action": action},
        is_own=True,
    )
    with session.recorder.during(act), session.vault.read() as view:
        owner.refuse_principals(session, act.name)
        secret = None if secret_id == EVERYBODY else secrets.find(session, view, secret_id)
        asked = _Asked(session, view, action, secret)
        found = [asked.root(), *asked.own(), *asked.others()]
    return {"Action": action, "Resource": asked.resource, "Principals": found}


class _Asked:
    """A question, and what answers it."""

    def __init__(self, session: Session, view: View, action: str, secret: Secret | None) -> None:
        self._session = session
        self._view = view
        self._action = action
        self._secret = secret
        self._account = session.vault.account
        self._use = key.use_in(session, view, secret, action)
        self.resource = EVERYBODY if secret is None else secrets.arn(session, secret)
        self._policy = _resource_policy(secret)

    def root(self) -> Result:
        """Return the entry of the account's root, whom no policy bounds."""
        return {"Principal": root_arn(self._account), "Type": "root", "HoldsKey": True}

    def own(self) -> list[Result]:
        """Return the entries of users and roles."""
        everyone = [each for kind in (USER, ROLE) for each in kept.all_of(self._view, kind)]
        entries = [self._entry(each) for each in everyone if isinstance(each, User | Role)]
        return [entry for entry in entries if entry]

    def others(self) -> list[Result]:
        """Return the entries of sessions, accounts and services the secret's policy names."""
        entries = map(self._foreign, sorted(_named(self._policy)))
        return [entry for entry in entries if entry]

    def _entry(self, entity: User | Role) -> Result | None:
        entry: Result = {
            "Principal": arn(entity, self._account),
            "Type": USER if isinstance(entity, User) else ROLE,
            "HoldsKey": key.holds(self._view, self._secret, entity.id),
        }
        try:
            sources = standing.sources(self._session.vault, self._view, entity)
            limits = standing.limits(self._session.vault, self._view, entity)
        except (PolicyFileError, UnsafePermissionsError) as error:
            return entry | {"Refused": error.message}
        context = known.of_secret(self._session, self._secret)
        context |= known.of_principal(self._account, entity)
        policies = Policies(naming.numbered(sources), self._policy, limits=limits)
        caller = known.caller_of(self._account, entity)
        request = evaluation.request(caller, self._action, self.resource, context)
        result = evaluation.evaluate(request, policies)
        chances = partial.chances(result, known.settled(entity, self._secret))
        if partial.verdict(result, chances) == NO:
            return None
        counting = [each for each in chances if not each.is_delegated]
        if self._use is not None:
            of_key = known.of_principal(self._account, entity)
            is_settled = known.settled(entity, None)
            denials = key.denials(self._use, caller, of_key, policies, is_settled)
            if any(not each.open for each in denials):
                return None
            counting += denials
        return entry | _told(counting, sources, is_bounded=bool(limits))

    def _foreign(self, name: str) -> Result | None:
        """Return the entry of somebody whose own policies, if any, are not ours to read."""
        caller = principal_names.principal(name)
        if name == EVERYBODY:
            caller = Principal(EVERYBODY, EVERYBODY)
        if caller is None:
            return None
        is_own = caller.account == self._account
        if is_own and not caller.role:
            return None
        context = known.of_secret(self._session, self._secret)
        request = evaluation.request(caller, self._action, self.resource, context)
        result = evaluation.evaluate(request, Policies((), self._policy))
        chances = partial.chances(result, known.settled(None, self._secret))
        denied = any(not each.open for each in chances if not each.statement.allows)
        if denied or not any(each.statement.allows for each in chances):
            return None
        entry: Result = {"Principal": name, "Type": _type_of(caller), "HoldsKey": None}
        if caller.account and not is_own:
            entry["NeedsOwnPolicies"] = True
        return entry | _told(chances, [])


def _resource_policy(secret: Secret | None) -> Policy | None:
    text = secret.resource_policy if secret is not None else ""
    return reading.read(text, RESOURCE)[0] if text else None


def _named(policy: Policy | None) -> set[str]:
    """Return whom the Allow statements of a resource policy name."""
    found: set[str] = set()
    for statement in policy.statements if policy is not None else ():
        element = statement.principals
        if statement.allows and element is not None:
            found |= {_as_arn(name) for name in element.names}
    return found


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


def _told(chances: list[Chance], sources: list[Source], *, is_bounded: bool = False) -> Result:
    given = [each for each in chances if each.type not in LIMITS]
    within = [each for each in chances if each.type in LIMITS and each.statement.allows]
    told: Result = {
        "Through": [_statement(each, sources) for each in given if each.statement.allows],
        "Unless": [_statement(each, sources) for each in chances if not each.statement.allows],
    }
    return told | {"Within": [_statement(each, sources) for each in within]} if is_bounded else told


def _statement(chance: Chance, sources: list[Source]) -> Result:
    statement = chance.statement
    told: Result = {"PolicyType": chance.type}
    if chance.type == IDENTITY:
        told |= naming.told(naming.source_of(statement, sources))
    elif chance.type in LIMITS:
        told["Policy"] = statement.policy
    told["Statement"] = statement.number
    if statement.sid:
        told["Sid"] = statement.sid
    conditions = [{"Operator": each.operator_name, "Key": each.key} for each in chance.open]
    return told | {"Conditions": conditions} if conditions else told
