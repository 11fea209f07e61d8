"""Policy documents as IAM takes them: checked before they are kept.

AWS names one thing that is wrong, in a sentence of its own; the hint says where and what it is. No
sentence repeats what stands in a document: the wrong file may have been given.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from secretctl.errors import ServiceError
from secretctl.policy import grammar, placing
from secretctl.policy.faults import BAD_JSON, IDENTITY, TRUST, Fault
from secretctl.policy.statements import Policy

MOST_OF_MANAGED = 6144
"""Characters of a managed policy; white space is not counted."""

MOST_OF_TRUST = 2048
MOST_OF_INLINE = {"User": 2048, "Role": 10240, "Group": 5120}
"""Characters of all inline policies of one."""

_SYNTAX = "Syntax errors in policy."
_ASSUMING = "sts:"
_SENTENCES = {
    (IDENTITY, "there is no Resource and no NotResource"): (
        "Policy statement must contain resources."
    ),
    (IDENTITY, "there is no Action and no NotAction"): "Policy statement must contain actions.",
    (IDENTITY, "an action is * or SERVICE:NAME, with * and ? in the name"): (
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
    ),
    (IDENTITY, "a Sid is given twice"): "Statement IDs (SID) in a single policy must be unique.",
    (IDENTITY, "a Sid has letters and digits only"): (
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
        "expression [0-9A-Za-z]*"
    ),
    (TRUST, "there is no Principal and no NotPrincipal"): "Missing required field Principal",
    (TRUST, "there is no Action and no NotAction"): "Missing required field Action",
    (TRUST, "there is no Effect"): "Missing required field Effect",
}
"""What AWS says of a fault."""

_PROHIBITED = {
    (IDENTITY, "Principal"): "Policy document should not specify a principal.",
    (IDENTITY, "NotPrincipal"): "Policy document should not specify a principal.",
    (TRUST, "Resource"): "Has prohibited field Resource",
    (TRUST, "NotResource"): "Has prohibited field NotResource",
}
"""What AWS says of an element that such a document must not have."""


def check_managed(text: str) -> None:
    """Refuse what is no managed policy.

    Raises:
        ServiceError: MalformedPolicyDocument, LimitExceeded.
    """
    document = _checked(text, IDENTITY)
    if document.get("Version") != grammar.WITH_VARIABLES:
        raise malformed("Policy document must be version 2012-10-17 or greater.")
    if _length(text) > MOST_OF_MANAGED:
        raise exceeded(f"PolicySize: {MOST_OF_MANAGED}")


def check(text: str) -> None:
    """Refuse what is no identity policy.

    Raises:
        ServiceError: MalformedPolicyDocument.
    """
    _checked(text, IDENTITY)


def check_inline_size(word: str, name: str, texts: list[str]) -> None:
    """Refuse inline policies that are too long together; *word* is User, Group or Role.

    Raises:
        ServiceError: LimitExceeded.
    """
    most = MOST_OF_INLINE[word]
    if sum(map(_length, texts)) > most:
        raise ServiceError(
            "LimitExceeded",
            f"Maximum policy size of {most} bytes exceeded for {word.lower()} {name}",
        )


def check_trust(text: str) -> dict[str, object]:
    """Refuse what is no trust policy of a role; return what it says.

    Raises:
        ServiceError: MalformedPolicyDocument, LimitExceeded.
    """
    document = _checked(text, TRUST)
    for statement in grammar.statements_of(document):
        whole = statement.get("Action", statement.get("NotAction"))
        actions = whole if isinstance(whole, list) else [whole]
        if not all(str(action).lower().startswith(_ASSUMING) for action in actions):
            raise malformed("AssumeRole policy may only specify STS AssumeRole actions.")
    if _length(text) > MOST_OF_TRUST:
        raise exceeded(f"ACLSizePerRole: {MOST_OF_TRUST}")
    return document


def malformed(sentence: str, *hints: str) -> ServiceError:
    """Return the error for a document that is no policy of its kind."""
    return ServiceError("MalformedPolicyDocument", sentence, *hints)


def exceeded(quota: str) -> ServiceError:
    """Return the error for a quota, named with its number."""
    return ServiceError("LimitExceeded", f"Cannot exceed quota for {quota}")


def read(text: str, kind: str, name: str = "") -> Policy:
    """Return the policy that is given to be tried out.

    Raises:
        ServiceError: InvalidInput, with the sentence of a document that is none.
    """
    policy, _ = grammar.read_text(text, kind, name)
    if policy is None:
        try:
            _checked(text, kind)
        except ServiceError as error:
            raise ServiceError("InvalidInput", error.message, *error.hints) from None
    assert policy is not None, "what has no fault is a policy"
    return policy


def _checked(text: str, kind: str) -> dict[str, object]:
    found = placing.placed(text, kind)
    if found.faults:
        place, fault = found.faults[0]
        raise malformed(
            _sentence(kind, fault), f"line {place.line}, column {place.column}: {fault.message}"
        )
    assert isinstance(found.document, dict)
    return found.document


def _sentence(kind: str, fault: Fault) -> str:
    if fault.sentence == BAD_JSON:
        return BAD_JSON if kind == TRUST else _SYNTAX
    prohibited = _PROHIBITED.get((kind, str(fault.path[-1]))) if fault.is_key else None
    return prohibited or _SENTENCES.get((kind, fault.message), _SYNTAX)


def _length(text: str) -> int:
    return len("".join(text.split()))
