"""Random passwords and the draws under them."""

import os
import string
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.domain.chance import below
from secretctl.domain.password import random_password
from secretctl.errors import ServiceError

CLASSES = {
    "exclude_lowercase": string.ascii_lowercase,
    "exclude_uppercase": string.ascii_uppercase,
    "exclude_numbers": string.digits,
    "exclude_punctuation": string.punctuation,
}


def counting() -> Callable[[int], bytes]:
    """Return a random source that gives every byte in turn."""
    state = [-1]

    def draw(size: int) -> bytes:
        state[0] += 1
        return (state[0] % (1 << 8 * size)).to_bytes(size, "big")

    return draw


@given(
    length=st.integers(4, 60),
    switches=st.dictionaries(st.sampled_from(sorted(CLASSES)), st.booleans()),
    excluded=st.text(string.printable, max_size=20),
    space=st.booleans(),
    required=st.booleans(),
)
def test_password_is_of_the_pool_the_length_and_every_type(
    *, length: int, switches: dict[str, bool], excluded: str, space: bool, required: bool
) -> None:
    """Or it is refused because a required type or the whole pool is empty."""
    types = [
        set(characters) - set(excluded)
        for switch, characters in CLASSES.items()
        if not switches.get(switch, False)
    ]
    pool = set().union(*types) | ({" "} - set(excluded) if space else set())
    try:
        password = random_password(
            os.urandom,
            length=length,
            exclude_characters=excluded,
            include_space=space,
            require_each_included_type=required,
            **switches,
        )
    except ServiceError:
        assert not pool or (required and not all(types))
        return
    assert len(password) == length
    assert set(password) <= pool
    assert not required or all(characters & set(password) for characters in types)


def test_password_is_thirty_two_characters_of_four_types_by_default() -> None:
    """No space, all types."""
    password = random_password(os.urandom)
    assert len(password) == 32
    assert " " not in password
    assert all(set(characters) & set(password) for characters in CLASSES.values())


def test_space_is_allowed_but_never_required() -> None:
    """A password as short as its types has no room for one; a longer one sometimes has one."""
    assert " " not in random_password(os.urandom, length=4, include_space=True)
    assert " " in "".join(
        random_password(os.urandom, length=100, include_space=True) for _ in range(60)
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 3}, "Password length is too short based on the required types."),
        (
            {"exclude_characters": string.digits},
            "All characters of the desired type have been excluded",
        ),
        (
            dict.fromkeys(CLASSES, True),
            "All characters have been excluded from selection",
        ),
        (
            {"exclude_characters": string.printable, "require_each_included_type": False},
            "All characters have been excluded from selection",
        ),
    ],
    ids=["short", "type", "pool", "pool-by-characters"],
)
def test_impossible_password_is_refused_in_awss_words(
    options: dict[str, object], message: str
) -> None:
    """As measured on AWS."""
    with pytest.raises(ServiceError) as caught:
        random_password(os.urandom, **options)  # type: ignore[arg-type]  # parameters of the case
    assert (caught.value.code, caught.value.message) == ("InvalidParameterException", message)


def test_characters_are_equally_likely_at_every_place() -> None:
    """A required character is as likely first as last, and no character is favoured."""
    made = [
        random_password(os.urandom, length=4, exclude_characters=string.ascii_letters[1:26])
        for _ in range(4000)
    ]
    places = Counter(password.index("a") for password in made)
    assert all(800 < places[place] < 1200 for place in range(4))
    digits = Counter(
        character for password in made for character in password if character in "0123456789"
    )
    assert all(280 < digits[digit] < 520 for digit in string.digits)


@pytest.mark.parametrize("bound", [1, 2, 10, 62, 94, 95, 255, 256, 257])
def test_draw_below_a_bound_has_no_bias(bound: int) -> None:
    """Fed every possible draw once, it gives every number equally often."""
    size = 1 if bound < 256 else 2
    whole = 256**size // bound
    draw = counting()
    counts = Counter(below(draw, bound) for _ in range(whole * bound))
    assert counts == dict.fromkeys(range(bound), whole)
