"""Conditions: each operator, keys that are missing, keys of several values."""

import pytest

from secretctl.policy import operators
from tests.policy.cases import decision, denies, meets, statement

ARN = "arn:aws:iam::123456789012:role/app"
HELD = {
    "StringEquals": ("a", "a", "A"),
    "StringNotEquals": ("a", "A", "a"),
    "StringEqualsIgnoreCase": ("aB", "Ab", "b"),
    "StringNotEqualsIgnoreCase": ("aB", "b", "Ab"),
    "StringLike": ("a*c?", "abbc1", "abbc"),
    "StringNotLike": ("a*c?", "abbc", "abbc1"),
    "NumericEquals": ("1.50", "1.5", "1.51"),
    "NumericNotEquals": ("1.50", "-1.5", "1.500"),
    "NumericLessThan": ("10", "9.99", "10"),
    "NumericLessThanEquals": ("10", "1e1", "10.1"),
    "NumericGreaterThan": ("-1", "0", "-1"),
    "NumericGreaterThanEquals": ("-1", "-1.0", "-2"),
    "DateEquals": ("2024-02-29T12:00:00Z", "2024-02-29T13:00:00+01:00", "2024-02-29T12:00:01Z"),
    "DateNotEquals": ("1709208000", "1709208001", "2024-02-29T12:00:00Z"),
    "DateLessThan": ("2024-02-29", "2024-02-28T23:59:59.999Z", "2024-02-29T00:00Z"),
    "DateLessThanEquals": ("2024-02-29", "2024-02-28T19:00:00-05:00", "2024-02-29T00:00:01Z"),
    "DateGreaterThan": ("1970-01-01T00:00:00Z", "0.001", "0"),
    "DateGreaterThanEquals": ("1970-01-01T00:00:00Z", "0", "-1"),
    "Bool": ("true", "True", "false"),
    "BinaryEquals": ("QUJD", "QUJD", "QUJE"),
    "IpAddress": ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
    "NotIpAddress": ("2001:db8::/32", "2001:db9::1", "2001:db8::1"),
    "ArnEquals": ("arn:aws:iam::*:role/a?p", ARN, "arn:aws:iam::1:user/app"),
    "ArnLike": ("arn:aws:iam::123456789012:role/*", ARN, "arn:aws:iam::1:role/app"),
    "ArnNotEquals": ("arn:aws:iam::*:user/*", ARN, "arn:aws:iam::1:user/app"),
    "ArnNotLike": ("arn:aws:iam::*:user/*", ARN, "arn:aws:iam::1:user/app"),
}
"""Value of the policy, value of a request with which it holds, and one with which it does not."""

NEGATED = {name for name in HELD if "Not" in name}


def test_every_operator_is_tested() -> None:
    """Null apart, which is about a missing key alone."""
    assert set(operators.NAMES) == {*HELD, "Null"}


@pytest.mark.parametrize("operator", HELD)
@pytest.mark.parametrize(
    "affixes", ["{}", "{}IfExists", "ForAnyValue:{}", "ForAllValues:{}IfExists"]
)
def test_operator_compares(operator: str, affixes: str) -> None:
    """What its name says, whatever stands before or behind it."""
    value, right, wrong = HELD[operator]
    name = affixes.format(operator)
    assert meets(name, value, {"k": right})
    assert meets(name, [value], {"K": (right,)})
    assert not meets(name, value, {"k": wrong})


@pytest.mark.parametrize("operator", HELD)
def test_missing_key_is_decided_by_the_operator(operator: str) -> None:
    """A positive one fails, a negated one holds, and affixes say otherwise."""
    value = HELD[operator][0]
    for context in ({}, {"k": ()}, {"other": "x"}):
        assert meets(operator, value, context) == (operator in NEGATED)
        assert meets(f"{operator}IfExists", value, context)
        assert meets(f"ForAllValues:{operator}", value, context)
        assert not meets(f"ForAnyValue:{operator}", value, context)
        assert meets(f"ForAnyValue:{operator}IfExists", value, context)


@pytest.mark.parametrize(
    ("value", "missing", "present"),
    [
        ("true", True, False),
        ("false", False, True),
        (True, True, False),
        (["true", "false"], True, True),
    ],
)
def test_null_is_about_a_missing_key(*, value: object, missing: bool, present: bool) -> None:
    """True: it must be missing, or have nothing but empty values."""
    for nothing in ({}, {"k": ()}, {"k": ""}, {"k": ("",)}, {"k": ("", "")}):
        assert meets("Null", value, nothing) == missing
    for something in ("a", ("a", "b"), ("", "a")):
        assert meets("Null", value, {"k": something}) == present


@pytest.mark.parametrize("operator", HELD)
@pytest.mark.parametrize("nothing", ["", ("",), ("", "")])
def test_empty_values_are_none_to_a_quantifier(
    operator: str, nothing: str | tuple[str, ...]
) -> None:
    """All of none are listed, and not any; the key is there all the same."""
    value = HELD[operator][0]
    for end in ("", "IfExists"):
        assert meets(f"ForAllValues:{operator}{end}", value, {"k": nothing})
        assert not meets(f"ForAnyValue:{operator}{end}", value, {"k": nothing})


def test_empty_value_is_compared_without_a_quantifier() -> None:
    """As a text like any other."""
    assert meets("StringEquals", "", {"k": ""})
    assert meets("StringNotEqualsIfExists", "a", {"k": ""})
    assert not meets("StringEqualsIfExists", "a", {"k": ""})
    assert meets("ForAnyValue:StringEquals", ["", "a"], {"k": ("", "a")})


@pytest.mark.parametrize(
    ("operator", "given", "holds"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "c"), False),
        ("ForAnyValue:StringEquals", ("a", "c"), True),
        ("ForAnyValue:StringEquals", ("c", "d"), False),
        ("ForAllValues:StringNotEquals", ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ("a", "c"), False),
        ("ForAnyValue:StringNotEquals", ("a", "c"), True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
    ],
)
def test_keys_of_several_values(operator: str, given: tuple[str, ...], *, holds: bool) -> None:
    """All or any of the request's values; each is compared with all of the policy's."""
    assert meets(operator, ["a", "b"], {"k": given}) == holds
    assert denies(operator, ["a", "b"], {"k": given}) == holds


@pytest.mark.parametrize(
    ("operator", "given", "denied"),
    [
        ("StringEquals", ("a", "b"), True),
        ("StringEquals", ("a", "c"), True),
        ("StringEquals", ("c", "d"), False),
        ("StringEqualsIfExists", ("c", "a"), True),
        ("StringNotEquals", ("a", "b"), False),
        ("StringNotEquals", ("a", "c"), True),
        ("StringNotEquals", ("c", "d"), True),
        ("StringNotLikeIfExists", ("c", "a"), True),
    ],
)
def test_several_values_without_a_quantifier_allow_nothing(
    operator: str, given: tuple[str, ...], *, denied: bool
) -> None:
    """No Allow rests on such a condition, and a Deny applies if any value meets it."""
    assert not meets(operator, ["a", "b"], {"k": given})
    assert denies(operator, ["a", "b"], {"k": given}) == denied


def test_list_of_one_value_is_that_value() -> None:
    """It needs no quantifier."""
    assert meets("StringEquals", "a", {"k": ("a",)})
    assert meets("StringNotEquals", "a", {"k": ("b",)})
    assert denies("StringEquals", "a", {"k": ("a",)})
    assert not denies("StringNotEquals", "a", {"k": ("a",)})


def test_values_are_alternatives_and_keys_and_operators_are_not() -> None:
    """Of the values one is enough; negated, none may be; every key and operator must hold."""
    assert meets("StringEquals", ["a", "b"], {"k": "b"})
    assert not meets("StringNotEquals", ["a", "b"], {"k": "b"})
    both = statement(Condition={"StringEquals": {"a": "1", "b": "2"}, "NumericLessThan": {"c": 3}})
    right = {"a": "1", "b": "2", "c": "2"}
    assert decision(both, context=right) == "Allowed"
    for key in right:
        assert decision(both, context={**right, key: "9"}) == "ImplicitlyDenied"


@pytest.mark.parametrize(
    ("operator", "value", "given"),
    [
        ("Bool", True, "true"),
        ("StringEquals", True, "true"),
        ("StringEquals", 3, "3"),
        ("NumericEquals", 3, "3.0"),
        ("NumericLessThan", 0.5, "0.25"),
        ("DateGreaterThan", 0, "2024-01-01"),
    ],
)
def test_booleans_and_numbers_need_no_quotes(operator: str, value: object, given: str) -> None:
    """They are what they would be in quotes."""
    assert meets(operator, value, {"k": given})


@pytest.mark.parametrize(
    ("operator", "value", "given"),
    [
        ("NumericEquals", "1", "one"),
        ("NumericLessThan", "1", ""),
        ("NumericEquals", "1", "nan"),
        ("DateLessThan", "2024-01-01", "2023-13-01"),
        ("DateLessThan", "2024-01-01", "yesterday"),
        ("Bool", "true", "1"),
        ("BinaryEquals", "QUJD", "QUJ"),
        ("IpAddress", "0.0.0.0/0", "10.0.0.256"),
        ("IpAddress", "0.0.0.0/0", "::1"),
        ("IpAddress", "10.1.2.3", "10.1.2.4"),
        ("ArnLike", "*", "prod/db"),
        ("ArnLike", "arn:*", ARN),
        ("ArnLike", "arn:aws:iam:*:role/app", ARN),
        ("StringEquals", "a*", "ab"),
    ],
)
def test_value_that_cannot_be_compared_is_not_equal(operator: str, value: str, given: str) -> None:
    """A value of another kind meets no condition; wildcards stand in their places only."""
    assert not meets(operator, value, {"k": given})


def test_addresses_without_a_length_are_one_address() -> None:
    """A bare address is a /32, or a /128."""
    assert meets("IpAddress", ["10.1.2.3", "::1"], {"k": "10.1.2.3"})
    assert meets("IpAddress", ["10.1.2.3", "::1"], {"k": "0:0::1"})
    assert meets("IpAddress", "10.1.2.3/8", {"k": "10.9.9.9"})


def test_asterisk_is_any_arn() -> None:
    """In an ARN operator, alone."""
    assert meets("ArnLike", "*", {"k": ARN})


def test_names_of_keys_are_in_any_spelling() -> None:
    """In the policy, in the request and in variables."""
    assert meets("StringEquals", "x", {"AWS:principalTAG/Team": "x"}, key="aws:PrincipalTag/team")


def test_large_numbers_are_exact() -> None:
    """No rounding makes two numbers equal."""
    assert not meets("NumericEquals", "12345678901234567890", {"k": "12345678901234567891"})
    assert meets("NumericLessThan", "0.30000000000000001", {"k": "0.3"})


TWICE = {"t/team": "dev", "t/Team": "ops"}
OPERATORS = [
    *("StringEquals", "StringLike", "StringNotEquals", "StringEqualsIfExists"),
    *("ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAnyValue:StringNotLike"),
]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("value", ["dev", "ops", ["dev", "ops"], "x"])
def test_a_key_in_two_spellings_is_as_bad_as_either(operator: str, value: object) -> None:
    """An Allow gives nothing, whatever the operator; a Deny applies if it would with either."""
    condition = {operator: {"T/TEAM": value}}
    denial = statement(Effect="Deny", Condition=condition)
    assert decision(statement(Condition=condition), context=TWICE) == "ImplicitlyDenied"
    alone = [decision(statement(), denial, context={"t/team": one}) for one in TWICE.values()]
    denied = decision(statement(), denial, context=TWICE) == "ExplicitlyDenied"
    assert denied == ("ExplicitlyDenied" in alone)


def test_an_empty_value_in_another_spelling_hides_nothing() -> None:
    """Nor does a value hide that the key is empty."""
    empty = {"t/team": "", "t/Team": "x"}
    for value in ("true", "false"):
        condition = {"Null": {"t/team": value}}
        assert decision(statement(Condition=condition), context=empty) == "ImplicitlyDenied"
        denial = statement(Effect="Deny", Condition=condition)
        assert decision(statement(), denial, context=empty) == "ExplicitlyDenied"


def test_a_denial_with_a_variable_of_two_spellings_applies() -> None:
    """What it stands for cannot be told; an Allow gives nothing."""
    condition = {"StringEquals": {"own": "${t/team}"}}
    context = {**TWICE, "own": "dev"}
    denial = statement(Effect="Deny", Condition=condition)
    assert decision(statement(), denial, context=TWICE) == "Allowed"
    assert decision(statement(), denial, context=context) == "ExplicitlyDenied"
    assert decision(statement(Condition=condition), context=context) == "ImplicitlyDenied"
