"""IAM's condition operators: what each compares, and how.

An operator without its ``Not`` and its affixes has a *reader*, which makes of a request's value
what is compared (None: it is no such thing, and nothing is equal to it), and a *test* for each
value of the policy. Where being equal is all, the values stand in a set instead.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Callable

from secretctl.policy import arns, variables, wildcard
from secretctl.policy.conditions import ALL, ANY
from secretctl.policy.variables import Part
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    from secretctl.policy.variables import Context

    Test = Callable[[Any, Context], bool]
    """Tells whether a value of a request, read, is what one of the policy's describes."""

    Read = Callable[[str], Any]

    Family = tuple[Read | None, Callable[[tuple[Part, ...], str], object]]
    """What reads a request's value, and what makes of a policy's a test or what is equal to it."""

IF_EXISTS = "IfExists"


class Operator(NamedTuple):
    """One operator, as a policy writes it."""

    family: str
    """``String``, ``Folded``, ``Like``, ``Arn``, ``Numeric``, ``Date``, ``Bool``, ``Binary``,
    ``Ip`` or ``Null``."""

    relation: str = ""
    """``<``, ``<=``, ``>`` or ``>=``; empty for all that are about being equal."""

    is_negated: bool = False
    quantifier: str = ""
    """``ForAllValues:``, ``ForAnyValue:`` or nothing."""

    if_exists: bool = False


class Values(NamedTuple):
    """The values of the policy for one key, ready to be compared."""

    read: Read | None
    """None where the text itself is compared."""

    equal: frozenset[object]
    tests: tuple[Test, ...]


_RELATIONS = {"Equals": "", "LessThan": "<", "LessThanEquals": "<="}
_RELATIONS |= {"GreaterThan": ">", "GreaterThanEquals": ">="}
_BARE = {
    "StringEquals": Operator("String"),
    "StringNotEquals": Operator("String", is_negated=True),
    "StringEqualsIgnoreCase": Operator("Folded"),
    "StringNotEqualsIgnoreCase": Operator("Folded", is_negated=True),
    "StringLike": Operator("Like"),
    "StringNotLike": Operator("Like", is_negated=True),
    "ArnEquals": Operator("Arn"),
    "ArnLike": Operator("Arn"),
    "ArnNotEquals": Operator("Arn", is_negated=True),
    "ArnNotLike": Operator("Arn", is_negated=True),
    **{f"Numeric{name}": Operator("Numeric", sign) for name, sign in _RELATIONS.items()},
    "NumericNotEquals": Operator("Numeric", is_negated=True),
    **{f"Date{name}": Operator("Date", sign) for name, sign in _RELATIONS.items()},
    "DateNotEquals": Operator("Date", is_negated=True),
    "Bool": Operator("Bool"),
    "BinaryEquals": Operator("Binary"),
    "IpAddress": Operator("Ip"),
    "NotIpAddress": Operator("Ip", is_negated=True),
}
NAMES = (*_BARE, "Null")
"""Every operator without affixes."""


def operator(name: str) -> Operator | None:
    """Return the operator of that name, with its affixes; None if there is none.

    ``Null`` takes no affix: it is itself about a key that is missing.
    """
    if name == "Null":
        return Operator("Null")
    quantifier = next((each for each in (ALL, ANY) if name.startswith(each)), "")
    bare = name.removeprefix(quantifier)
    found = _BARE.get(bare.removesuffix(IF_EXISTS))
    if found is None:
        return None
    return found._replace(quantifier=quantifier, if_exists=bare.endswith(IF_EXISTS))


def values(operator: Operator, texts: list[str], *, has_variables: bool) -> Values:
    """Return the values *texts* of a policy, ready to be compared.

    Raises:
        ValueError: One is malformed; with its number in the list, and what it is not.
    """
    read, ready = _family(operator.family)
    are_read = has_variables and operator.family in WITH_VARIABLES
    equal: set[object] = set()
    tests: list[Test] = []
    for number, text in enumerate(texts):
        try:
            found = ready(variables.parts(text, are_read=are_read), operator.relation)
        except ValueError as error:
            raise ValueError(number, str(error)) from None
        if callable(found):
            tests.append(found)
        else:
            equal.add(found)
    return Values(read, frozenset(equal), tuple(tests))


def _family(name: str) -> Family:
    """Return how a family reads a request's value, and how it makes ready that of a policy."""
    if name in _OF_TEXT:
        return _OF_TEXT[name]
    from secretctl.policy import quantity_operators  # few policies have any

    return quantity_operators.FAMILIES[name]


def variables_in(operator: Operator, texts: list[str]) -> tuple[str, ...]:
    """Return the keys of the variables in *texts* that have no default.

    Args:
        operator: What compares them.
        texts: Values for which `values` raised nothing.
    """
    if operator.family not in WITH_VARIABLES:
        return ()
    templates = [variables.parts(text, are_read=True) for text in texts if "${" in text]
    return tuple([key for template in templates for key in variables.needed(template)])


def _string(template: tuple[Part, ...], _relation: str) -> object:
    if not variables.has_variable(template):
        return variables.text(template, {})
    return lambda given, context: given == variables.text(template, context)


def _folded(template: tuple[Part, ...], _relation: str) -> object:
    if not variables.has_variable(template):
        return (variables.text(template, {}) or "").lower()

    def test(given: str, context: Context) -> bool:
        found = variables.text(template, context)
        return found is not None and given == found.lower()

    return test


def _like(template: tuple[Part, ...], _relation: str) -> Test:
    fixed = None if variables.has_variable(template) else variables.pattern(template, {})

    def test(given: str, context: Context) -> bool:
        found = fixed or variables.pattern(template, context)
        return found is not None and wildcard.matches(found, given)

    return test


def _arn(template: tuple[Part, ...], _relation: str) -> Test:
    """Return the test for a pattern of an ARN, for ``*``, or for a variable that is a whole ARN."""
    if template == (Part("*"),):
        return lambda given, _: bool(given.segments)
    if len(template) == 1 and variables.has_variable(template):
        return lambda given, context: (
            bool(given.segments) and given.text == variables.text(template, context)
        )
    pattern = arns.in_condition(template)
    if pattern is None:
        return lambda _given, _context: False
    return lambda given, context: arns.among((pattern,), given, context) is True


WITH_VARIABLES = ("String", "Folded", "Like", "Arn")
_OF_TEXT: dict[str, Family] = {
    "String": (None, _string),
    "Folded": (str.lower, _folded),
    "Like": (None, _like),
    "Arn": (arns.arn, _arn),
}
