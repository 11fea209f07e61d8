"""Commands that bring about what would have to change, for the vault the refusal was in."""

from __future__ import annotations

import shlex

from secretctl import json_text
from secretctl.audit import attributes
from secretctl.errors import PolicyFileError, UnsafePermissionsError
from secretctl.model.shapes import Fields
from secretctl.policy.decisions import BOUNDARY, IDENTITY, RESOURCE, SESSION, TRUST
from secretctl.policy.grammar import WITH_VARIABLES
from secretctl.record import NamedTuple
from secretctl.service.explaining import NAME, Refusal
from secretctl.vault import policy_files

_FILE = "file://policy.json"
_ID_DIGITS = 8
_ARN_REGION = 3


class Shell(NamedTuple):
    """Where the commands will be typed."""

    options: tuple[str, ...] = ()
    """What chooses the vault: ``--vault`` and ``--profile``, as they were given."""

    region: str = ""
    """The one that commands without ``--region`` are about; empty if that is not known."""

    vault: str = ""
    """Directory of the vault, where the files of policies are looked at."""


def grant(found: Refusal, shell: Shell) -> list[str]:
    """Return what grants the use of the key that was refused; nothing if it is not known."""
    account = attributes.text(found.fields, "recipientAccountId")
    arn = attributes.text(found.decision, "kmsKey")
    key = arn.rpartition(f":{account}:key/")[2]
    operation = attributes.text(found.decision, "kmsOperation")
    if not key or not operation:
        return []
    words = ("kms", "create-grant", "--key-id", key, "--grantee-principal", found.who.arn)
    return [_command(shell, *words, "--operations", operation, region=_region(arn))]


def put_in_force(found: Refusal, shell: Shell) -> list[str]:
    """Return what puts the file of a policy in force, as it lies there now, or its place right."""
    name = attributes.text(found.decision, "policy").rpartition("/")[2]
    if not policy_files.is_name(name):
        return [_command(shell, "policy", "apply")]
    try:
        policy_files.read(shell.vault, name)
    except (PolicyFileError, UnsafePermissionsError) as error:
        own = "".join([f" {shlex.quote(each)}" for each in shell.options])
        known = [f"{each}{own}" if each.startswith("secretctl ") else each for each in error.hints]
        if known:
            return known
    return [_command(shell, "policy", "apply", name)]


def add(found: Refusal, change: Fields, shell: Shell) -> list[str]:
    """Return what adds the ``statement`` of a change to a policy of its type."""
    if change["policyType"] != IDENTITY:
        return edit(found, change, shell)
    # Another policy of the same name would be replaced.
    name = f"allow-{attributes.text(found.fields, 'eventID')[:_ID_DIGITS]}"
    document = json_text.compact({"Version": WITH_VARIABLES, "Statement": [change["statement"]]})
    words = ("iam", f"put-{found.who.kind}-policy", f"--{found.who.kind}-name", found.who.name)
    return [_command(shell, *words, "--policy-name", name, "--policy-document", document)]


def edit(found: Refusal, statement: Fields, shell: Shell) -> list[str]:
    """Return what shows the policy of a statement and puts it back, changed."""
    kind, name = attributes.text(statement, "policyType"), attributes.text(statement, "policy")
    if kind == RESOURCE:
        return _of_secret(found, shell)
    if kind == TRUST:
        role = ("--role-name", found.resource.rpartition("/")[2])
        return [
            _command(shell, "iam", "get-role", *role),
            _command(shell, "iam", "update-assume-role-policy", *role, "--policy-document", _FILE),
        ]
    if kind == SESSION:
        session = attributes.text(found.fields, "userIdentity", "arn").rpartition("/")[2]
        words = ("--role-arn", found.who.arn, "--role-session-name", session, "--policy", _FILE)
        return [_command(shell, "sts", "assume-role", *words)]
    if name.startswith("arn:"):
        return [_command(shell, "policy", "apply", name.rpartition("/")[2])]
    if kind == BOUNDARY:
        who = (f"get-{found.who.kind}", f"--{found.who.kind}-name", found.who.name)
        word = found.who.kind.capitalize()
        return [_command(shell, "iam", *who, "--query", f"{word}.PermissionsBoundary")]
    group = attributes.text(statement, "group")
    word, holder = ("group", group) if group else (found.who.kind, found.who.name)
    named = (f"--{word}-name", holder, "--policy-name", name)
    return [
        _command(shell, "iam", f"get-{word}-policy", *named),
        _command(shell, "iam", f"put-{word}-policy", *named, "--policy-document", _FILE),
    ]


def _of_secret(found: Refusal, shell: Shell) -> list[str]:
    secret = ("--secret-id", found.resource if found.is_named else NAME)
    region = _region(found.resource)
    put = ("put-resource-policy", *secret, "--resource-policy", _FILE)
    return [
        _command(shell, "get-resource-policy", *secret, region=region),
        _command(shell, *put, region=region),
    ]


def _region(arn: str) -> str:
    return next(iter(arn.split(":")[_ARN_REGION:]), "")


def _command(shell: Shell, *words: str, region: str = "") -> str:
    where = ("--region", region) if region not in ("", shell.region) else ()
    return f"secretctl {shlex.join([*words, *where, *shell.options])}"
