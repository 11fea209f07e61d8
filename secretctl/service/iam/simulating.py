"""``policy simulate`` against the vault: all policies in force decide, those of secrets too.

Nothing is added to the context that is given, as AWS's simulator does it: what the vault knows of
the principal and of a secret is no part of a request until it is made.
"""

from __future__ import annotations

from secretctl.domain import names
from secretctl.domain.principals import ROLE, Group, Role, arn
from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.policy import evaluation, missing, simulation
from secretctl.policy.decisions import BOUNDARY, IDENTITY
from secretctl.policy.evaluation import Policies
from secretctl.policy.faults import RESOURCE, TRUST
from secretctl.policy.principals import Principal
from secretctl.record import TYPE_CHECKING
from secretctl.service import (
    deciding,
    known_condition_keys,
    permitted,
    policies_in_force,
    policy_sources,
    secrets,
)
from secretctl.service.deciding import Asked
from secretctl.service.iam import entities, simulated
from secretctl.vault import principals

if TYPE_CHECKING:
    from secretctl.domain.principals import Identity
    from secretctl.policy.statements import Policy
    from secretctl.service.iam.simulated import Entries
    from secretctl.service.policies_in_force import Source
    from secretctl.service.session import Session
    from secretctl.vault.view import View

_REGION = 3
_ASSUMING = "sts:"


def simulate(
    session: Session,
    *,
    policy_source_arn: str,
    action_names: list[str],
    resource_arns: list[str] | None = None,
    context_entries: Entries | None = None,
) -> Result:
    """Decide each action on each resource, an ARN or the name of a secret.

    A secret that is there has its resource policy, and a role that is to be assumed its trust
    policy; of a role any session asks.

    Returns:
        ``Cases``: answers as `policy.simulation.simulate` has them, with ``action`` and
        ``resourceArn`` before them, and ``missingContextKeys`` behind them: keys that policies ask
        for and that were not given. A policy is named by its name or ARN, with the ``group`` whose
        it is; a resource policy by the ARN of the resource.

    Raises:
        ServiceError: NoSuchEntity, InvalidInput; ResourceNotFoundException, for a name that no
            secret has; AccessDenied, where the caller may not be told what a policy says.
        PolicyFileError: A managed policy is not the one in force.
    """
    context = simulated.context(context_entries or [])
    with session.vault.read() as view:
        holder = entities.holder(session, view, policy_source_arn)
        sources = policies_in_force.sources(session.vault, view, holder)
        identity, caller = policy_sources.numbered(sources), _caller(session, holder)
        bound = policies_in_force.boundary(session.vault, view, holder)
        limits = () if bound is None else ((BOUNDARY, (bound.policy,)),)
        resources = [_resource(session, view, each) for each in resource_arns or ["*"]]
        simulated.check(action_names, [resource for resource, _ in resources])
        cases = []
        for action in action_names:
            for resource, policy in resources:
                trust = _trust(session, view, action, resource)
                is_trust = trust is not None
                policies = Policies(identity, policy or trust, is_trust=is_trust, limits=limits)
                request = evaluation.request(caller, action, resource, context)
                said = simulation.told(evaluation.evaluate(request, policies))
                _name(said, sources)
                lacking = missing.keys(request, policies)
                case = {"action": action, "resourceArn": resource, **said}
                cases.append({**case, "missingContextKeys": lacking})
    return {"Cases": cases}


def _caller(session: Session, holder: Identity) -> Principal:
    if isinstance(holder, Group):
        return Principal(arn(holder, session.vault.account), session.vault.account)
    return known_condition_keys.caller_of(session.vault.account, holder)


def _resource(session: Session, view: View, given: str) -> tuple[str, Policy | None]:
    """Return the ARN that is meant, and the resource policy of the secret if it is one's."""
    region = given.split(":")[_REGION] if given.count(":") > _REGION else session.region
    try:
        secret = secrets.meant(session._replace(region=region), view, given)
    except ServiceError:
        secret = None
    if secret is None and given != simulated.EVERYTHING and not given.startswith("arn:"):
        raise names.not_found()
    if secret is None:
        return given, None
    act = session.recorder.act
    if session.caller.holder is not None and act is not None:
        permitted.on_policy_of(session, view, act, secret)
    named = secrets.arn(session, secret)
    text = secret.resource_policy
    return named, deciding.read_policy(text, RESOURCE, named) if text else None


def _trust(session: Session, view: View, action: str, resource: str) -> Policy | None:
    """Return the trust policy of a role that is to be assumed, if it is there."""
    role = principals.find(view, ROLE, resource.rpartition("/")[2])
    if not isinstance(role, Role) or arn(role, session.vault.account) != resource:
        return None
    if not action.lower().startswith(_ASSUMING):
        return None
    act = session.recorder.act
    if session.caller.holder is not None and act is not None:
        asked = Asked("iam:GetRole", resource, dict, resource, "", resource)
        deciding.decide(session, view, act, asked)
    return deciding.read_policy(role.trust, TRUST, resource)


def _name(said: Result, sources: list[Source]) -> None:
    """Replace the numbers by which statements know identity policies."""
    for member in ("decidingStatements", "failedConditions"):
        listed = said[member]
        for told in listed if isinstance(listed, list) else []:
            if told["policyType"] == IDENTITY:
                source = sources[int(told["policy"])]
                told["policy"] = policy_sources.name_of(source)
                if isinstance(source.holder, Group):
                    told["group"] = source.holder.name
