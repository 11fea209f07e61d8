"""May they? Asked before an operation runs, where it is about no secret that has to be found."""

from __future__ import annotations

from secretctl.domain.principals import GROUP, ROLE, USER, arn, named_arn
from secretctl.model.authorization import ACTIONS, SERVICE
from secretctl.record import TYPE_CHECKING
from secretctl.service.authorizing import Asked, decide, kms_arn, on_nothing
from secretctl.vault import principals

if TYPE_CHECKING:
    from secretctl.model.shapes import Operation
    from secretctl.service.acts import Act
    from secretctl.service.session import Session
    from secretctl.vault.view import View

_FREE: dict[str, object] = {"allowed": True, "reason": "needs no permission"}
_NAMED = (("UserName", USER), ("GroupName", GROUP), ("RoleName", ROLE))


def on_call(session: Session, operation: Operation) -> None:
    """Decide on the present act, which names no secret, unless it has to wait for the one it makes.

    Raises:
        ServiceError: AccessDeniedException or AccessDenied; the credential is no longer good.
        PolicyFileError: A policy that has a say is not the one in force.
    """
    act = session.recorder.act
    assert act is not None, "an operation without an act"
    with session.vault.read() as view:
        if operation.service == "sts":
            session.caller.entity(view, session.context.now_ms())
            if operation.name == "GetCallerIdentity":
                act.decided(_FREE)
        elif operation.service != SERVICE:
            _on_resource(session, view, act, operation)
        elif _is_about_none(act):
            on_nothing(session, view, act)


def _is_about_none(act: Act) -> bool:
    return act.name == "ValidateResourcePolicy" or not ACTIONS[act.name].is_on_secret


def _on_resource(session: Session, view: View, act: Act, operation: Operation) -> None:
    of = _kms_resource if operation.service == "kms" else _iam_resource
    resource = of(session, view, act)
    asked = Asked(f"{operation.service}:{operation.name}", resource, {}, resource, "", resource)
    decide(session, view, act, asked)


def _iam_resource(session: Session, view: View, act: Act) -> str:
    """Return the ARN of what an operation of IAM is about; of its kind where it is about several.

    A name that is nobody's yet has the path ``/``.
    """
    account, parameters = session.vault.account, act.parameters
    for member, kind in _NAMED:
        name = parameters.get(member)
        if isinstance(name, str):
            found = principals.find(view, kind, name)
            return named_arn(account, kind, "/", name) if found is None else arn(found, account)
    if isinstance(parameters.get("PolicyArn"), str):
        return str(parameters["PolicyArn"])
    if isinstance(parameters.get("PolicySourceArn"), str):
        return str(parameters["PolicySourceArn"])
    if act.name.endswith(("AccessKey", "AccessKeys", "GetUser")):
        return session.caller.arn
    kind = next((kind for _, kind in _NAMED if kind.capitalize() in act.name), "policy")
    return named_arn(account, kind, "/", "")


def _kms_resource(session: Session, _view: View, act: Act) -> str:
    key = act.parameters.get("KeyId", act.parameters.get("TargetKeyId"))
    return kms_arn(session, {"KmsKeyId": key}) or "*"
