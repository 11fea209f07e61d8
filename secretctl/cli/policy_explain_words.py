"""A refusal in plain sentences: who asked what, what policies said, and what would have to change.

What stands in the journal was said by anybody: every text is made harmless before it is shown.
"""

import json
from collections.abc import Iterator

from secretctl.audit import attributes
from secretctl.cli.audit_table import local_time
from secretctl.cli.terminal import safe
from secretctl.model.authorization import SERVICE
from secretctl.model.shapes import Fields
from secretctl.policy.decisions import ALLOWED, BOUNDARY, IDENTITY, RESOURCE, SESSION, TRUST
from secretctl.service import explained_changes, explaining
from secretctl.service.explaining import Refusal, statements

_TYPES = {
    IDENTITY: ("identity policies", "allow it", "do not allow it", "deny it"),
    RESOURCE: (
        "the resource policy, if there is one,",
        "allows it",
        "does not allow it",
        "denies it",
    ),
    TRUST: ("the role's trust policy", "allows it", "does not allow it", "denies it"),
    SESSION: ("the policies of the session", "allow it", "do not allow it", "deny it"),
    BOUNDARY: ("the permissions boundary", "allows it", "does not allow it", "denies it"),
}
_CAUSES = {
    explaining.NOT_IN_FORCE: (
        "A policy that has a say is not in force: its file is missing, was changed, or could be "
        "changed by others. Until that is put right, nothing is allowed."
    ),
    explaining.OWNER_ONLY: (
        "The vault's owner alone can do it: it needs the root key, which no policy and no grant "
        "gives."
    ),
    explaining.NO_ROLE: (
        "There was no such role, so no trust policy could allow it. The journal does not tell what "
        "was typed: secretctl iam list-roles has those that are there."
    ),
    explaining.OTHER: "It is no policy that refuses it: nobody can do it here, as on AWS.",
}
_NAME = (
    "NAME stands for the secret: the journal has a hash of its name alone, because names are "
    "hidden or no such secret was found"
)
_WIDE = (
    "The statement is about everything of its kind, and is to be narrowed to what was meant: the "
    "journal has a hash of it alone, because it was a path or nothing of that name was found"
)
_TAGS_OF_SECRET = ("aws:resourcetag/", "secretsmanager:resourcetag/")
_OPTIONS = {
    "secretsmanager:versionstage": "--version-stage",
    "secretsmanager:versionid": "--version-id",
    "secretsmanager:recoverywindowindays": "--recovery-window-in-days",
    "secretsmanager:description": "--description",
    "secretsmanager:kmskeyid": "--kms-key-id",
    "secretsmanager:kmskeyarn": "--kms-key-id",
    "secretsmanager:blockpublicpolicy": "--block-public-policy",
    "aws:tagkeys": "--tags",
}
"""Options of the command that give a request a key."""


_WHICH = {
    explained_changes.ALL: "all of these",
    explained_changes.ANY: "one of these",
    explained_changes.ANY_OF_EACH: "one of these for each type of policy",
}


def text(found: Refusal, needed: str, changes: list[Fields]) -> str:
    """Return all that is said of a refusal, ending in a newline."""
    parts = [_headline(found), *_reasons(found)]
    parts += [_failed(change) for change in changes if change["change"] == explained_changes.MEET]
    if changes:
        which = _WHICH[needed]
        parts.append(f"What would have to change{f', {which}' if len(changes) > 1 else ''}:")
    for number, change in enumerate(changes, 1):
        parts.append("\n".join([f"{number}. {_change(found, change)}", *_pasted(change)]))
    if said := note(found, changes):
        parts.append(f"{said}.")
    return "\n\n".join(parts) + "\n"


def note(found: Refusal, changes: list[Fields]) -> str:
    """Return what is to be known before a change is pasted; empty if nothing is."""
    if found.is_named:
        return ""
    if found.action.startswith(f"{SERVICE}:"):
        return _NAME if changes else ""
    return _WIDE if any(change["change"] == explained_changes.ADD for change in changes) else ""


def _headline(found: Refusal) -> str:
    when = local_time(attributes.time_ms(found.fields))
    resource = attributes.text(found.decision, "resource") or attributes.arn(found.fields)
    where = f"\non {safe(resource)}" if resource not in ("", "*") else ""
    origin = safe(attributes.origin(found.fields)) or "unknown"
    event = safe(attributes.text(found.fields, "eventID"))
    who = f"{_asker(found)} was refused {safe(found.action)}"
    return f"{when}: {who}{where}\n(event {event}, from {origin})"


def _who(found: Refusal) -> str:
    if found.who.kind == explaining.ROOT:
        return "the account root"
    return f"the {found.who.kind} {safe(found.who.name)}"


def _asker(found: Refusal) -> str:
    if found.who.kind != explaining.ROLE:
        return _who(found)
    session = attributes.text(found.fields, "userIdentity", "arn").rpartition("/")[2]
    return f"the session {safe(session)} of {_who(found)}"


def _reasons(found: Refusal) -> Iterator[str]:
    if found.cause in _CAUSES:
        yield _CAUSES[found.cause]
    elif found.cause == explaining.NO_KEY:
        yield _no_key(found)
    else:
        yield _said(found)
    for statement in statements(found, "statements"):
        if found.cause == explaining.DENIED:
            yield f"It is denied by {_statement(statement)}."
    if found.cause == explaining.NOT_ALLOWED:
        yield from _silent(found)


def _silent(found: Refusal) -> Iterator[str]:
    """Yield for each type of policy that lacks, and has no statement to meet, that it has none."""
    said = found.decision.get("said")
    about = "is about that action on that resource."
    unmet = {attributes.text(each, "policyType") for each in statements(found, "unmet")}
    if not unmet and not (isinstance(said, dict) and ALLOWED in said.values()):
        yield f"No statement that allows anything {about}"
        return
    for kind in found.lacks:
        if kind not in unmet and not (kind == IDENTITY and unmet & {RESOURCE, TRUST}):
            yield f"No statement in {_TYPES[kind][0]} that allows anything {about}"


def _said(found: Refusal) -> str:
    said = found.decision.get("said")
    lines = []
    for type_, decision in said.items() if isinstance(said, dict) else ():
        who, yes, no, never = _TYPES.get(str(type_), (f"the {safe(str(type_))} policy", *"???"))
        does = yes if decision == ALLOWED else never if "Explicit" in str(decision) else no
        lines.append(f"{who} {does}")
    return f"What each type of policy said: {'; '.join(lines)}." if lines else "It is not allowed."


def _no_key(found: Refusal) -> str:
    key = safe(attributes.text(found.decision, "kmsKey"))
    if not key and found.action.startswith("sts:"):
        return (
            "Policies allow it, but the role's own key was not handed on: the vault's owner puts "
            "its trust policy anew: secretctl iam update-assume-role-policy."
        )
    if not key:
        return (
            "Policies allow it, but there is no such KMS key, and only the vault's owner makes one "
            "by using it: secretctl kms create-key."
        )
    operation = safe(attributes.text(found.decision, "kmsOperation"))
    return (
        f"Policies allow it, but no grant on the KMS key\n{key}\nlets {_who(found)} {operation}. "
        "No policy makes up for it: without any grant the credential does not open the key, "
        "whatever the program."
    )


def _statement(told: Fields) -> str:
    number, sid = told.get("statement"), attributes.text(told, "sid")
    kind, name = attributes.text(told, "policyType"), attributes.text(told, "policy")
    group = attributes.text(told, "group")
    of = {
        RESOURCE: "the resource policy",
        TRUST: "the role's trust policy",
        SESSION: "a policy of the session",
        BOUNDARY: f"the permissions boundary {safe(name)}",
    }.get(kind, f"the policy {safe(name)}{f' of the group {safe(group)}' if group else ''}")
    return f"statement {number}{f' ({safe(sid)})' if sid else ''} of {of}"


def _failed(change: Fields) -> str:
    """Return which conditions kept a statement from counting."""
    lines = []
    for told in _conditions(change):
        key, operator = (safe(attributes.text(told, name)) for name in ("key", "operator"))
        why = "the request has no such key" if told["missing"] is True else "it has another value"
        lines.append(f"- {operator} on {key}: {why}")
    return "\n".join(
        [f"It would be allowed by {_statement(change)}, but for its conditions:", *lines]
    )


def _conditions(change: Fields) -> list[Fields]:
    found = change.get("conditions")
    return found if isinstance(found, list) else []


def _change(found: Refusal, change: Fields) -> str:
    kind = change["change"]
    if kind == explained_changes.GRANT:
        return f"Grant the use of the key to {_who(found)}."
    if kind == explained_changes.APPLY:
        return "Put the file in force, or the file that is in force back."
    if kind == explained_changes.REMOVE:
        return f"Remove {_statement(change)}, or narrow it.{_by_file(change)}"
    if kind == explained_changes.MEET:
        keys = [attributes.text(each, "key") for each in _conditions(change)]
        ways = " ".join(_way(found, key) for key in keys)
        return (
            f"Meet the conditions of {_statement(change)}, or change them. {ways}{_by_file(change)}"
        )
    whose = {
        IDENTITY: f"a policy of {_who(found)}",
        RESOURCE: "the resource policy",
        TRUST: "the role's trust policy",
        SESSION: "the policy that is given when the role is assumed",
    }.get(attributes.text(change, "policyType"), f"the permissions boundary of {_who(found)}")
    return f"Add this statement to {whose}.{_by_file(change)}"


def _by_file(change: Fields) -> str:
    name = attributes.text(change, "policy")
    if not name.startswith("arn:"):
        return ""
    return f" Its file is policies/{safe(name.rpartition('/')[2])}.json in the vault's directory."


def _way(found: Refusal, key: str) -> str:
    """Return how a request comes by a condition key."""
    lower, tag = key.lower(), safe(key.partition("/")[2])
    if lower.startswith(_TAGS_OF_SECRET):
        return f"The secret's tag {tag} has to fit: secretctl tag-resource."
    if lower.startswith("aws:principaltag/"):
        return f"The tag {tag} of {_who(found)} has to fit."
    if lower.startswith("aws:requesttag/"):
        return f"The request has to set the tag {tag}: --tags."
    if option := _OPTIONS.get(lower):
        return f"The request has to name {safe(key)}: {option}."
    return f"The request has to have {safe(key)} as the policy wants it."


def _pasted(change: Fields) -> list[str]:
    """Return a statement to paste and the commands, each on lines of its own."""
    statement, commands = change.get("statement"), change["commands"]
    assert isinstance(commands, list)
    lines = []
    if isinstance(statement, dict):
        lines += json.dumps(statement, indent=4, ensure_ascii=True).splitlines()
    return lines + [safe(str(each)) for each in commands]
