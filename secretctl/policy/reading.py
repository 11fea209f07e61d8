"""Read a policy from its text; where in that a fault stands, `placing` finds out."""

from __future__ import annotations

from secretctl.policy import grammar, strict_json
from secretctl.policy.faults import BAD_JSON, Fault
from secretctl.policy.statements import Policy

MAX_CHARACTERS = 20480
"""Of any policy. Smaller quotas, of identity policies, are the business of what stores them."""

TOO_LONG = Fault((), f"a policy has at most {MAX_CHARACTERS} characters", sentence=BAD_JSON)


def read(
    text: str, kind: str, name: str = "", actions: tuple[str, ...] = ()
) -> tuple[Policy | None, tuple[Fault, ...]]:
    """Return the policy a text holds, and what is wrong with it, without places: the quick way.

    Args:
        text: JSON.
        kind: ``identity``, ``resource`` or ``trust``.
        name: Name or ARN of the policy.
        actions: What alone will be asked for, of a policy in force; see `grammar.read`.
    """
    if len(text) > MAX_CHARACTERS:
        return None, (TOO_LONG,)
    try:
        document = strict_json.read(text)
    except ValueError:
        return None, (Fault((), "this is not strict JSON", sentence=BAD_JSON),)
    return grammar.read(document, kind, name, actions)


def statements(document: object) -> list[dict[str, object]]:
    """Return the statements of a document as it is written."""
    whole = document.get("Statement") if isinstance(document, dict) else None
    items = whole if isinstance(whole, list) else [whole]
    return [item for item in items if isinstance(item, dict)]
