"""Tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.domain import tags
from secretctl.errors import ServiceError

PAIRS = st.dictionaries(st.sampled_from("abcdefgh"), st.text(max_size=3), max_size=8)


def wire(pairs: dict[str, str]) -> list[dict[str, str]]:
    """Spell tags as requests do."""
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


@given(st.none() | PAIRS, PAIRS)
def test_tag_updates_in_place_and_appends(old: dict[str, str] | None, new: dict[str, str]) -> None:
    """As a dictionary does, order and all; nothing given leaves None None."""
    existing = None if old is None else tuple(old.items())
    expected = tuple({**(old or {}), **new}.items()) if new or old is not None else None
    assert expected == tags.tag(existing, wire(new))


@given(PAIRS, st.lists(st.sampled_from("abcdefghxyz"), max_size=5))
def test_untag_removes_what_is_there(old: dict[str, str], keys: list[str]) -> None:
    """Unknown keys are no error; what remains keeps its order."""
    expected = tuple(pair for pair in old.items() if pair[0] not in keys)
    assert expected == tags.untag(tuple(old.items()), keys)


def test_untag_tells_the_last_removed_from_never_tagged() -> None:
    """An empty tuple after the last tag; None stays None."""
    assert tags.untag((("a", "1"),), ["a"]) == ()
    assert tags.untag(None, ["a"]) is None


@pytest.mark.parametrize(
    "given_tags",
    [
        [{"Key": "aws:x", "Value": "1"}],
        [{"Key": "AWS:x", "Value": "1"}],
        [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}],
        [{"Value": "1"}],
        [{"Key": "", "Value": "1"}],
    ],
    ids=["reserved", "reserved-capitals", "twice", "no-key", "empty-key"],
)
def test_tag_refuses_keys_that_cannot_be(given_tags: list[dict[str, str]]) -> None:
    """Reserved, repeated or missing keys are InvalidParameterException."""
    with pytest.raises(ServiceError) as caught:
        tags.tag((("k", "v"),), given_tags)
    assert caught.value.code == "InvalidParameterException"


def test_tag_without_value_is_empty() -> None:
    """A key alone is a tag."""
    assert tags.tag(None, [{"Key": "a"}]) == (("a", ""),)


def test_fifty_tags_are_the_limit() -> None:
    """Fifty pass, replacing one of fifty passes, a fifty-first is refused."""
    fifty = tuple((f"k{number}", "") for number in range(50))
    assert fifty == tags.tag(fifty[:25], wire(dict(fifty[25:])))
    replaced = tags.tag(fifty, wire({"k0": "new"}))
    assert replaced is not None
    assert replaced[0] == ("k0", "new")
    with pytest.raises(ServiceError):
        tags.tag(fifty, wire({"one-more": ""}))
