"""Conditions: one operator, one key of the request, the values of the policy.

All conditions of a statement must hold, and of the values one. Where the request has not the key,
the operator decides alone: ``…IfExists`` holds, ``ForAnyValue`` fails, ``ForAllValues`` holds, one
with ``Not`` holds, any other fails. A key with an empty list of values is a key that is missing.
For a quantifier and for ``Null`` an empty text is no value either.

AWS asks for a quantifier where a key has several values. Without one, no Allow rests on the
condition, and a Deny on any of the values. So it is with a key that is given in several spellings,
whatever the operator: AWS takes one of them, and does not say which.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.policy.operators import Operator, Values
    from secretctl.policy.variables import Context


ALL, ANY = "ForAllValues:", "ForAnyValue:"


class Either(tuple[str, ...]):
    """Values of a key that is given in several spellings; one of them would count."""

    __slots__ = ()


class Condition(NamedTuple):
    """A condition, ready to be evaluated."""

    operator_name: str
    key: str
    """As the policy writes it."""

    name: str
    """The key in small letters."""

    operator: Operator
    texts: tuple[str, ...]
    """The values as the policy writes them; they are never shown."""

    values: Values
    right: frozenset[object] | None
    """The texts of which a single value must be one, where that is all, as with most conditions."""

    is_negated: bool

    if_missing: bool
    """Whether it holds where the request has not the key."""

    if_present: bool | None = None
    """Set for ``Null``: whether it holds where the request has a value for the key."""

    variables: tuple[str, ...] = ()
    """Keys of the variables in its values that have no default, in small letters."""


def all_hold(conditions: tuple[Condition, ...], context: Context, *, allows: bool) -> bool:
    """Tell whether every condition is met by what is known of the request; see `holds`."""
    for condition in conditions:
        right, given = condition.right, context.get(condition.name)
        if right is not None and isinstance(given, str):  # what most are, without a call
            if (given in right) == condition.is_negated:
                return False
        elif not holds(condition, context, allows=allows):
            return False
    return True


def holds(condition: Condition, context: Context, *, allows: bool) -> bool:
    """Tell whether *condition* is met by what is known of the request.

    Args:
        condition: Of a statement.
        context: Of the request.
        allows: Whether the statement is an Allow.
    """
    given = context.get(condition.name)
    if isinstance(given, Either):
        return not allows and any(
            holds(condition, {**context, condition.name: one}, allows=False) for one in given
        )
    if given is None or given == ():
        return condition.if_missing
    operator = condition.operator
    has_value = any(given)  # neither an empty text, nor a list of nothing but such
    if condition.if_present is not None:
        return condition.if_present if has_value else condition.if_missing
    if operator.quantifier and not has_value:
        return operator.quantifier == ALL
    texts = (given,) if isinstance(given, str) else given
    return _compares(condition, texts, context, allows=allows)


def _compares(
    condition: Condition, texts: tuple[str, ...], context: Context, *, allows: bool
) -> bool:
    """Tell whether the values of a request compare as the condition wants it."""
    if not allows and any(isinstance(context.get(each), Either) for each in condition.variables):
        return True
    operator, values = condition.operator, condition.values
    found = [_is_among(text, values, context) != operator.is_negated for text in texts]
    if len(found) > 1 and not operator.quantifier:
        return not allows and any(found)
    return all(found) if operator.quantifier == ALL else any(found)


def is_missing(condition: Condition, context: Context) -> bool:
    """Tell whether the request has not the key of *condition*."""
    return not context.get(condition.name) and context.get(condition.name) != ""


def _is_among(text: str, values: Values, context: Context) -> bool:
    """Tell whether a value of the request is what one of the policy's describes."""
    given = text if values.read is None else values.read(text)
    if given is None:
        return False
    if given in values.equal:
        return True
    for test in values.tests:  # noqa: SIM110 a generator costs more than what it says
        if test(given, context):
            return True
    return False
