"""The part of `advice` that is about conditions and their keys."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from secretctl.model.authorization import ACTIONS
from secretctl.model.condition_keys import KEYS
from secretctl.policy import arns, key_names, operators, variables
from secretctl.policy.conditions import ALL
from secretctl.policy.faults import Path
from secretctl.policy.operators import Operator
from secretctl.policy.variables import Part
from secretctl.record import NamedTuple

_FAMILIES = {
    "String": ("String", "Folded", "Like"),
    "ArrayOfString": ("String", "Folded", "Like", "Arn"),
    "ARN": ("Arn", "String", "Folded", "Like"),
    "Bool": ("Bool", "String", "Folded", "Like"),
    "Numeric": ("Numeric",),
    "Date": ("Date", "Numeric"),
    "IPAddress": ("Ip",),
}
_ELSEWHERE = ("kms:", "sts:", "iam:", "saml:")


class Advice(NamedTuple):
    """Something to be said about a part of a policy."""

    path: Path
    message: str
    is_key: bool = False


def on(
    element: dict[str, object], path: Path, actions: list[str], *, has_variables: bool
) -> Iterable[Advice]:
    """Return what there is to be said about the conditions of a statement.

    Args:
        element: The statement, as it is written.
        path: Where it is.
        actions: Names of our actions that it is about.
        has_variables: Whether the policy's version reads variables.
    """
    if not has_variables:
        yield from _on_variables(element, path)
    whole = element.get("Condition", {})
    assert isinstance(whole, dict)
    required = (
        {key.lower() for key in whole.get("Null", {})} if element["Effect"] == "Allow" else {}
    )
    for name, block in whole.items():
        operator = operators.operator(name)
        assert operator is not None
        for key, values in block.items():
            place = (*path, "Condition", name, key)
            are_read = has_variables and operator.family in operators.WITH_VARIABLES
            templates = [variables.parts(text, are_read=are_read) for text in _texts(values)]
            messages = [*_on_key(key, actions), *_on_operator(key, operator, values)]
            messages += [each for template in templates for each in _on_value(template, operator)]
            is_open = operator.quantifier == ALL and key.lower() not in required
            if is_open and element["Effect"] == "Allow":
                messages.append("it also holds for requests without the key; add Null: false")
            yield from [Advice(place, message, is_key=True) for message in dict.fromkeys(messages)]


def on_variables(template: tuple[Part, ...]) -> list[str]:
    """Return what there is to be said about the variables in a text."""
    keys = [part.text for part in template if part.is_variable]
    return [message for key in keys if (message := _unknown(key, "policy variable"))]


def _on_key(key: str, actions: list[str]) -> Iterable[str]:
    general = key_names.general(key.lower())
    if general in key_names.TYPES:
        if actions and not _is_had(general, actions):
            yield f"requests for {_listed(actions)} do not have this condition key"
    elif message := _unknown(key, "condition key"):
        yield message


def _unknown(key: str, what: str) -> str:
    """Return that there is no such key, if there is none, and which is probably meant."""
    general = key_names.general(key.lower())
    is_known = general in key_names.TYPES or key.lower().startswith(_ELSEWHERE)
    if is_known or _is_of_provider(key):
        return ""
    near = get_close_matches(general[:80], list(key_names.TYPES), n=1)
    hint = f"; did you mean {key_names.SPELLED[near[0]]}?" if near else ""
    return f"there is no such {what}{hint}"


def _on_operator(key: str, operator: Operator, values: object) -> Iterable[str]:
    type_ = key_names.TYPES.get(key_names.general(key.lower()), "")
    if operator.family == "Null":
        return
    if type_ and operator.family not in _FAMILIES[type_]:
        yield f"the key is of type {type_}, and the operator compares another"
    if type_ == "ArrayOfString" and not operator.quantifier:
        yield "the key has several values; begin the operator with ForAnyValue: or ForAllValues:"
    if operator.family == "Arn" and not all(map(_is_arn, _texts(values))):
        yield "no ARN is like that: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"


def _on_value(template: tuple[Part, ...], operator: Operator) -> Iterable[str]:
    yield from on_variables(template)
    plain = [each.text for each in template if not each.is_variable and not each.is_literal]
    if operator.family in ("String", "Folded") and set("*?") & set("".join(plain)):
        yield "* and ? are letters here; StringLike and StringNotLike take them as wildcards"


def _texts(values: object) -> list[str]:
    return list(map(str, values if isinstance(values, list) else [values]))


def _is_arn(text: str) -> bool:
    return text == "*" or "${" in text or text.count(":") >= arns.SEGMENTS - 1


def _on_variables(element: dict[str, object], path: Path) -> Iterable[Advice]:
    names = [name for name in ("Resource", "NotResource", "Condition") if name in element]
    for name in names:
        if "${" in str(element[name]):
            message = "only Version 2012-10-17 has variables: ${ is text here"
            yield Advice((*path, name), message, is_key=True)


def _is_had(general: str, actions: list[str]) -> bool:
    """Tell whether a request for one of *actions* has the key; AWS's own may always be there."""
    is_ours = any(general == name.lower() for name in KEYS)
    return not is_ours or any(
        general == name.lower() for action in actions for name in ACTIONS[action].keys
    )


def _is_of_provider(key: str) -> bool:
    """Tell whether the key is one of an identity provider: ``accounts.google.com:aud``."""
    return "." in key.partition(":")[0]


def _listed(actions: list[str]) -> str:
    return actions[0] if len(actions) == 1 else "these actions"
