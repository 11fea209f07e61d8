"""The elements of a statement, checked and made ready; see `grammar`.

What is returned where a fault was added is of no use, and used by nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl import json_text
from secretctl.policy import arns, operators, wildcard
from secretctl.policy import conditions as conditions_
from secretctl.policy import principals as principals_
from secretctl.policy.conditions import Condition
from secretctl.policy.faults import BAD_PRINCIPAL, BAD_SERVICE, BAD_SYNTAX, Fault, Path
from secretctl.policy.principals import Principals
from secretctl.policy.statements import Actions, Resources
from secretctl.record import NamedTuple

_LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

Element = dict[str, object]


class Found(NamedTuple):
    """Faults, as they are found."""

    faults: list[Fault]

    def add(
        self, path: Path, message: str, *, is_key: bool = False, sentence: str = BAD_SYNTAX
    ) -> None:
        """Add a fault."""
        self.faults.append(Fault(path, message, is_key=is_key, sentence=sentence))


def check_known(element: Element, known: tuple[str, ...], path: Path, found: Found) -> None:
    """Refuse every member of *element* that the grammar does not know."""
    for name in element:
        if name not in known:
            found.add((*path, name), "there is no such element here", is_key=True)


def names_others(statement: object, asked: frozenset[str]) -> bool:
    """Tell whether a statement lists actions, none with a wildcard and none of those *asked*."""
    if not isinstance(statement, dict) or "NotAction" in statement:
        return False
    whole = statement.get("Action")
    items = whole if isinstance(whole, list) else [whole]
    return bool(items) and not any(
        not isinstance(item, str) or _is_pattern(item) or item.lower() in asked for item in items
    )


def actions(statement: Element, path: Path, found: Found) -> Actions:
    """Return the Action or NotAction of a statement."""
    name, is_negated = _one_of(statement, "Action", path, found)
    texts = [text.lower() for _, text in _texts(statement, name, path, found, _wrong_action)]
    return Actions(
        is_negated=is_negated,
        names=frozenset([text for text in texts if not _is_pattern(text)]),
        patterns=tuple([wildcard.of_text(text) for text in texts if _is_pattern(text)]),
    )


def resources(statement: Element, path: Path, found: Found, *, has_variables: bool) -> Resources:
    """Return the Resource or NotResource of a statement."""
    name, is_negated = _one_of(statement, "Resource", path, found)
    patterns = []
    texts = _texts(statement, name, path, found, _wrong_resource)
    for place, text in texts:
        try:
            pattern = arns.in_resource(text, has_variables=has_variables)
        except ValueError as error:
            found.add(place, str(error))
            continue
        if pattern is not None:
            patterns.append(pattern)
    return Resources(is_negated, "*" in [text for _, text in texts], tuple(patterns))


def principals(statement: Element, path: Path, found: Found) -> Principals:
    """Return the Principal or NotPrincipal of a statement."""
    name, is_negated = _one_of(statement, "Principal", path, found)
    if is_negated and statement.get("Effect") != "Deny":
        # With Allow it would let in everybody but those named.
        found.add((*path, name), "NotPrincipal goes with Deny only", is_key=True)
    element = statement.get(name, "*")
    if element == "*":
        return principals_.principals(["*"], is_negated=is_negated)
    place = (*path, name)
    if not isinstance(element, dict) or not element:
        found.add(place, "a principal is * or a JSON object", sentence=BAD_PRINCIPAL)
        return principals_.principals([], is_negated=is_negated)
    named = [text for kind in element for text in _named(element, kind, place, found)]
    return principals_.principals(named, is_negated=is_negated)


def conditions(
    statement: Element, path: Path, found: Found, *, has_variables: bool
) -> tuple[Condition, ...]:
    """Return the conditions of a statement."""
    read = []
    whole = statement.get("Condition", {})
    for place, operator_name, block in _members(whole, (*path, "Condition"), found):
        operator = operators.operator(operator_name)
        if operator is None:
            found.add(place, "there is no such condition operator", is_key=True)
            continue
        if block == {}:
            found.add(place, "the operator has no condition key")
        seen = set()
        for key_place, key, values in _members(block, place, found):
            if key.lower() in seen:
                found.add(key_place, "this key is given in another spelling as well", is_key=True)
            seen.add(key.lower())
            texts = _values(key, values, key_place, found)
            try:
                made = conditions_.condition(
                    operator_name, operator, key, texts or [], has_variables=has_variables
                )
            except ValueError as error:
                number, message = error.args
                found.add((*key_place, number) if isinstance(values, list) else key_place, message)
            else:
                read.append(made)
    return tuple(read)


def is_text(value: object) -> bool:
    """Tell whether *value* is text."""
    return isinstance(value, str)


def _one_of(statement: Element, name: str, path: Path, found: Found) -> tuple[str, bool]:
    """Return which of ``Name`` and ``NotName`` a statement has, and whether it is the second."""
    negated = f"Not{name}"
    has, has_negated = name in statement, negated in statement
    if has and has_negated:
        found.add((*path, negated), f"{name} and {negated} exclude each other", is_key=True)
    if not has and not has_negated:
        found.add(path, f"there is no {name} and no {negated}")
    return (name, False) if has or not has_negated else (negated, True)


def _texts(
    statement: Element, name: str, path: Path, found: Found, wrong: Callable[[str], str]
) -> list[tuple[Path, str]]:
    """Return the texts of an element that is one or a list, each with its place.

    *wrong* tells what is wrong with one, if anything is.
    """
    if name not in statement:
        return []
    whole, place = statement[name], (*path, name)
    items = whole if isinstance(whole, list) else [whole]
    if not items:
        found.add(place, "the list is empty")
    texts: list[tuple[Path, str]] = []
    for number, item in enumerate(items):
        at = (*place, number) if isinstance(whole, list) else place
        message = wrong(item) if isinstance(item, str) else "this is text, or a list of texts"
        if message:
            found.add(at, message)
        else:
            texts.append((at, str(item)))
    return texts


def _wrong_action(text: str) -> str:
    """Return what is wrong with an action; nothing if it is one."""
    service, colon, name = text.partition(":")
    is_service = service and not service.strip(_LETTERS_AND_DIGITS + "-")
    is_name = name and not name.strip(_LETTERS_AND_DIGITS + "*?")
    if text == "*" or (colon and is_service and is_name):
        return ""
    return "an action is * or SERVICE:NAME, with * and ? in the name"


def _wrong_resource(text: str) -> str:
    """Return what is wrong with a resource; nothing if it is one."""
    segments = text.split(":", arns.SEGMENTS - 1)
    if text == "*" or (len(segments) == arns.SEGMENTS and segments[0] == "arn" and segments[5]):
        return ""
    return "a resource is * or an ARN: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _named(element: Element, kind: str, path: Path, found: Found) -> list[str]:
    """Return the principals of one kind."""
    place, whole = (*path, kind), element[kind]
    items = whole if isinstance(whole, list) else [whole]
    if kind not in principals_.KINDS:
        message = "the kind of a principal is AWS, Service or Federated"
        found.add(place, message, is_key=True, sentence=BAD_PRINCIPAL)
        return []
    sentence = BAD_SERVICE if kind == "Service" else BAD_PRINCIPAL
    if not items:
        found.add(place, "the list is empty", sentence=sentence)
    named = []
    for number, item in enumerate(items):
        if isinstance(item, str) and principals_.is_named(kind, item):
            named.append(item)
        else:
            at = (*place, number) if isinstance(whole, list) else place
            found.add(at, _WRONG_PRINCIPAL[kind], sentence=sentence)
    return named


_WRONG_PRINCIPAL = {
    "AWS": "no account, user, role or session is named like that; * stands alone",
    "Service": "no service is named like that: SERVICE.amazonaws.com",
    "Federated": "no identity provider is named like that",
}


def _members(whole: object, path: Path, found: Found) -> list[tuple[Path, str, object]]:
    """Return the members of an object, each with its place."""
    if not isinstance(whole, dict):
        found.add(path, "this is a JSON object")
        return []
    return [((*path, key), key, value) for key, value in whole.items()]


def _values(key: str, values: object, path: Path, found: Found) -> list[str] | None:
    """Return the values of a condition as texts; booleans and numbers need no quotes."""
    items = values if isinstance(values, list) else [values]
    if not key:
        found.add(path, "the condition key has no name", is_key=True)
    if not items:
        found.add(path, "there is no value")
    texts = []
    for number, item in enumerate(items):
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, bool | int | float):
            texts.append(json_text.compact(item))
        else:
            at = (*path, number) if isinstance(values, list) else path
            found.add(at, "a value is text, a number, true or false")
    return texts if len(texts) == len(items) else None
