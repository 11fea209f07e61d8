"""One member of a JSON object changed in its text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl import json_text
from secretctl.delivery.json_members import with_member, without_member

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)
WRITTEN = st.tuples(
    st.sampled_from([None, 1, 4, "\t"]),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]),
    st.booleans(),
    st.sampled_from(["", "\n", " \r\n\t"]),
)


def written(value: object, form: tuple[int | str | None, tuple[str, str], bool, str]) -> str:
    """Return *value* as JSON in one of the ways in which people and programs write it."""
    indent, separators, is_ascii, around = form
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=is_ascii)
    return around + text + around


@given(OBJECTS, WRITTEN, TEXT, VALUES)
def test_only_the_member_changes(
    members: dict[str, object],
    form: tuple[int | str | None, tuple[str, str], bool, str],
    key: str,
    value: object,
) -> None:
    """Its value in its place, or itself as the last; taken out again, it leaves what was there."""
    text = written(members, form)
    changed = with_member(text, key, json.dumps(value))
    assert list(json.loads(changed).items()) == list({**members, key: value}.items())
    without = without_member(changed, key)
    assert list(json.loads(without).items()) == [each for each in members.items() if each[0] != key]
    if key not in members and members:
        assert without == text


@given(OBJECTS.filter(bool), WRITTEN, st.data())
def test_all_else_stays_to_the_byte(
    members: dict[str, object],
    form: tuple[int | str | None, tuple[str, str], bool, str],
    data: st.DataObject,
) -> None:
    """Blanks, escapes and the spelling of numbers are no business of another member's."""
    key = data.draw(st.sampled_from(list(members)))
    mark = '"\\u0000only here"'
    text = written({**members, key: "\0only here"}, (*form[:2], True, form[3]))
    original = text.replace(mark, "-1.50e+03")
    assert with_member(original, key, mark) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", '{"k":"v"}'),
        ('{"a":1}', '{"a":1,"k":"v"}'),
        ('{"a": 1}', '{"a": 1, "k": "v"}'),
        ('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "k": "v"\n}\n'),
        ('{"a":1e400, "b":[{"}":","}]}', '{"a":1e400, "b":[{"}":","}], "k":"v"}'),
    ],
)
def test_a_new_member_looks_like_the_others(text: str, expected: str) -> None:
    """It is divided from them as they are from one another."""
    assert with_member(text, "k", json_text.quoted("v")) == expected
