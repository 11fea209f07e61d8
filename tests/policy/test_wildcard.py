"""Patterns with wildcards: what they match, and that none takes long."""

import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.policy import wildcard

PARTS = st.lists(
    st.tuples(st.text("ab*?", max_size=6), st.booleans()),  # literal ones hold wildcards as letters
    max_size=4,
)


def slowly(parts: list[tuple[str, bool]], text: str) -> bool:
    """Tell whether a pattern matches, by the definition of each character of it."""
    letters = [(letter, is_literal) for part, is_literal in parts for letter in part]

    @cache
    def rest(number: int, at: int) -> bool:
        if number == len(letters):
            return at == len(text)
        letter, is_literal = letters[number]
        if letter == "*" and not is_literal:
            return rest(number + 1, at) or (at < len(text) and rest(number, at + 1))
        is_any = letter == "?" and not is_literal
        return at < len(text) and (is_any or letter == text[at]) and rest(number + 1, at + 1)

    return rest(0, 0)


@given(PARTS, st.text("ab*?", max_size=10))
def test_matcher_agrees_with_the_definition(parts: list[tuple[str, bool]], text: str) -> None:
    """Whatever the pattern, and whichever of its parts are literal."""
    assert slowly(parts, text) == wildcard.matches(wildcard.pattern(parts), text)


@given(PARTS, st.data())
def test_text_made_from_a_pattern_matches(
    parts: list[tuple[str, bool]], data: st.DataObject
) -> None:
    """Each asterisk becomes any text, each question mark any character."""
    made = ""
    for part, is_literal in parts:
        for letter in part:
            if is_literal or letter not in "*?":
                made += letter
            else:
                shortest, longest = (0, 3) if letter == "*" else (1, 1)
                made += data.draw(st.text("ab*", min_size=shortest, max_size=longest))
    assert wildcard.matches(wildcard.pattern(parts), made)


@pytest.mark.parametrize(
    "pattern",
    [
        "*a" * 255 + "*b",
        "*?a?a" * 100 + "?b*",
        "*" + "?a" * 200 + "?b*",
        "*" + "a" * 250 + "b*",
        "*" * 512,
        "?*" * 256 + "b",
        "*a" * 10_000,
    ],
    ids=["letters", "pieces", "marks", "piece", "asterisks", "pairs", "long"],
)
def test_wildcard_bomb_takes_under_a_millisecond(pattern: str) -> None:
    """Against 512 characters that nearly match; the best of several, as machines are shared."""
    compiled, text = wildcard.pattern([(pattern, False)]), "a" * 512
    times = []
    for _ in range(20):
        started = time.perf_counter()
        wildcard.matches(compiled, text)
        times.append(time.perf_counter() - started)
    assert min(times) < 0.001
