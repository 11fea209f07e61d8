"""Where in a text something stands; and that both readers of JSON agree on what JSON is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.policy import strict_json
from secretctl.policy.json_places import Places

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)
TEXTS = VALUES.map(json.dumps) | VALUES.map(lambda it: json.dumps(it, ensure_ascii=False, indent=1))
NEARLY = st.text('{}[]",:\\u0d8 1e.-+tnx\ud800\n', max_size=3)


def is_read(text: str) -> bool:
    """Tell whether a text is strict JSON."""
    try:
        strict_json.read(text)
    except ValueError:
        return False
    return True


def fault(text: str) -> tuple[str, int, int]:
    """Return message, line and column of what is wrong."""
    assert not is_read(text)
    found = Places(text).read()
    assert found is not None
    return (found[0], *found[1])


@given(TEXTS, st.integers(0, 60), NEARLY)
def test_both_readers_agree_on_every_text(text: str, at: int, put_in: str) -> None:
    """On JSON, and on JSON in which something is put in, left out or cut off."""
    for changed in (text, text[:at] + put_in + text[at:], text[:at] + text[at + 1 :], text[:at]):
        assert is_read(changed) == (Places(changed).read() is None)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        (" \n x", 2, 2),
        ("\ufeff{}", 1, 1),
        ('{"a": 1}\n{"b": 1}', 2, 1),
        ('{"a": 1} // c', 1, 10),
        ('{"Effect":"Deny",\n "Effect":"Allow"}', 2, 2),
        ('{"a":1,"\\u0061":2}', 1, 8),
        ('{"a": {"b": 1, "b": 2}}', 1, 16),
        ("[1,]", 1, 4),
        ("[1 2]", 1, 4),
        ("{a: 1}", 1, 2),
        ('{"a" 1}', 1, 6),
        ('{"a": NaN}', 1, 7),
        ("[-Infinity]", 1, 2),
        ("[1e999]", 1, 2),
        ("[1, " + "9" * 20 + "]", 1, 5),
        ("[1, " + "9" * 5000 + "]", 1, 5),
        ("[01]", 1, 2),
        ('["a\nb"]', 1, 4),
        ('["abc', 1, 2),
        ('["\\x"]', 1, 3),
        ('["\\ud800"]', 1, 3),
        ('["\\ud800\\u0041"]', 1, 3),
        ('["\udc80"]', 1, 3),
        ("[" * 65 + "]" * 65, 1, 65),
        ('{"a":' * 4000, 1, 321),
        ("[" * 100_000, 1, 65),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_what_is_not_strict_json_has_a_place(text: str, line: int, column: int) -> None:
    """The first character that does not belong there."""
    assert fault(text)[1:] == (line, column)


def test_messages_repeat_nothing_of_the_text() -> None:
    """Whatever the fault is."""
    for text in (
        "hunter2",
        '{"hunter2": 1, "hunter2": 2}',
        '["hunter2',
        "{hunter2: 1}",
        '"\\hunter2"',
    ):
        assert "hunter2" not in fault(text)[0]


def test_every_part_has_a_place() -> None:
    """Names and values, whatever blanks and escapes stand before them."""
    text = '{"a" :\n  [1, {"\\u0062/": "x\\ud83d\\ude00"} ]}'
    places = Places(text)
    assert places.read() is None
    assert places.of((), is_key=False) == (1, 1)
    assert places.of(("a",), is_key=True) == (1, 2)
    assert places.of(("a",), is_key=False) == (2, 3)
    assert places.of(("a", 1), is_key=False) == (2, 7)
    assert places.of(("a", 1, "b/"), is_key=True) == (2, 8)
    assert places.of(("a", 1, "b/"), is_key=False) == (2, 19)


@pytest.mark.parametrize("number", ["1" * 20, "-" + "9" * 5_000, "1e999"])
def test_a_number_that_is_too_large_is_called_so(number: str) -> None:
    """However many digits it has: it is one of JSON, and not kept as it is."""
    assert fault(f"[\n {number}]") == ("the number is too large", 2, 2)
