"""References to secrets in the forms of AWS's own files and templates.

    {{resolve:secretsmanager:ID[:SecretString[:KEY[:STAGE[:VERSION]]]]}}      CloudFormation
    arn:…:secret:NAME-SUFFIX[:KEY:STAGE:VERSION]                              ECS
    ID[:KEY[:STAGE[:VERSION]]]                                                CodeBuild

* ID is a name or an ARN. No part of a reference may hold a colon, besides an ARN.
* An empty part is one that is left out. A label and a version exclude each other, and the part
  behind the id in CloudFormation's form is SecretString or empty.
* ECS wants all three parts behind an ARN or none.
* What our own form could not express, or would read as something else, is refused.

See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
     https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
     https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

from secretctl.delivery.references import (
    ARN_COLONS,
    RESOLVE,
    Source,
    ambiguous,
    parse_own,
    shown,
    spelled,
)
from secretctl.errors import UsageError

_SERVICE = RESOLVE + "secretsmanager:"
_END = "}}"
_SECRET_STRING = "SecretString"  # noqa: S105 a word of the form
_MOST_FIELDS = 3
_RESOLVE_FORM = f"write {_SERVICE}ID:{_SECRET_STRING}:KEY:STAGE:VERSION{_END}"
_FIELDS_FORM = "write ID:KEY:STAGE:VERSION, where an empty part is one that is left out"


def resolve(text: str) -> Source:
    """Read a dynamic reference of CloudFormation.

    Raises:
        UsageError: *text* is none, is one to another service, or breaks AWS's rules.
    """
    if not text.startswith(_SERVICE):
        raise UsageError("a dynamic reference is not to secretsmanager", _RESOLVE_FORM)
    inner = text.removeprefix(_SERVICE).removesuffix(_END)
    if not text.endswith(_END) or "{" in inner or "}" in inner:
        raise UsageError(
            "a dynamic reference must be all of the text, and end in }}", _RESOLVE_FORM
        )
    if inner.endswith("\\"):
        raise UsageError("a dynamic reference ends in a backslash", "CloudFormation refuses it")
    secret_id, parts = _divided(inner)
    if parts and parts[0] not in ("", _SECRET_STRING):
        raise UsageError(
            f"the reference to '{shown(secret_id)}' is not to its {_SECRET_STRING}", _RESOLVE_FORM
        )
    return _source(secret_id, parts[1:], _RESOLVE_FORM)


def fields(text: str) -> Source:
    """Read a reference as CodeBuild takes them: an id, and up to three parts behind it.

    Raises:
        UsageError: there are more parts, no id, or both a label and a version.
    """
    secret_id, parts = _divided(text)
    return _source(secret_id, parts, _FIELDS_FORM)


def _divided(text: str) -> tuple[str, list[str]]:
    """Return the id in front of *text*, and the parts behind it."""
    parts = text.split(":")
    of_id = ARN_COLONS + 1 if text.startswith("arn:") else 1
    return ":".join(parts[:of_id]), parts[of_id:]


def _source(secret_id: str, parts: list[str], form: str) -> Source:
    if not secret_id:
        raise UsageError("a reference names no secret", form)
    if len(parts) > _MOST_FIELDS:
        raise UsageError(f"the reference to '{shown(secret_id)}' has too many parts", form)
    key, stage, version = [part or None for part in [*parts, "", "", ""][:_MOST_FIELDS]]
    if stage and version:
        raise UsageError(
            f"the reference to '{shown(secret_id)}' has both a label and a version",
            "leave one of them empty: AWS takes either",
        )
    found = Source(None, secret_id, key, version, stage)
    own = parse_own(spelled(found))
    if own != found:
        raise ambiguous(found, own)
    return found
