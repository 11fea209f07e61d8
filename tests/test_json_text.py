"""JSON is read and written as the standard library does, strictly."""

import ast
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secretctl import json_text

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)
FINITE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NEAR_JSON = st.text('{}[]":,.0123456789eE+-truefalsnNI \\u\x00\n', max_size=12)
DAMAGED = st.builds(
    lambda value, at, other: (text := json.dumps(value))[: at % len(text)] + other,
    FINITE,
    st.integers(0, 1000),
    st.text(max_size=2) | NEAR_JSON,
)
FRESH = """
import ast, sys
from secretctl import json_text

def outcome(text):
    try:
        return repr(json_text.read(text))
    except Exception as error:
        return "ValueError" if isinstance(error, ValueError) else type(error).__name__

for line in sys.stdin:
    for name in [name for name in sys.modules if name.split(".")[0] == "json"]:
        del sys.modules[name]
    print(ascii(outcome(ast.literal_eval(line))), flush=True)
"""


@pytest.fixture(scope="module")
def fresh() -> Iterator[Callable[[str], str]]:
    """Read texts in a process in which the json package never was imported."""
    with subprocess.Popen(
        [sys.executable, "-c", FRESH], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        asked, told = process.stdin, process.stdout
        assert asked is not None
        assert told is not None

        def outcome(text: str) -> str:
            asked.write(ascii(text) + "\n")
            asked.flush()
            return str(ast.literal_eval(told.readline()))

        yield outcome


@given(VALUES)
def test_writing_is_that_of_the_standard_library(value: object) -> None:
    """Compact, sorted and indented text are byte for byte what json.dumps gives."""
    assert json_text.compact(value) == json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    assert json_text.compact(value, by_name=True) == json.dumps(
        value, separators=(",", ":"), ensure_ascii=False, sort_keys=True
    )
    assert json_text.indented(value) == json.dumps(value, indent=4, ensure_ascii=False)


@given(FINITE, st.text(" \t\r\n"), st.text(" \t\r\n"))
def test_what_is_written_is_read(value: object, before: str, behind: str) -> None:
    """Any value comes back, whatever blanks stand around it."""
    assert json_text.read(before + json.dumps(value) + behind) == value


@given(st.text('{}[]":,.0123456789eE+-truefalsn \\u\n', max_size=12))
def test_what_is_no_json_is_refused(text: str) -> None:
    """The standard library's judgement on any text is also ours."""
    try:
        expected = json.loads(text, parse_constant=lambda _: pytest.fail("never NaN here"))
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 the kind is the promise, not the words
            json_text.read(text)
    else:
        assert json_text.read(text) == expected


def judgement(text: str) -> str:
    """Return what the standard library makes of *text*, where numbers must be numbers."""

    def refuse(_constant: str) -> object:
        raise ValueError

    try:
        return repr(json.loads(text.strip(" \t\r\n"), parse_constant=refuse))
    except ValueError:
        return "ValueError"


@example("{hello}")
@example('{"a" 1}')
@example('["\\x"]')
@example("[1,]")
@example('"')
@settings(deadline=None, max_examples=300)
@given(text=NEAR_JSON | DAMAGED)
def test_in_a_fresh_process_the_judgement_is_the_same(
    fresh: Callable[[str], str], text: str
) -> None:
    """Where nothing has imported the json package, malformed text is a ValueError all the same."""
    assert fresh(text) == judgement(text)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "1 2", "[] x", "", " "])
def test_what_only_looks_like_json_is_refused(text: str) -> None:
    """NaN, infinities, a second value and nothing at all are errors."""
    with pytest.raises(ValueError, match=r".*"):
        json_text.read(text)


def test_numbers_and_members_go_through_the_hooks() -> None:
    """A caller decides what numbers and objects become."""
    text = '{"a": 1, "a": 1.50, "b": [1e400]}'
    found = json_text.reader(pairs=list, whole=lambda digits: "w" + digits, real=str)(text)
    assert found == [("a", "w1"), ("a", "1.50"), ("b", ["1e400"])]


def test_without_the_scanner_in_c_all_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package of the standard library takes over."""
    monkeypatch.setattr(json_text, "make_scanner", None)
    read = json_text.reader()
    assert read(' {"a": [1, 2.5, null]} ') == {"a": [1, 2.5, None]}
    assert json_text.reader(whole=str)("[1]") == ["1"]
    for text in ("", "NaN", "[] []", "{"):
        with pytest.raises(ValueError, match=r".*"):
            read(text)


def test_numbers_no_json_has_are_written_as_the_standard_library_does() -> None:
    """A query can give them, and aws prints them so."""
    assert json_text.compact([math.nan, math.inf, -math.inf]) == "[NaN,Infinity,-Infinity]"


def test_what_json_cannot_hold_is_an_error_that_does_not_show_it() -> None:
    """The message names a type."""
    with pytest.raises(TypeError) as caught:
        json_text.compact([b"canary"])
    assert str(caught.value) == "no JSON for bytes"
