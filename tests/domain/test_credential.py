"""A session token tells when its session ends, and any other text tells nothing."""

from hypothesis import given
from hypothesis import strategies as st

from secretctl.domain.credential import has_ended, session_token
from secretctl.domain.principals import ACCESS_KEY, SESSION_KEY, is_key_id, new_id

TIMES = st.integers(min_value=0, max_value=1 << 48)


@given(ends_ms=TIMES, now_ms=TIMES, random=st.binary(max_size=88))
def test_a_token_has_ended_from_its_end_on(ends_ms: int, now_ms: int, random: bytes) -> None:
    """Whatever else is in it."""
    assert has_ended(session_token(ends_ms, random), now_ms) is (now_ms >= ends_ms)


@given(text=st.text(max_size=10), now_ms=TIMES)
def test_what_is_no_token_has_not_ended(text: str, now_ms: int) -> None:
    """It is too short to tell, or no base64 at all."""
    assert has_ended(text, now_ms) is False


@given(
    random=st.binary(min_size=17, max_size=17), prefix=st.sampled_from([ACCESS_KEY, SESSION_KEY])
)
def test_ids_of_access_keys_are_known_by_their_form(random: bytes, prefix: str) -> None:
    """A letter more or less, or one of another kind, is none."""
    key_id = new_id(prefix, random)
    assert is_key_id(key_id)
    others = (key_id[:-1], key_id + "A", key_id[:-1] + "a", "AIDA" + key_id[4:])
    assert not any(map(is_key_id, others))
