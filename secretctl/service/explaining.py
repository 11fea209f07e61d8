"""Why something was refused: what the journal tells of it, taken apart for people and programs."""

from __future__ import annotations

from secretctl.audit import attributes, refusals
from secretctl.domain.names import ANY_SUFFIX
from secretctl.model.authorization import ACTIONS, SERVICE
from secretctl.model.shapes import Fields
from secretctl.policy.decisions import (
    BOUNDARY,
    EXPLICITLY_DENIED,
    IDENTITY,
    RESOURCE,
    SESSION,
    TRUST,
)
from secretctl.record import NamedTuple
from secretctl.service.acts import OWNERS_ALONE
from secretctl.service.decided import NOT_GRANTED

DENIED, NOT_ALLOWED, NO_KEY = "denied", "notAllowed", "keyNotGranted"
NOT_IN_FORCE, OWNER_ONLY, OTHER = "policyNotInForce", "ownerOnly", "other"
NO_ROLE = "noSuchRole"
"""Why something was refused."""

_BY_POLICY = (RESOURCE, TRUST, IDENTITY, BOUNDARY, SESSION)
USER, ROLE, ROOT = "user", "role", "root"
_EVERYTHING = "*"
NAME = "NAME"


class Who(NamedTuple):
    """Who was refused."""

    kind: str
    """``user``, ``role`` or ``root``."""

    name: str
    arn: str
    """Of a role's session that of the role."""


class Refusal(NamedTuple):
    """A record of a refusal, as far as it is to be believed."""

    fields: Fields
    cause: str
    who: Who
    action: str
    """``service:Name``."""

    resource: str
    """What a statement about it would name.

    Where the journal has a hash, ``NAME`` stands for the name of a secret; instead of anything else
    it is all of its kind.
    """

    is_named: bool
    """Whether the journal tells it."""

    lacks: tuple[str, ...]
    """Types of policies that would have to allow, and do not, even if nothing denied."""

    decision: Fields


def refusal(fields: Fields) -> Refusal:
    """Take a record apart."""
    decision = refusals.decision(fields)
    service = attributes.text(fields, "eventSource").partition(".")[0]
    event = attributes.text(fields, "eventName")
    action = attributes.text(decision, "action") or f"{service}:{event}"
    resource = _resource(fields, action)
    return Refusal(
        fields,
        _cause(fields, decision),
        _who(fields),
        action,
        resource or _unnamed(fields, action),
        bool(resource),
        _lacks(decision),
        decision,
    )


def told(found: Refusal) -> Fields:
    """Return the facts of a refusal.

    Returns:
        ``eventId``, ``eventTime``, ``eventName``, ``principal``, ``action``, ``resource`` where it
        is known, ``cause``; ``said``, by each type of policy; ``deniedBy`` and
        ``failedConditions``, statements with ``policyType``, ``policy``, ``statement`` and so on.
    """
    fields, decision = found.fields, found.decision
    facts: Fields = {
        "eventId": attributes.text(fields, "eventID"),
        "eventTime": attributes.text(fields, "eventTime"),
        "eventName": attributes.text(fields, "eventName"),
        "principal": attributes.text(fields, "userIdentity", "arn"),
        "action": found.action,
    }
    if recorded := attributes.text(decision, "resource") or attributes.arn(fields):
        facts["resource"] = recorded
    facts["cause"] = found.cause
    if isinstance(said := decision.get("said"), dict):
        facts["said"] = said
    if found.cause == DENIED:
        facts["deniedBy"] = statements(found, "statements")
    if conditions := statements(found, "unmet"):
        facts["failedConditions"] = conditions
    return facts


def _lacks(decision: Fields) -> tuple[str, ...]:
    told = decision.get("lacks")
    listed = told if isinstance(told, list) else [told]  # it was one at first
    return tuple([kind for kind in _BY_POLICY if kind in listed])


def statements(found: Refusal, member: str) -> list[Fields]:
    """Return the statements that a member of the decision lists."""
    listed = found.decision.get(member)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _cause(fields: Fields, decision: Fields) -> str:
    is_principals = _who(fields).kind != ROOT
    if is_principals and refusals.needs_root_key(fields):
        return OWNER_ONLY
    if refusals.is_about_a_file(fields):
        return NOT_IN_FORCE
    if decision.get("allowed") is False:
        return _decided(decision)
    return OWNER_ONLY if is_principals else OTHER


def _decided(decision: Fields) -> str:
    reasons = {NOT_GRANTED: NO_KEY, OWNERS_ALONE: OWNER_ONLY}
    if cause := reasons.get(attributes.text(decision, "reason")):
        return cause
    is_of_role = attributes.text(decision, "action").startswith("sts:")
    if is_of_role and not attributes.text(decision, "resource"):
        return NO_ROLE
    return DENIED if decision.get("decision") == EXPLICITLY_DENIED else NOT_ALLOWED


def _who(fields: Fields) -> Who:
    identity = fields.get("userIdentity")
    arn = attributes.text(identity, "arn")
    if attributes.text(identity, "type") == "AssumedRole":
        issuer = ("sessionContext", "sessionIssuer")
        name = attributes.text(identity, *issuer, "userName")
        return Who(ROLE, name, attributes.text(identity, *issuer, "arn"))
    if attributes.text(identity, "type") == "Root":
        return Who(ROOT, "", arn)
    return Who(USER, attributes.text(identity, "userName"), arn)


def _resource(fields: Fields, action: str) -> str:
    """Return what a statement would name; empty where the journal does not tell it."""
    service, _, name = action.partition(":")
    recorded = attributes.text(refusals.decision(fields), "resource")
    if service != SERVICE:
        return "" if attributes.is_hashed(recorded) else recorded or _EVERYTHING
    if recorded == _EVERYTHING or (name in ACTIONS and not ACTIONS[name].is_on_secret):
        return _EVERYTHING
    recorded = recorded or attributes.arn(fields)
    called = attributes.name_in(recorded)
    head = recorded.partition(":secret:")[0]
    if not called or attributes.is_hashed(recorded):
        return ""
    # A secret that was not made would have had another suffix than the next one of that name.
    is_new = attributes.text(fields, "eventName") == "CreateSecret"
    return f"{head}:secret:{called}-{ANY_SUFFIX}" if is_new else recorded


def _unnamed(fields: Fields, action: str) -> str:
    """Return what a statement would name instead: what was meant is beneath it, whatever it was."""
    recorded = attributes.text(refusals.decision(fields), "resource")
    if not action.startswith(f"{SERVICE}:"):
        # A KMS key that is not there may have been asked for by an alias.
        place = recorded.rpartition(":key/" if action.startswith("kms:") else attributes.HASHED)[0]
        return f"{place}:*" if action.startswith("kms:") and place else f"{place}*"
    account, region = (
        attributes.text(fields, name) for name in ("recipientAccountId", "awsRegion")
    )
    return f"arn:aws:{SERVICE}:{region}:{account}:secret:{NAME}-{ANY_SUFFIX}"
