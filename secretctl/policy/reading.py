"""Read a policy from its text; say of each fault where it stands."""

from __future__ import annotations

from secretctl.policy import grammar, strict_json
from secretctl.policy.faults import BAD_JSON, IDENTITY, RESOURCE, TRUST, Fault
from secretctl.policy.statements import Policy
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.policy.json_places import Place, Places

MAX_CHARACTERS = 20480
"""Of any policy. Smaller quotas, of identity policies, are the business of what stores them."""

_ASSUMING = "sts:"


class Placed(NamedTuple):
    """A fault and the place where the text has it."""

    place: Place
    fault: Fault


class Reading(NamedTuple):
    """What a text was found to be."""

    kind: str
    policy: Policy | None
    """None where there is a fault."""

    faults: tuple[Placed, ...]
    document: object = None
    places: Places | None = None
    """Set by `placed` alone, which looks every place up."""


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


def placed(text: str, kind: str | None = None) -> Reading:
    """Return the same with every place; the slow way.

    Args:
        text: JSON.
        kind: None to guess it: a policy with principals is a resource policy, or a trust policy if
            it is about actions of STS alone; any other is an identity policy.
    """
    from secretctl.policy.json_places import Places, place

    if len(text) > MAX_CHARACTERS:
        return Reading(kind or IDENTITY, None, (Placed(place(text, MAX_CHARACTERS), TOO_LONG),))
    places = Places(text)
    broken = places.read()
    if broken is not None:
        message, where = broken
        fault = Fault((), message, sentence=BAD_JSON)
        return Reading(kind or IDENTITY, None, (Placed(where, fault),))
    document = strict_json.read(text)
    kind = kind or _guessed(document)
    policy, faults = grammar.read(document, kind)
    found = [Placed(places.of(fault.path, is_key=fault.is_key), fault) for fault in faults]
    return Reading(
        kind, policy, tuple(sorted(found, key=lambda each: each.place)), document, places
    )


def statements(document: object) -> list[dict[str, object]]:
    """Return the statements of a document as it is written."""
    whole = document.get("Statement") if isinstance(document, dict) else None
    items = whole if isinstance(whole, list) else [whole]
    return [item for item in items if isinstance(item, dict)]


def _guessed(document: object) -> str:
    found = statements(document)
    if not any({"Principal", "NotPrincipal"} & set(statement) for statement in found):
        return IDENTITY
    has_resource = any({"Resource", "NotResource"} & set(statement) for statement in found)
    actions = [action for statement in found for action in _actions(statement)]
    is_trust = actions and all(action.startswith(_ASSUMING) for action in actions)
    return TRUST if is_trust and not has_resource else RESOURCE


def _actions(statement: dict[str, object]) -> list[str]:
    whole = statement.get("Action", statement.get("NotAction"))
    items = whole if isinstance(whole, list) else [whole]
    return [item.lower() if isinstance(item, str) else "" for item in items]


TOO_LONG = Fault((), f"a policy has at most {MAX_CHARACTERS} characters", sentence=BAD_JSON)
