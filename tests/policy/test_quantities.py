"""Numbers and times: what is read, in which order it is, and that no length is too much."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.policy import grammar, quantities
from secretctl.policy.reading import MAX_CHARACTERS
from tests.policy.cases import document, meets, statement

SIGNS = st.sampled_from(["", "+", "-"])
DIGITS = st.text("019", min_size=1, max_size=4)
NUMBERS = st.builds(
    "{}{}{}{}".format,
    SIGNS,
    DIGITS,
    st.just("") | DIGITS.map(".{}".format),
    st.just("") | st.builds("{}{}{}".format, st.sampled_from("eE"), SIGNS, st.integers(0, 5)),
)


@given(NUMBERS, NUMBERS)
def test_numbers_have_their_order(one: str, other: str) -> None:
    """However they are written: with zeros, a point, a power of ten."""
    read, other_read = quantities.number(one), quantities.number(other)
    assert read is not None
    assert other_read is not None
    assert (read < other_read) == (Fraction(one) < Fraction(other))
    assert (read == other_read) == (Fraction(one) == Fraction(other))


@pytest.mark.parametrize("length", [41, 65, 4301, MAX_CHARACTERS])
def test_number_of_any_length_is_read(length: int) -> None:
    """Exactly, to its last digit: Python makes no integer of more than 4,300."""
    many, fewer = "9" * length, "9" * (length - 1) + "8"
    for small, large in ((fewer, many), ("-" + many, "-" + fewer), (f"0.{fewer}", f"0.{many}")):
        read_small, read_large = quantities.number(small), quantities.number(large)
        assert read_small is not None
        assert read_large is not None
        assert read_small < read_large
    assert meets("NumericEquals", "7", {"k": "0" * length + "7." + "0" * length})
    assert meets("NumericGreaterThan", "7", {"k": many})


def test_long_number_in_a_policy_is_well_formed() -> None:
    """As long as the document may be."""
    condition = {"NumericLessThan": {"k": "9" * (MAX_CHARACTERS - 200)}}
    policy, faults = grammar.read(document(statement(Condition=condition)), "identity")
    assert policy is not None, faults
    assert meets("NumericLessThan", "9" * 5000, {"k": "9" * 4999})


@pytest.mark.parametrize(
    ("small", "large"), [("9e-999999", "1e-9"), ("1e9", "1e999999999"), ("-1e999999999", "-1e9")]
)
def test_power_of_any_size_is_cheap(small: str, large: str) -> None:
    """Nobody writes out its zeros."""
    assert meets("NumericLessThan", large, {"k": small})
    assert not meets("NumericLessThan", small, {"k": large})


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "+-1", "-+1", "--1", ".5", "5.", "1..1", "1.-1", "1_0", " 1", "1 ", "1\n"),
        *("e1", "1e", "1e+", "1e--1", "1e1.5", "0x1", "nan", "Infinity", "\uff11"),
        *("1e" + "1" * 19, "1e" + "1" * 5000, "1" * 5000 + "x"),
    ],
    ids=lambda text: repr(text[:9]),
)
def test_what_is_no_number_is_not_read(text: str) -> None:
    """Nothing is guessed, and nothing raised."""
    assert quantities.number(text) is None
    assert quantities.moment(text) is None


def test_network_of_any_length_is_refused_quietly() -> None:
    """A prefix of thousands of digits is none."""
    assert quantities.network("10.0.0.0/" + "0" * 5000 + "8") is None
