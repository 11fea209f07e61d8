"""What is simulated: policies and where they come from, who asks, and what is known of the request.

Nothing is added to what is given, as AWS documents it: a condition key is there if it is one of
ContextEntries, whatever the vault knows of the principal and of the resource.
"""

from __future__ import annotations

from secretctl.domain.principals import GROUP, ROLE, USER, kind_of
from secretctl.errors import ServiceError
from secretctl.policy import arns, evaluation, principal_names, principals, quantities
from secretctl.policy.decisions import BOUNDARY, Request
from secretctl.policy.evaluation import Policies
from secretctl.policy.faults import IDENTITY, RESOURCE
from secretctl.policy.json_places import Places
from secretctl.policy.principals import Principal
from secretctl.policy.simulation import is_action
from secretctl.policy.statements import Policy, policy
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service import policy_sources
from secretctl.service.iam import documents
from secretctl.service.policies_in_force import Source

if TYPE_CHECKING:
    from secretctl.policy.variables import Context

Entries = list[dict[str, object]]
EVERYTHING = "*"
_INPUT = "PolicyInputList"
_LIST = "List"
_OF_TYPE = {
    "numeric": quantities.number,
    "boolean": quantities.truth,
    "date": quantities.moment,
    "ip": quantities.network,
    "binary": quantities.octets,
}


class Document(NamedTuple):
    """A policy that is simulated; statements know it by its place among all of them."""

    policy: Policy
    places: Places
    """Of its text, which is read once they are asked for."""

    id: str
    """What AWS calls its SourcePolicyId."""

    type: str
    """A PolicySourceType of AWS."""


class Case(NamedTuple):
    """All that is simulated but the action and the resource."""

    documents: tuple[Document, ...]
    policies: Policies
    caller: Principal
    """Without a name nobody in particular asks, who is of the account that owns the resource."""

    owner: str
    """Account of resources that do not tell it; empty for that of the caller."""

    context: Context


def case(  # noqa: PLR0913 what the operations are given
    found: list[Source],
    bound: Source | None,
    texts: list[str] | None,
    boundaries: list[str] | None,
    resource_policy: str | None,
    caller: Principal,
    owner: str | None,
    entries: Entries | None,
) -> Case:
    """Return what is to be simulated.

    Args:
        found: Policies of a principal.
        bound: Its permissions boundary, if it has one.
        texts: PolicyInputList.
        boundaries: PermissionsBoundaryPolicyInputList, which takes the boundary's place.
        resource_policy: In JSON.
        caller: Who asks.
        owner: ResourceOwner, an account or its ARN.
        entries: ContextEntries.

    Raises:
        ServiceError: InvalidInput.
    """
    if len(boundaries or []) > 1:
        raise invalid("Only one permissions boundary can be simulated.")
    listed = [_of_principal(source) for source in found]
    listed += [_given(text, IDENTITY, f"{_INPUT}.{n}") for n, text in enumerate(texts or [], 1)]
    identity = len(listed)
    bounds = [_given(text, IDENTITY, "PermissionsBoundary") for text in boundaries or []]
    bounds = bounds or [_of_principal(each) for each in (bound,) if each is not None]
    listed += bounds
    if resource_policy is not None:
        listed.append(_given(resource_policy, RESOURCE, "ResourcePolicy"))
    numbered = [
        each._replace(policy=policy(str(number), each.policy.statements))
        for number, each in enumerate(listed)
    ]
    policies = Policies(
        identity=tuple([each.policy for each in numbered[:identity]]),
        resource=None if resource_policy is None else numbered[-1].policy,
        limits=((BOUNDARY, (numbered[identity].policy,)),) if bounds else (),
    )
    return Case(tuple(numbered), policies, caller, _owner(owner), context(entries or []))


def request_of(case: Case, action: str, resource: str) -> Request:
    """Return the request for one action and resource."""
    caller = case.caller
    request = evaluation.request(caller, action, resource, case.context)
    owner = request.resource.account or case.owner
    if not caller.text:
        caller = caller._replace(account=owner or caller.account)
    if request.resource.segments:
        owner = owner or caller.account
    return request._replace(caller=caller, resource=request.resource._replace(account=owner))


def caller(arn: str) -> Principal:
    """Return the user, group or role that a CallerArn names.

    Raises:
        ServiceError: InvalidInput.
    """
    found = principal_names.principal(arn)
    kind = arn.rpartition(":")[2].partition("/")[0]
    if found is None and kind == GROUP:  # in no policy, but of an account
        found = principal_names.principal(arn.replace(f":{GROUP}/", f":{USER}/"))
    if found is None or kind not in (USER, GROUP, ROLE):
        raise invalid("The CallerArn is not that of a user, group or role.")
    return found._replace(text=arn)


def check(actions: list[str], resources: list[str]) -> None:
    """Refuse what names no action or no resource.

    Raises:
        ServiceError: InvalidInput.
    """
    if not all(map(is_action, actions)):
        raise invalid(
            "An action name is SERVICE:NAME without wildcards, such as "
            "secretsmanager:GetSecretValue."
        )
    if not all(each == EVERYTHING or _is_arn(each) for each in resources):
        raise invalid("A resource is an ARN, or * for all resources.")


def invalid(sentence: str) -> ServiceError:
    """Return the error for what cannot be simulated."""
    return ServiceError("InvalidInput", sentence)


def _of_principal(source: Source) -> Document:
    name = policy_sources.name_of(source)
    if source.is_managed:
        return Document(source.policy, Places(source.text), name.rpartition("/")[2], "user-managed")
    return Document(source.policy, Places(source.text), name, kind_of(source.holder))


def _given(text: str, kind: str, name: str) -> Document:
    read = documents.read(text, kind, name)
    return Document(read, Places(text), name, "resource" if kind == RESOURCE else "none")


def _is_arn(text: str) -> bool:
    return bool(arns.arn(text).segments)


def _owner(given: str | None) -> str:
    found = principals.account_of(given or "")
    if given is not None and not found:
        raise invalid("The ResourceOwner is not the ARN of an account: arn:aws:iam::ACCOUNT:root.")
    return found


def context(entries: Entries) -> Context:
    """Return what ContextEntries say; raises as `case`."""
    found: dict[str, str | tuple[str, ...]] = {}
    for entry in entries:
        name, values = entry.get("ContextKeyName"), entry.get("ContextKeyValues")
        if not isinstance(name, str) or not isinstance(values, list):
            raise invalid("A context entry has a ContextKeyName and ContextKeyValues.")
        if name.lower() in found:
            raise invalid("A context key is given twice; case does not tell them apart.")
        found[name.lower()] = _values(values, entry.get("ContextKeyType"))
    return found


def _values(values: list[str], kind: object) -> str | tuple[str, ...]:
    """Return the values of a context key; a type that is none of a list has one."""
    named = str(kind or "")
    reader = _OF_TYPE.get(named.removesuffix(_LIST))
    if reader is not None and any(reader(value) is None for value in values):
        raise invalid("A value of ContextKeyValues is not of its ContextKeyType.")
    if named.endswith(_LIST) or (not named and len(values) != 1):
        return tuple(values)
    if len(values) != 1:
        raise invalid("A key with several values has a ContextKeyType that ends in List.")
    return values[0]
