"""What comes of evaluating a request: the decision, and all that explains it."""

from __future__ import annotations

from secretctl.policy.arns import Arn
from secretctl.policy.principals import Principal
from secretctl.policy.statements import Statement
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.policy.variables import Context

ALLOWED = "Allowed"
IMPLICITLY_DENIED = "ImplicitlyDenied"
EXPLICITLY_DENIED = "ExplicitlyDenied"

IDENTITY, RESOURCE, TRUST = "identity", "resource", "trust"
BOUNDARY, SESSION = "boundary", "session"
SERVICE_CONTROL, RESOURCE_CONTROL, ENDPOINT = "serviceControl", "resourceControl", "endpoint"
LIMITS = (BOUNDARY, SESSION, SERVICE_CONTROL, RESOURCE_CONTROL, ENDPOINT)
"""Types of policies that give nothing, and must allow where there are any."""


class Request(NamedTuple):
    """What somebody wants to do."""

    caller: Principal
    action: str
    """``service:Name``, as AWS spells it."""

    resource: Arn
    context: Context


class Said(NamedTuple):
    """What the policies of one type said, alone."""

    type: str
    """``identity``, ``resource``, ``trust``, or one of LIMITS."""

    decision: str
    allows: tuple[Statement, ...]
    delegates: tuple[Statement, ...]
    """Statements that allow the caller's account, and leave the rest to that account's policies."""

    denies: tuple[Statement, ...]
    unmet: tuple[Statement, ...]
    """Statements for this action, resource and caller that only a condition kept out."""

    open: tuple[Statement, ...] = ()
    """Those for this action and caller of which a variable without value left open whether they
    are about the resource; they do not count."""


class Result(NamedTuple):
    """The decision on one request."""

    request: Request
    decision: str
    same_account: bool
    said: tuple[Said, ...]
    """By each type of policy: identity first, then resource (or trust), then limits."""


def deciding(result: Result) -> list[tuple[str, Statement]]:
    """Return every statement that decided, with the type of its policy.

    Those are all denials, or else all that allowed; none where nothing did.
    """
    if result.decision == EXPLICITLY_DENIED:
        return [(said.type, each) for said in result.said for each in said.denies]
    if result.decision == ALLOWED:
        return [
            (said.type, each) for said in result.said for each in (*said.allows, *said.delegates)
        ]
    return []
