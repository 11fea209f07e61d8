"""Patterns: a part of Python's, with its meaning, and without its worst cases."""

import contextlib
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from secretctl.delivery.pattern import LARGEST
from secretctl.delivery.pattern_match import LONGEST, Automaton, compiled, matches

SINGLE = st.sampled_from(["a", "b", "-", "]", "}", ",", "é", "_", "1", "/", ":", " "])
ESCAPED = st.sampled_from([*"dwsDWSnrt", *".\\*+?{}()[]|^$-/"]).map(lambda letter: "\\" + letter)
MEMBER = st.one_of(
    st.sampled_from(["a", "b", "1", ".", "é", "*", "a-c", "0-5", "\\--a", "\\n"]), ESCAPED
)
SET = st.builds(
    lambda mark, members: f"[{mark}{''.join(members)}]",
    st.sampled_from(["", "^"]),
    st.lists(MEMBER, min_size=1, max_size=4),
)
COUNT = st.sampled_from(["*", "+", "?", "{2}", "{0}", "{1,}", "{,2}", "{1,3}", "{0,0}"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.builds("({}{})".format, st.sampled_from(["", "?:"]), inner)
    return st.one_of(
        st.lists(inner, max_size=4).map("".join),
        st.builds("({}|{})".format, inner, inner),
        st.builds("{}{}".format, group, COUNT),
    )


PATTERNS = st.recursive(
    st.one_of(SINGLE, ESCAPED, SET, st.just("."), st.just("()")), _grown, max_leaves=8
)
TEXTS = st.text(alphabet="ab1-]},é_/: \n\t\rcZ\\.*", max_size=12)


@given(PATTERNS, TEXTS)
@example("(a|b|)*", "")
@example("[^a]", "\n")
@example("(?:a?){3}a{3}", "aaa")
def test_patterns_mean_what_they_mean_in_python(pattern: str, text: str) -> None:
    """Whatever is accepted matches what re.fullmatch does."""
    assert matches(compiled(pattern), text) == bool(re.fullmatch(pattern, text, re.ASCII))


@given(PATTERNS, st.data())
def test_texts_made_of_a_pattern_match(pattern: str, data: st.DataObject) -> None:
    """The other way round: few texts of chance match."""
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    assert matches(compiled(pattern), text)


@given(st.text(alphabet="ab[]()|*+?{},1\\^$-.dn:=!", max_size=10))
def test_anything_else_is_refused(text: str) -> None:
    """What is accepted has Python's meaning, however odd it looks."""
    with contextlib.suppress(ValueError):
        _compare(compiled(text), text)


def _compare(automaton: Automaton, text: str) -> None:
    for sample in ("", "a", "ab", "-", "1d", "\n"):
        try:
            expected = re.fullmatch(text, sample, re.ASCII)
        except re.error:
            raise AssertionError(f"what Python refuses is accepted: {text}") from None
        assert matches(automaton, sample) == bool(expected)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("^a", "leave out '^' and '$' (character 1)"),
        ("a$", "leave out '^' and '$' (character 2)"),
        ("(?=a)", "only (?:...) is known"),
        ("(?i)a", "only (?:...) is known"),
        (r"(a)\1", "unknown escape"),
        (r"a\b", "unknown escape"),
        ("a\\", "unknown escape"),
        ("a*?", "one quantity is enough"),
        ("a**", "one quantity is enough"),
        ("*a", "nothing to repeat"),
        ("a{", "a count is written"),
        ("a{}", "a count is written"),
        ("a{,}", "a count is written"),
        ("a{3,2}", "smaller end first"),
        ("[z-a]", "smaller end first"),
        (r"[\d-z]", "smaller end first"),
        ("[]", "a set is empty"),
        ("[a", "a set is not closed"),
        ("(a", "a group is not closed"),
        ("a)", "')' without '('"),
        ("a{1001}", "a count is at most 1000"),
        ("a{99999999999999999999}", "a count is at most 1000"),
        ("(a{100}){11}", "more than 1000 characters"),
        ("((((){1000}){1000}){1000}){1000}", "more than 1000 characters"),
        ("(" * 21 + ")" * 21, "nested too deeply"),
        ("(" * 100_000, "nested too deeply"),
    ],
)
def test_refusals_say_why(pattern: str, said: str) -> None:
    """The reason, and where it stands."""
    with pytest.raises(ValueError, match=re.escape(said)):
        compiled(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["(a*)*b", "(a|aa)+b", "(a|a)*b", "(a?){499}(a*){499}b", "((a?){30}){30}b", "(.*a){9}.{900}b"],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    """What takes re longer than a life is a matter of a moment, at the greatest length."""
    begun = time.process_time()
    assert not matches(compiled(pattern), "a" * LONGEST)
    assert time.process_time() - begun < 5


def test_length_is_bounded() -> None:
    """A longer text matches nothing."""
    everything = compiled("a*")
    assert matches(everything, "a" * LONGEST)
    assert not matches(everything, "a" * (LONGEST + 1))
    assert matches(compiled(f"a{{{LARGEST}}}"), "a" * LARGEST)
