"""The sentence of a refusal, as AWS puts it.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from secretctl.policy.decisions import (
    ALLOWED,
    BOUNDARY,
    ENDPOINT,
    EXPLICITLY_DENIED,
    IDENTITY,
    RESOURCE,
    RESOURCE_CONTROL,
    SERVICE_CONTROL,
    SESSION,
    TRUST,
    Result,
    Said,
)

_DENIED_BY = {
    IDENTITY: "an identity-based policy",
    RESOURCE: "a resource-based policy",
    TRUST: "the role trust policy",
    BOUNDARY: "a permissions boundary",
    SESSION: "a session policy",
    SERVICE_CONTROL: "a service control policy",
    RESOURCE_CONTROL: "a resource control policy",
    ENDPOINT: "a VPC endpoint policy",
}
_NONE_OF = {
    IDENTITY: "identity-based policy",
    RESOURCE: "resource-based policy",
    TRUST: "role trust policy",
    BOUNDARY: "permissions boundary",
    SESSION: "session policy",
    SERVICE_CONTROL: "service control policy",
    RESOURCE_CONTROL: "resource control policy",
    ENDPOINT: "VPC endpoint policy",
}
_WITHOUT_ARN = (RESOURCE, TRUST, ENDPOINT)


def sentence(result: Result, resource: str) -> str:
    """Return what a caller who was refused is told.

    Args:
        result: A decision other than Allowed.
        resource: What the caller named, as it was given; empty for an action about none.
    """
    request = result.request
    where = f" on resource: {resource}" if resource else ""
    return (
        f"User: {request.caller.text} is not authorized to perform: {request.action}{where} "
        f"{reason(result)}"
    )


def reason(result: Result) -> str:
    """Return why: which type of policy denies, or does not allow.

    Where several deny, the first of them is named: identity, resource, then limits.
    """
    if result.decision == EXPLICITLY_DENIED:
        said = next(each for each in result.said if each.denies)
        return f"with an explicit deny in {_DENIED_BY[said.type]}{_arn(said, result)}"
    missing = _NONE_OF[next(iter(lacking(result)), IDENTITY)]
    return f"because no {missing} allows the {result.request.action} action"


def _arn(said: Said, result: Result) -> str:
    """Return the ARN of the managed policy that denies, for a caller of the same account."""
    policy = said.denies[0].policy
    is_told = result.same_account and said.type not in _WITHOUT_ARN
    return f": {policy}" if is_told and policy.startswith("arn:") else ""


def lacking(result: Result) -> list[str]:
    """Return the types of policies that would have to allow, and do not, where nothing denies.

    Within one account a statement that names the caller in a trust policy is enough, without any in
    an identity policy.
    """
    identity, resource, *limits = result.said
    is_by_identity, is_by_resource = identity.decision == ALLOWED, resource.decision == ALLOWED
    found = []
    if resource.type == TRUST or not result.request.caller.account or not result.same_account:
        found = [] if is_by_resource else [resource.type]
        is_direct = result.same_account and (bool(resource.allows) or not is_by_resource)
        if not is_by_identity and not is_direct and result.request.caller.account:
            found.append(IDENTITY)
    elif not is_by_resource and not is_by_identity:
        found = [IDENTITY]
    return found + [limit.type for limit in limits if limit.decision != ALLOWED]
