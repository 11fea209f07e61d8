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


@st.composite
def nearly(draw: st.DrawFn) -> tuple[list[tuple[str, bool]], str, bool]:
    """Return a pattern, a text made from it, and whether something was cut out of that."""
    parts = draw(PARTS)
    made = ""
    for part, is_literal in parts:
        for letter in part:
            if is_literal or letter not in "*?":
                made += letter
            else:
                shortest, longest = (0, 3) if letter == "*" else (1, 1)
                made += draw(st.text("ab*", min_size=shortest, max_size=longest))
    start = draw(st.integers(0, len(made)))
    end = draw(st.integers(start, min(start + 2, len(made))))
    return parts, made[:start] + made[end:], end > start


@given(nearly())
def test_text_made_from_a_pattern_matches(case: tuple[list[tuple[str, bool]], str, bool]) -> None:
    """An asterisk becomes any text, a question mark any letter; with a cut the definition says."""
    parts, text, is_cut = case
    found = wildcard.matches(wildcard.pattern(parts), text)
    assert found == slowly(parts, text)
    assert found or is_cut


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a?*", "a", False),
        ("a?*", "ab", True),
        ("ab*b", "ab", False),
        ("ab*b", "abb", True),
        ("*?a*", "a", False),
        ("*?a*", "ba", True),
        ("*a?*", "ba", False),
        ("*a?b*", "xacbx", True),
        ("*a?b*", "xaccbx", False),
        ("*a?b*a", "acba", True),
        ("*a?b*ba", "acba", False),
        ("*??*", "a", False),
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
    ],
)
def test_pieces_do_not_overlap(pattern: str, text: str, *, matches: bool) -> None:
    """Each character of the text is taken once."""
    assert wildcard.matches(wildcard.pattern([(pattern, False)]), text) == matches


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        ("a?b", "axb", "axc"),
        ("a?b*", "axbc", "axcb"),
        ("a?b*", "a?b", "a?"),
        ("?b*", "abc", "acb"),
        ("*b?a", "xbxa", "xbxb"),
        ("a??", "axx", "ax"),
        ("a*b?c*", "axbxcx", "axbxxc"),
    ],
)
def test_what_stands_behind_a_question_mark_is_compared(
    pattern: str, right: str, wrong: str
) -> None:
    """At either end and in between."""
    compiled = wildcard.pattern([(pattern, False)])
    assert wildcard.matches(compiled, right)
    assert not wildcard.matches(compiled, wrong)


@given(st.text("ab*?", max_size=6))
def test_the_quick_way_gives_the_same_pattern(text: str) -> None:
    """Of one text alone, wildcards or none."""
    assert wildcard.of_text(text) == wildcard.pattern([(text, False)])


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
