"""Policy documents as IAM takes them: checked before they are kept."""

from __future__ import annotations

from secretctl.errors import ServiceError

_MOST_CHARACTERS = 6144
"""Of a managed policy, white space not counted: AWS's quota."""


def check(text: str) -> None:
    """Refuse what is no identity policy.

    Raises:
        ServiceError: MalformedPolicyDocument, LimitExceeded.
    """
    _check(text, "identity")


def check_trust(text: str) -> None:
    """Refuse what is no trust policy of a role.

    Raises:
        ServiceError: MalformedPolicyDocument, LimitExceeded.
    """
    _check(text, "trust")


def _check(text: str, kind: str) -> None:
    from secretctl.policy import faults, reading

    _, found = reading.read(text, kind)
    if found:
        where = faults.pointer(found[0].path) or "the document"
        raise ServiceError(
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
            f"{where}: {found[0].message}",
            "secretctl policy lint FILE shows the line",
        )
    if len("".join(text.split())) > _MOST_CHARACTERS:
        raise ServiceError(
            "LimitExceeded", f"Cannot exceed quota for PolicySize: {_MOST_CHARACTERS}"
        )
