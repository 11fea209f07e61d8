"""The conditions of a statement, checked and made ready; see `grammar`."""

from __future__ import annotations

from secretctl import json_text
from secretctl.policy import operators
from secretctl.policy.conditions import ANY, Condition
from secretctl.policy.elements import Element, Found
from secretctl.policy.faults import Path
from secretctl.policy.operators import Operator


def read(
    statement: Element, path: Path, found: Found, *, has_variables: bool
) -> tuple[Condition, ...]:
    """Return the conditions of a statement."""
    made = []
    whole = statement["Condition"]
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
                condition = _condition(
                    operator_name, operator, key, texts or [], has_variables=has_variables
                )
            except ValueError as error:
                number, message = error.args
                found.add((*key_place, number) if isinstance(values, list) else key_place, message)
            else:
                made.append(condition)
    return tuple(made)


def _condition(
    operator_name: str, operator: Operator, key: str, texts: list[str], *, has_variables: bool
) -> Condition:
    """Return the condition that a policy states.

    Raises:
        ValueError: As `operators.values`.
    """
    values = operators.values(operator, texts, has_variables=has_variables)
    is_null = operator.family == "Null"
    is_text = operator.family == "String" and not operator.quantifier
    return Condition(
        operator_name=operator_name,
        key=key,
        name=key.lower(),
        operator=operator,
        texts=tuple(texts),
        values=values,
        right=values.equal if is_text and not values.tests else None,
        is_negated=operator.is_negated,
        if_missing=True in values.equal if is_null else _if_missing(operator),
        if_present=False in values.equal if is_null else None,
        variables=operators.variables_in(operator, texts) if has_variables else (),
    )


def _if_missing(operator: Operator) -> bool:
    if operator.if_exists:
        return True
    if operator.quantifier:
        return operator.quantifier != ANY
    return operator.is_negated


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
