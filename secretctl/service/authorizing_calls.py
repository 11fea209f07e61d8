"""May they? Asked before an operation runs, where it is about no secret that has to be found."""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain import kms
from secretctl.domain.principals import GROUP, ROLE, USER, arn, named_arn
from secretctl.model.authorization import ACTIONS, SERVICE
from secretctl.record import TYPE_CHECKING
from secretctl.service.authorizing import Asked, decide, on_nothing
from secretctl.vault import principals

if TYPE_CHECKING:
    from secretctl.domain.kms import Key
    from secretctl.model.shapes import Operation
    from secretctl.service.acts import Act
    from secretctl.service.session import Session
    from secretctl.vault.view import View

_FREE: dict[str, object] = {"allowed": True, "reason": "needs no permission"}
_NAMED = (("GroupName", GROUP), ("UserName", USER), ("RoleName", ROLE))
_OF_ONESELF = ("AccessKey", "AccessKeys", "GetUser")
"""Operations that are about the caller where no user is named."""

_ABOUT_NO_KEY = ("CreateKey", "ListKeys", "ListAliases")


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
            session.caller.entity(view, session.context.now_ms(), operation.service)
            if operation.name == "GetCallerIdentity":
                act.decided(_FREE)
        elif operation.service != SERVICE:
            _on_resource(session, view, act, operation)
        elif _is_about_none(act):
            on_nothing(session, view, act)


def _is_about_none(act: Act) -> bool:
    return act.name == "ValidateResourcePolicy" or not ACTIONS[act.name].is_on_secret


def _on_resource(session: Session, view: View, act: Act, operation: Operation) -> None:
    policy = ""
    if operation.service == "kms":
        resource = named = _kms_resource(session, view, act)
        policy = _granted(session, view, act)
    elif operation.name == "SimulateCustomPolicy":
        resource = named = "*"
    else:
        resource, named = _iam_resource(session, view, act)
    asked = Asked(f"{operation.service}:{operation.name}", resource, {}, named, policy, resource)
    decide(session, view, act, asked)


def _iam_resource(session: Session, view: View, act: Act) -> tuple[str, str]:
    """Return the ARN of what an operation of IAM is about, and how its refusal names that.

    A name that is nobody's yet has the path ``/``. Of several it is the ARN of their kind.
    """
    account, parameters = session.vault.account, act.parameters
    for member, kind in _NAMED:
        name = parameters.get(member)
        if isinstance(name, str):
            is_made = act.name == f"Create{kind.capitalize()}"
            found = principals.find(view, kind, name)
            nobody = named_arn(account, kind, _path(act) if is_made else "/", name)
            shown = nobody if found is None else arn(found, account)
            return shown, shown if is_made else f"{kind} {name}"
    given = parameters.get("PolicyArn")
    if isinstance(given, str):
        return given, f"policy {given}"
    source = parameters.get("PolicySourceArn")
    if isinstance(source, str):
        return source, source
    holder = session.caller.holder
    if act.name.endswith(_OF_ONESELF) and holder is not None:
        return session.caller.arn, f"{holder.kind} {holder.name}"
    if "Polic" in act.name:
        return _of_policies(session, act)
    kind = next(kind for _, kind in _NAMED if kind.capitalize() in act.name)
    whole = named_arn(account, kind, _path(act), "")
    return whole, whole


def _of_policies(session: Session, act: Act) -> tuple[str, str]:
    """Return what CreatePolicy or ListPolicies is about."""
    name = str(act.parameters.get("PolicyName", ""))
    whole = named_arn(session.vault.account, "policy", _path(act), name)
    return whole, f"policy {name}" if name else f"policy path {_path(act)}"


def _path(act: Act) -> str:
    given = act.parameters.get("Path", act.parameters.get("PathPrefix"))
    return given if isinstance(given, str) else "/"


def _kms_resource(session: Session, view: View, act: Act) -> str:
    """Return the ARN of the key, whatever alias it was asked for by, or of a changed alias."""
    parameters, account = act.parameters, session.vault.account
    if act.name in _ABOUT_NO_KEY:
        return "*"
    if "AliasName" in parameters:
        return kms.alias_arn(str(parameters["AliasName"]), session.region, account)
    given = str(parameters["KeyId"])
    arn = kms.meant_arn(view.kms_directory(), given, session.region, account)
    return arn or kms.alias_arn(kms.parse(given, account)[1], session.region, account)


def _key(session: Session, view: View, act: Act) -> Key | None:
    """Return the key that a request means; None if it means none, or there is none."""
    given = act.parameters.get("KeyId")
    if not isinstance(given, str) or not given:
        return None
    return kms.find(view.kms_directory(), given, session.vault.account)


def _granted(session: Session, view: View, act: Act) -> str:
    """Return the policy of a key that says what is granted to the caller; empty if nothing is.

    A grant of an operation allows it as a resource policy does: a denial goes before it.
    See: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
    """
    from secretctl.vault import kms_grants

    key, holder = _key(session, view, act), session.caller.holder
    found = kms_grants.of(view, holder.id, key.id) if key and holder else []
    statements = [
        {
            "Sid": f"grant {grant.id}",
            "Effect": "Allow",
            "Principal": {"AWS": session.caller.arn},
            "Action": f"kms:{act.name}",
            "Resource": "*",
        }
        for grant in found
        if act.name in grant.operations
    ]
    whole = {"Version": "2012-10-17", "Statement": statements}
    return json_text.compact(whole) if statements else ""
