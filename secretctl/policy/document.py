"""A secret's resource policy as text: AWS's sentences for what is wrong with it.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
"""

from __future__ import annotations

from secretctl.errors import ServiceError
from secretctl.policy import breadth, grammar, strict_json
from secretctl.policy.faults import RESOURCE

Document = dict[str, object]

SYNTAX = "SYNTAX"
BROAD = "You can't attach a resource-based policy that allows broad access to the secret."


def parse(text: str) -> Document:
    """Read and check a resource policy.

    Returns:
        The document as written, its form checked throughout.

    Raises:
        ServiceError: ``MalformedPolicyDocumentException``.
    """
    _, faults = grammar.read_text(text, RESOURCE)
    if faults:
        raise ServiceError("MalformedPolicyDocumentException", faults[0].sentence)
    document = strict_json.read(text)
    assert isinstance(document, dict)
    return document


def problems(text: str) -> list[tuple[str, str]]:
    """Return what ValidateResourcePolicy finds: pairs of a check's name and a message.

    The names are `SYNTAX` and ``PUBLIC_ACCESS``; AWS publishes none.
    """
    try:
        document = parse(text)
    except ServiceError as error:
        return [(SYNTAX, error.message)]
    return [("PUBLIC_ACCESS", BROAD)] if is_public(document) else []


def is_public(document: Document) -> bool:
    """Tell whether some statement allows everybody in; see `breadth`.

    Args:
        document: What :func:`parse` returned.
    """
    policy, _ = grammar.read(document, RESOURCE)
    return policy is None or any(map(breadth.is_broad, policy.statements))
