"""Read a policy from its text, and say of each fault where in the text it stands."""

from __future__ import annotations

from secretctl.policy import grammar, strict_json
from secretctl.policy.faults import BAD_JSON, IDENTITY, RESOURCE, TRUST, Fault
from secretctl.policy.json_places import Place, Places, place
from secretctl.policy.statements import Policy
from secretctl.record import NamedTuple

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
    """None where the text was too long, or no JSON."""


def placed(text: str, kind: str | None = None) -> Reading:
    """Return what `grammar.read_text` does with every place; the slow way.

    Args:
        text: JSON.
        kind: None to guess it: a policy with principals is a resource policy, or a trust policy if
            it is about actions of STS alone; any other is an identity policy.
    """
    if len(text) > grammar.MAX_CHARACTERS:
        return Reading(
            kind or IDENTITY, None, (Placed(place(text, grammar.MAX_CHARACTERS), grammar.TOO_LONG),)
        )
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


def _guessed(document: object) -> str:
    found = grammar.statements_of(document)
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
