"""What would have to change for something that was refused to be allowed: as commands to type."""

from __future__ import annotations

import shlex

from secretctl import json_text
from secretctl.audit import attributes
from secretctl.policy.decisions import BOUNDARY, IDENTITY, RESOURCE, SESSION, TRUST
from secretctl.policy.grammar import WITH_VARIABLES
from secretctl.service.explaining import (
    DENIED,
    NO_KEY,
    NOT_ALLOWED,
    NOT_IN_FORCE,
    Fields,
    Refusal,
    statements,
)

ADD, REMOVE, MEET = "addStatement", "removeStatement", "meetConditions"
GRANT, APPLY = "createGrant", "applyPolicy"
ALL, ANY = "all", "any"
_FILE = "file://policy.json"
_ID_DIGITS = 8


def changes(found: Refusal) -> tuple[str, list[Fields]]:
    """Return whether all or any of the changes are needed, and the changes.

    Returns:
        ``all`` or ``any``. Each change has ``change``, one of `ADD` and so on, and ``commands``;
        where it is about a statement ``policyType``, and either the ``statement`` to add or what
        `explaining.statements` tells of the one that is there, with its ``conditions``.
    """
    if found.cause == NO_KEY:
        return ALL, _grant(found)
    if found.cause == NOT_IN_FORCE:
        return ALL, [{"change": APPLY, "commands": ["secretctl policy apply"]}]
    added = _added(found)
    if found.cause == DENIED:
        return ALL, [_removed(found, each) for each in statements(found, "statements")] + added
    if found.cause == NOT_ALLOWED:
        return ANY, _met(found) + added
    return ALL, []


def _grant(found: Refusal) -> list[Fields]:
    account = attributes.text(found.fields, "recipientAccountId")
    key = attributes.text(found.decision, "kmsKey").rpartition(f":{account}:key/")[2]
    operation = attributes.text(found.decision, "kmsOperation")
    if not key or not operation:
        return []
    words = ("kms", "create-grant", "--key-id", key, "--grantee-principal", found.who.arn)
    return [{"change": GRANT, "commands": [_command(*words, "--operations", operation)]}]


def _added(found: Refusal) -> list[Fields]:
    """Return the statement that would allow it, in a policy of the type that has to."""
    kind = attributes.text(found.decision, "lacks")
    if not kind:
        return []
    statement: Fields = {"Effect": "Allow"}
    if kind in (RESOURCE, TRUST):
        statement["Principal"] = {"AWS": found.who.arn}
    statement["Action"] = found.action
    if kind != TRUST:
        statement["Resource"] = found.resource if kind != RESOURCE else "*"
    change: Fields = {"change": ADD, "policyType": kind, "statement": statement}
    return [{**change, "commands": _put(found, kind, statement)}]


def _put(found: Refusal, kind: str, statement: Fields) -> list[str]:
    if kind != IDENTITY:
        return _edit(found, {"policyType": kind})
    # Another policy of the same name would be replaced.
    name = f"allow-{attributes.text(found.fields, 'eventID')[:_ID_DIGITS]}"
    document = json_text.compact({"Version": WITH_VARIABLES, "Statement": [statement]})
    words = ("iam", f"put-{found.who.kind}-policy", f"--{found.who.kind}-name", found.who.name)
    return [_command(*words, "--policy-name", name, "--policy-document", document)]


def _removed(found: Refusal, statement: Fields) -> Fields:
    return {"change": REMOVE, **statement, "commands": _edit(found, statement)}


def _met(found: Refusal) -> list[Fields]:
    """Return each statement that conditions alone kept from counting, with these."""
    kept: dict[str, Fields] = {}
    for told in statements(found, "unmet"):
        named = {name: told[name] for name in told if name not in ("operator", "key", "missing")}
        change = kept.setdefault(
            json_text.compact(named), {"change": MEET, **named, "conditions": []}
        )
        conditions = change["conditions"]
        assert isinstance(conditions, list)
        condition = {name: told.get(name) for name in ("operator", "key", "missing")}
        conditions.append(condition)
    return [{**each, "commands": _edit(found, each)} for each in kept.values()]


def _edit(found: Refusal, statement: Fields) -> list[str]:
    """Return the commands that show a policy and put it back, changed."""
    kind, name = attributes.text(statement, "policyType"), attributes.text(statement, "policy")
    if kind == RESOURCE:
        secret = ("--secret-id", found.resource)
        return [
            _command("get-resource-policy", *secret),
            _command("put-resource-policy", *secret, "--resource-policy", _FILE),
        ]
    if kind == TRUST:
        role = ("--role-name", found.resource.rpartition("/")[2])
        return [
            _command("iam", "get-role", *role),
            _command("iam", "update-assume-role-policy", *role, "--policy-document", _FILE),
        ]
    if kind == SESSION:
        session = attributes.text(found.fields, "userIdentity", "arn").rpartition("/")[2]
        words = ("--role-arn", found.who.arn, "--role-session-name", session, "--policy", _FILE)
        return [_command("sts", "assume-role", *words)]
    if name.startswith("arn:"):
        return [_command("policy", "apply", name.rpartition("/")[2])]
    if kind == BOUNDARY:
        who = (f"get-{found.who.kind}", f"--{found.who.kind}-name", found.who.name)
        word = found.who.kind.capitalize()
        return [_command("iam", *who, "--query", f"{word}.PermissionsBoundary")]
    group = attributes.text(statement, "group")
    word, holder = ("group", group) if group else (found.who.kind, found.who.name)
    named = (f"--{word}-name", holder, "--policy-name", name)
    return [
        _command("iam", f"get-{word}-policy", *named),
        _command("iam", f"put-{word}-policy", *named, "--policy-document", _FILE),
    ]


def _command(*words: str) -> str:
    return f"secretctl {shlex.join(words)}"
