"""Filters and order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.domain import listing
from secretctl.domain.secret import Secret
from secretctl.errors import ServiceError
from secretctl.model.types import SORT_BY

PLAIN = Secret(region="r", name="n", suffix="abcdef", number=1, created_ms=0, changed_ms=0)


def named(name: str) -> Secret:
    """Return a secret of that name."""
    return PLAIN._replace(name=name)


def described(description: str) -> Secret:
    """Return a secret with that description."""
    return PLAIN._replace(description=description)


def passes(secret: Secret, key: str, *values: str) -> bool:
    """Tell whether one filter lets the secret pass."""
    return listing.compile_filters([{"Key": key, "Values": list(values)}])(secret)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DatabaseSecret", "Data", True),
        ("databaseSecret", "Data", False),
        ("MyData", "Data", False),
        ("/prod/x", "/", True),
        ("prod/x", "/", False),
        ("testing1", "testing1 one", False),
        ("prod/x", "!/", True),
        ("/prod/x", "!/", False),
    ],
)
def test_name_filter_is_a_case_sensitive_prefix(name: str, value: str, *, expected: bool) -> None:
    """Of the whole name; an exclamation mark turns it round."""
    assert expected == passes(named(name), "name", value)


@pytest.mark.parametrize(
    ("description", "value", "expected"),
    [
        ("asecret", "a", True),
        ("thesecret", "a", False),
        ("an secret", "a secret", True),
        ("asecret", "a secret", False),
        ("one two", "o t", True),
        ("two and one", "One TWO", True),
        ("MyTest", "test", True),
        ("COMPANYthings", "compan", True),
        ("COMPANYthings", "ythings", True),
        ("COMPANYthings", "pany", False),
        ("COMPANYthings", "N", False),
        ("secret", "ret", False),
        ("one+two", "+", False),
        ("one+two", "two", True),
        ("prod-AppBeta/x", "beta", False),
        ("prod-AppBeta/x", "prod", True),
        ("prod-AppBeta", "beta", True),
        ("other", "!a", True),
        ("an other", "!a", False),
    ],
)
def test_description_filter_matches_beginnings_of_words(
    description: str, value: str, *, expected: bool
) -> None:
    """Each word of the value begins some word, capitals or not."""
    assert expected == passes(described(description), "description", value)


def test_all_filter_looks_into_every_attribute() -> None:
    """Words may be found in different attributes; values of tags count."""
    secret = PLAIN._replace(
        name="prodDatabase",
        description="the main one",
        tags=(("Team", "payments"),),
        primary_region="eu-west-1",
        owning_service="rds",
    )
    for value in ("database", "MAIN", "team", "pay", "rds", "eu", "data pay main", "!missing"):
        assert passes(secret, "all", value), value
    for value in ("base", "data missing", "!pay", ""):
        assert not passes(secret, "all", value), value


@pytest.mark.parametrize("key", ["tag-key", "tag-value", "primary-region", "owning-service"])
def test_other_filters_are_case_sensitive_prefixes(key: str) -> None:
    """Any tag may match; no tag may match a negated value; without attribute nothing matches."""
    secret = PLAIN._replace(
        tags=(("Other", "Other"), ("Team", "Team")), primary_region="Team", owning_service="Team"
    )
    assert passes(secret, key, "Te")
    assert not passes(secret, key, "te")
    assert not passes(secret, key, "!Te")
    assert passes(secret, key, "!te")
    assert not passes(PLAIN, key, "T")
    assert passes(PLAIN, key, "!T")


def test_values_are_or_and_filters_are_and() -> None:
    """Also for two filters with one key."""
    secret = PLAIN._replace(name="alpha", description="one two")
    assert passes(secret, "name", "x", "al")
    one = {"Key": "description", "Values": ["one"]}
    two = {"Key": "description", "Values": ["two"]}
    three = {"Key": "description", "Values": ["three"]}
    assert listing.compile_filters([one, two])(secret)
    assert not listing.compile_filters([one, three])(secret)
    assert listing.compile_filters([])(secret)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"Values": ["x"]}, "Invalid filter key"),
        ({"Key": "bogus", "Values": ["x"]}, "Invalid filter key"),
        ({"Key": "description"}, "Invalid filter values for key: description"),
        ({"Key": "name", "Values": []}, "Invalid filter values for key: name"),
    ],
)
def test_filter_without_key_or_values_is_refused(broken: dict[str, object], message: str) -> None:
    """With AWS's sentences, before any secret is looked at."""
    with pytest.raises(ServiceError) as caught:
        listing.compile_filters([broken])
    assert (caught.value.code, caught.value.message) == ("InvalidParameterException", message)


TEXTS = st.text("aAbB/-+ !", max_size=8)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
def test_name_filter_is_a_disjunction_of_prefixes(name: str, values: list[str]) -> None:
    """The rule in one line: some value is a prefix, or a negated one is not."""
    expected = any(
        not name.startswith(value[1:]) if value.startswith("!") else name.startswith(value)
        for value in values
    )
    assert expected == passes(named(name), "name", *values)


@given(TEXTS)
def test_negated_value_is_the_opposite_of_the_value(value: str) -> None:
    """For words as for prefixes."""
    plain = value.removeprefix("!").removeprefix("!")
    for key in ("name", "description", "all"):
        secret = PLAIN._replace(name="aB", description="a-b Ab")
        if not plain.startswith("!"):
            assert passes(secret, key, plain) != passes(secret, key, "!" + plain)


@given(st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=1, max_size=5))
def test_words_find_their_own_text_however_separated(pieces: list[str]) -> None:
    """Spaces, any one separator and capitals all cut; beginnings match in any order."""
    query = " ".join(piece[:2] for piece in reversed(pieces))
    for separator in " /-_+=.@":
        assert passes(described(separator.join(pieces)), "description", query)
    camel = "".join(piece.capitalize() + "x" for piece in pieces)
    assert passes(described(camel), "description", query)


def test_sorting_orders_by_the_key_and_breaks_ties_by_creation() -> None:
    """Each of AWS's four keys, and created-date for none."""
    one = PLAIN._replace(number=1, name="b", created_ms=5, changed_ms=9, accessed_day=None)
    two = PLAIN._replace(number=2, name="C", created_ms=5, changed_ms=7, accessed_day=4)
    three = PLAIN._replace(number=3, name="a", created_ms=6, changed_ms=7, accessed_day=4)
    expected = {
        "created-date": [one, two, three],
        "": [one, two, three],
        "last-accessed-date": [one, two, three],
        "last-changed-date": [two, three, one],
        "name": [two, three, one],
    }
    for key, order in expected.items():
        assert order == sorted([three, two, one], key=listing.sort_key(key)), key
    assert set(SORT_BY.enum) == set(expected) - {""}
