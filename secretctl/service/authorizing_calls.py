"""May they? Asked before an operation runs, where it is about no secret that has to be found."""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain import kms
from secretctl.domain.principals import GROUP, KINDS, POLICY, ROLE, USER, arn, named_arn
from secretctl.model.authorization import ACTIONS, FREE, SERVICE
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service.authorizing import on_nothing
from secretctl.service.deciding import Asked, decide
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


class _Meant(NamedTuple):
    """What an operation is about."""

    arn: str
    named: str
    """As its refusal names it."""

    recorded: str
    """The ARN as the journal shows it: what is not there may be anything, and is hashed."""


_NOTHING = _Meant("*", "*", "*")


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
            if operation.name in FREE:
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
        meant = _of_kms(session, view, act)
        policy = _granted(session, view, act)
    elif operation.name == "SimulateCustomPolicy":
        meant = _NOTHING
    else:
        meant = _of_iam(session, view, act)
    action = f"{operation.service}:{operation.name}"
    decide(session, view, act, Asked(action, meant.arn, dict, meant.named, policy, meant.recorded))


def _of_iam(session: Session, view: View, act: Act) -> _Meant:
    """Return what an operation of IAM is about. Of several it is the ARN of their kind."""
    parameters = act.parameters
    for member, kind in _NAMED:
        name = parameters.get(member)
        if isinstance(name, str):
            return _of_entity(session, view, act, kind, name)
    given = parameters.get("PolicyArn")
    if isinstance(given, str):
        return _Meant(given, f"policy {given}", _recorded(session, view, given))
    source = parameters.get("PolicySourceArn")
    if isinstance(source, str):
        return _Meant(source, source, _recorded(session, view, source))
    caller, holder = session.caller.arn, session.caller.holder
    if act.name.endswith(_OF_ONESELF) and holder is not None:
        return _Meant(caller, f"{holder.kind} {holder.name}", caller)
    if "Polic" in act.name:
        return _of_policies(session, act)
    kind = next(kind for _, kind in _NAMED if kind.capitalize() in act.name)
    whole = named_arn(session.vault.account, kind, _path(act), "")
    return _Meant(whole, whole, _hashed(session, kind, _path(act)))


def _of_entity(session: Session, view: View, act: Act, kind: str, name: str) -> _Meant:
    """Return what is called *name*, which has the path ``/`` where it is nobody's yet."""
    account, is_made = session.vault.account, act.name == f"Create{kind.capitalize()}"
    found = principals.find(view, kind, name)
    if found is None:
        whole = named_arn(account, kind, _path(act) if is_made else "/", name)
        recorded = _hashed(session, kind, name)
    else:
        whole = recorded = arn(found, account)
    return _Meant(whole, whole if is_made else f"{kind} {name}", recorded)


def _of_policies(session: Session, act: Act) -> _Meant:
    """Return what CreatePolicy or ListPolicies is about."""
    name, path = str(act.parameters.get("PolicyName", "")), _path(act)
    whole = named_arn(session.vault.account, POLICY, path, name)
    named = f"policy {name}" if name else f"policy path {path}"
    return _Meant(whole, named, _hashed(session, POLICY, name or path))


def _recorded(session: Session, view: View, given: str) -> str:
    """Return an ARN that was given, as the journal shows it."""
    kind, _, name = given.rpartition(":")[2].partition("/")
    found = principals.find(view, kind, name.rpartition("/")[2]) if kind in KINDS else None
    is_there = found is not None and arn(found, session.vault.account) == given
    return given if is_there else session.recorder.names.hashed(given)


def _hashed(session: Session, kind: str, typed: str) -> str:
    """Return the ARN of somebody with a hash of what was typed in the place of path and name."""
    shown = "" if typed == "/" else session.recorder.names.hashed(typed)
    return named_arn(session.vault.account, kind, "/", shown)


def _path(act: Act) -> str:
    given = act.parameters.get("Path", act.parameters.get("PathPrefix"))
    return given if isinstance(given, str) else "/"


def _of_kms(session: Session, view: View, act: Act) -> _Meant:
    """Return the key, whatever alias it was asked for by, or a changed alias."""
    if act.name in _ABOUT_NO_KEY:
        return _NOTHING
    where, directory = (session.region, session.vault.account), view.kms_directory()
    alias = act.parameters.get("AliasName")
    given = str(alias or act.parameters["KeyId"])
    hashed = session.recorder.names.hashed(given)
    if alias is not None:
        whole = kms.alias_arn(given, *where)
        is_there, unknown = given in directory.aliases, kms.alias_arn(kms.ALIAS + hashed, *where)
    else:
        is_there = kms.find(directory, given, where[1]) is not None
        found = kms.meant_arn(directory, given, *where)
        whole = found or kms.alias_arn(kms.parse(given, where[1])[1], *where)
        unknown = kms.arn(hashed, *where)
    return _Meant(whole, whole, whole if is_there else unknown)


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
