"""AWS's shorthand; expectations are what aws-cli 2.9.19 was seen to do."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.cli.shorthand import ShorthandError, parse


def no_file(_word: str) -> None:
    """Find no file."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", {"a": "b"}),
        ("a=", {"a": ""}),
        ("a=b,c=d", {"a": "b", "c": "d"}),
        ("a=b,c", {"a": ["b", "c"]}),
        ("a=b,c,d=e,f", {"a": ["b", "c"], "d": ["e", "f"]}),
        ("a=b,,c=d", {"a": "b", "c": "d"}),
        ("a = b , c = d ", {"a": "b", "c": "d"}),
        ("a=b=c", {"a": "b=c"}),
        ('a="x,y=z"', {"a": "x,y=z"}),
        (r"a='it\'s',b=c", {"a": "it's", "b": "c"}),
        (r"""a='C:\',b=c""", {"a": "C:\\", "b": "c"}),
        (r'a="\\\""', {"a": '\\"'}),
        (r"a=c\,d", {"a": "c,d"}),
        ("a=[]", {"a": []}),
        ('a=[b, "c,d" ,{e=f}]', {"a": ["b", "c,d", {"e": "f"}]}),
        ("a={b=c,d=[e]}", {"a": {"b": "c", "d": ["e"]}}),
        ("a.b-c_d/e:f#g=1", {"a.b-c_d/e:f#g": "1"}),
        ("a=é😀", {"a": "é😀"}),
    ],
)
def test_text_means_what_it_means_in_aws(text: str, expected: dict[str, object]) -> None:
    """Each form of the grammar."""
    assert parse(text, no_file) == expected


@pytest.mark.parametrize(
    ("text", "sentence", "index"),
    [
        ("", "Expected: '=', received: 'EOF'", 0),
        ("a", "Expected: '=', received: 'EOF'", 1),
        ("a=b,", "Expected: '<second>', received: '<none>'", 4),
        ("a=[b", "Expected: ',', received: 'EOF'", 4),
        ("a={b", "Expected: '=', received: 'EOF'", 4),
        ("a='b", "Expected: '<singled quoted>', received: '<none>'", 2),
        ('a=b,c="d', "Expected: '<double quoted>', received: '<none>'", 6),
        ("a=b]", "Expected: ',', received: ']'", 3),
        ("a!=b", "Expected: '=', received: 'another character'", 1),
    ],
)
def test_error_names_the_place_and_nothing_else(text: str, sentence: str, index: int) -> None:
    """No piece of the text is repeated but the grammar's own characters."""
    with pytest.raises(ShorthandError) as caught:
        parse(text, no_file)
    assert (caught.value.sentence, caught.value.index) == (sentence, index)


def test_key_twice_is_refused() -> None:
    """Most often a comma stands there for a blank."""
    for text in ("a=1,a=2", "a={b=1,b=2}"):
        with pytest.raises(ShorthandError, match="Second instance"):
            parse(text, no_file)


def test_value_behind_at_comes_from_its_file() -> None:
    """``key@=`` loads, ``key=`` does not."""
    files: dict[str, str | bytes] = {"file://f": "text", "fileb://f": b"\x00"}

    def load(word: str) -> str | bytes | None:
        return files.get(word)

    text = "a@=file://f,b=file://f,c@=[fileb://f,x],d={e@=file://f}"
    expected = {"a": "text", "b": "file://f", "c": [b"\x00", "x"], "d": {"e": "text"}}
    assert parse(text, load) == expected


def test_many_backslashes_take_no_time() -> None:
    """A quote that is never closed is found in one pass."""
    with pytest.raises(ShorthandError):
        parse("a='" + "\\" * 50_000, no_file)


KEYS = st.text("abcXYZ019-_.#/:", min_size=1, max_size=5)
WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


def quoted(word: str) -> str:
    """Write *word* so that it stands for itself."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def render(value: Any) -> str:
    """Write *value* as an item of shorthand."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[" + ",".join(map(render, value)) + "]"
    return "{" + ",".join(f"{key}={render(item)}" for key, item in value.items()) + "}"


ITEMS = st.recursive(
    # Aws undoes the escape of a quote before that of the backslash: before a quote or another
    # backslash, a backslash cannot be written down.
    WORDS.filter(lambda word: "\\" not in word),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(KEYS, ITEMS, min_size=1, max_size=4))
def test_what_is_written_is_read_back(value: dict[str, object]) -> None:
    """Any structure of strings survives."""
    text = ",".join(f"{key}={render(item)}" for key, item in value.items())
    assert parse(text, no_file) == value


@settings(max_examples=200, deadline=None)
@given(st.text("ab=,[]{}'\"\\@ \n!é", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but the error of the grammar is raised."""
    place = 0
    try:
        parse(text, no_file)
    except ShorthandError as error:
        place = error.index
    assert 0 <= place <= len(text)
