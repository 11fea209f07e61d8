"""What a record says: who, when, from where, about which secret, and how it ended.

A journal can hold anything that somebody wrote into its files: each member is believed only if it
is of its type, and is empty otherwise.
"""

from __future__ import annotations

from secretctl.domain.names import SUFFIX_LENGTH, ends_like_suffix
from secretctl.model.shapes import Fields
from secretctl.model.timestamps import milliseconds

_COMMAND = " command/"
_SECRET = ":secret:"  # noqa: S105 a part of an ARN
HASHED = "n:"
"""What a hash begins with that stands in the place of a name."""


def text(fields: object, *path: str) -> str:
    """Return the text that *path* leads to; empty if there is none."""
    for name in path:
        fields = fields.get(name) if isinstance(fields, dict) else None
    return fields if isinstance(fields, str) else ""


def is_intent(fields: Fields) -> bool:
    """Tell whether a record announces a change whose outcome has a record of its own."""
    return text(fields, "additionalEventData", "phase") == "intent"


def time_ms(fields: Fields) -> int:
    """Return when it was, milliseconds since 1970; 0 if the record does not say."""
    additional = fields.get("additionalEventData")
    told = additional.get("timeMs") if isinstance(additional, dict) else None
    if type(told) is int:
        return told
    try:
        return milliseconds(text(fields, "eventTime"))
    except ValueError:
        return 0


def username(fields: Fields) -> str:
    """Return who it was as CloudTrail's Username has it: a user, a role's session, or ``root``."""
    if text(fields, "userIdentity", "type") == "Root":
        return "root"
    named = text(fields, "userIdentity", "userName")
    principal = text(fields, "userIdentity", "principalId")
    is_role = text(fields, "userIdentity", "type") == "AssumedRole"
    return named or (principal.rpartition(":")[2] if is_role else principal)


def principals(fields: Fields) -> set[str]:
    """Return everything by which the caller may be known; a role's session also by its role."""
    names = ("arn", "principalId", "accessKeyId", "userName")
    found = {text(fields, "userIdentity", name) for name in names}
    issuer = ("userIdentity", "sessionContext", "sessionIssuer")
    found |= {text(fields, *issuer, name) for name in ("arn", "principalId", "userName")}
    return (found | {username(fields)}) - {""}


def resources(fields: Fields) -> list[tuple[str, str]]:
    """Return type and ARN of each resource."""
    listed = fields.get("resources")
    if not isinstance(listed, list):
        return []
    return [(text(each, "type"), text(each, "ARN")) for each in listed]


def arn(fields: Fields) -> str:
    """Return the ARN of the secret, if one was found."""
    return next((arn for _, arn in resources(fields) if _SECRET in arn), "")


def other_resource(fields: Fields) -> str:
    """Return what else it was about, a user or a key, as its ARN ends: ``user/ci``."""
    others = (arn for _, arn in resources(fields) if _SECRET not in arn)
    return next(others, "").rpartition(":")[2]


def secret_name(fields: Fields) -> str:
    """Return the name of the secret, its hash where only that was kept; empty if it has none."""
    found = name_in(arn(fields))
    request = fields.get("requestParameters")
    return found or text(request, "secretId") or text(request, "name")


def name_in(arn: str) -> str:
    """Return the name of a secret in its ARN."""
    rest = arn.partition(_SECRET)[2]
    return rest[: -SUFFIX_LENGTH - 1] if ends_like_suffix(rest) else rest


def is_hashed(arn: str) -> bool:
    """Tell whether a hash stands for a name or path in an ARN, or for the whole of it."""
    if _SECRET in arn:
        return name_in(arn).startswith(HASHED)
    place, hashed, rest = arn.rpartition(HASHED)
    return bool(hashed) and "/" not in rest and (not place or place.endswith("/"))


def command(fields: Fields) -> str:
    """Return what the user called: ``get-secret-value``."""
    return text(fields, "userAgent").partition(_COMMAND)[2]


def origin(fields: Fields) -> str:
    """Return where it came from: command, machine, and the CI run if it was one."""
    additional = fields.get("additionalEventData")
    parts = [f"{command(fields)}@{text(additional, 'host')}".strip("@")]
    if system := text(additional, "ciRun", "system"):
        run = (text(additional, "ciRun", "repository"), text(additional, "ciRun", "runId"))
        parts.append(" ".join(filter(None, (system, *run))))
    return ", ".join(filter(None, parts))
