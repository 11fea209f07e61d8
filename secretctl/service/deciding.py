"""A decision: the policies that have a say are read, asked, and what they said is noted.

The account root may do everything; a secret's resource policy alone can deny it something, but
never reading, replacing or removing that policy: otherwise nobody could mend one.
"""

from __future__ import annotations

from secretctl.errors import PolicyFileError, ServiceError, UnsafePermissionsError
from secretctl.policy import arns, evaluation, grammar
from secretctl.policy.decisions import ALLOWED, BOUNDARY, Request, Result
from secretctl.policy.faults import RESOURCE, TRUST
from secretctl.policy.statements import Policy
from secretctl.policy.variables import Late
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service.acts import NOT_IN_FORCE
from secretctl.service.decided import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.policy.variables import Context
    from secretctl.service.acts import Act
    from secretctl.service.condition_keys import Keys
    from secretctl.service.session import Session
    from secretctl.vault.view import View

ROOT_MAY = ("GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy")
"""What no resource policy can deny to the account root."""

DENIED = "AccessDeniedException"
_DENIED = {"iam": "AccessDenied", "sts": "AccessDenied"}
"""The error code of services that have another."""


class Asked(NamedTuple):
    """What is to be decided."""

    action: str
    """``service:Name``."""

    resource: str
    """ARN, or ``*``."""

    keys: Callable[[], Keys]
    """Works out the condition keys besides those of the caller: few policies ask for any."""

    named: str = ""
    """The resource as the caller named it; empty for an action about none."""

    resource_policy: str = ""
    recorded: str = ""
    """The ARN as the journal shows it; empty where what was named may be anything."""

    refused: str = ""
    """The same where it is refused, if that is another: of what was only to be made."""

    is_trust: bool = False
    """Whether the resource policy is the trust policy of a role."""


def decide(session: Session, view: View, act: Act, asked: Asked) -> None:
    """Decide on one action, and note it.

    Raises:
        ServiceError: AccessDeniedException or AccessDenied; the credential is no longer good.
        PolicyFileError: A policy that has a say is not the one in force.
        UnsafePermissionsError: Others could change the file of one.
    """
    if not session.caller.is_bound and asked.action.partition(":")[2] in ROOT_MAY:
        return
    try:
        result = evaluated(session, view, asked)
    except (PolicyFileError, UnsafePermissionsError) as error:
        act.decided(_not_in_force(asked, error.policy or asked.recorded))
        raise
    is_allowed = result.decision == ALLOWED
    said = told(result, asked.recorded if is_allowed else asked.refused or asked.recorded)
    if any(each.type == BOUNDARY and each.decision != ALLOWED for each in result.said):
        said["boundary"] = _boundary(session, view, asked)
    act.decided(said)
    if not is_allowed:
        from secretctl.policy.refusal import sentence

        code = _DENIED.get(asked.action.partition(":")[0], DENIED)
        raise ServiceError(code, sentence(result, asked.named))


def _boundary(session: Session, view: View, asked: Asked) -> str:
    """Return the ARN of the caller's permissions boundary."""
    service = asked.action.partition(":")[0]
    return session.caller.entity(view, session.context.now_ms(), service).boundary


def _not_in_force(asked: Asked, policy: str) -> dict[str, object]:
    """Return what the journal says where *policy*, a name or ARN, would have a say."""
    said: dict[str, object] = {"allowed": False, "reason": NOT_IN_FORCE, "action": asked.action}
    resource = asked.refused or asked.recorded
    said |= {"resource": resource} if resource else {}
    return said | ({"policy": policy} if policy else {})


def evaluated(session: Session, view: View, asked: Asked) -> Result:
    """Return what the policies say to the caller; raises as `decide`."""
    caller, now_ms = session.caller, session.context.now_ms()
    service = asked.action.partition(":")[0]
    entity = None if caller.holder is None else caller.entity(view, now_ms, service)

    def known() -> Context:
        from secretctl.service import condition_keys

        return evaluation.folded(condition_keys.of_caller(session, entity) | asked.keys())

    kind, text, action = TRUST if asked.is_trust else RESOURCE, asked.resource_policy, asked.action
    request = Request(caller.principal, action, arns.arn(asked.resource), Late(known))
    resource = _remembered(session, kind, text, action) if text else None
    policies = caller.policies(view, entity, action)._replace(
        resource=resource, is_trust=asked.is_trust
    )
    return evaluation.evaluate(request, policies)


def _remembered(session: Session, kind: str, text: str, action: str) -> Policy:
    return session.vault.keys.remembered.of(
        (kind, action, text), text, lambda *_: read_policy(text, kind, "", action)
    )


def read_policy(text: str, kind: str, name: str = "", action: str = "") -> Policy:
    """Return a policy the vault keeps, as far as it may be about *action* if one is given.

    Raises:
        PolicyFileError: It is none, which an older program may have kept.
    """
    policy, faults = grammar.read_text(text, kind, name, (action,) if action else ())
    if policy is None:
        raise PolicyFileError(
            f"a {kind} policy that has a say cannot be read: {faults[0].message}",
            "secretctl put-resource-policy replaces that of a secret",
        )
    return policy
