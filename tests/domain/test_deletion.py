"""Recovery windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.domain import deletion
from secretctl.domain.secret import Secret
from secretctl.errors import ServiceError

DAY = 24 * 60 * 60 * 1000
SECRET = Secret(region="r", name="n", suffix="abcdef", number=1, created_ms=0, changed_ms=0)


@pytest.mark.parametrize(
    ("days", "force", "expected"),
    [(None, None, 30), (None, False, 30), (7, None, 7), (30, False, 30), (None, True, None)],
)
def test_window_is_thirty_days_unless_told_otherwise(
    days: int | None,
    force: bool | None,  # noqa: FBT001 the API's member
    expected: int | None,
) -> None:
    """Seven to thirty days, or none at all when forced."""
    assert expected == deletion.window_days(days, force)


@pytest.mark.parametrize("days", [6, 31, 0, -1, 10**9])
@pytest.mark.parametrize("force", [None, True])
def test_window_out_of_range_is_refused_even_when_forced(
    days: int,
    force: bool | None,  # noqa: FBT001 the API's member
) -> None:
    """The range is checked before anything else."""
    with pytest.raises(ServiceError) as caught:
        deletion.window_days(days, force)
    assert caught.value.code == "InvalidParameterException"
    assert caught.value.message == (
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."
    )


def test_window_and_force_exclude_each_other() -> None:
    """A good window with force is a contradiction."""
    with pytest.raises(ServiceError) as caught:
        deletion.window_days(7, True)  # noqa: FBT003 the API's member
    assert caught.value.message == (
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."
    )


@given(st.integers(0, 2**45), st.integers(7, 30))
def test_scheduled_secret_is_gone_from_the_end_of_its_window_on(now_ms: int, days: int) -> None:
    """Not a millisecond earlier; until then operations on it are refused; restore undoes it."""
    scheduled = deletion.schedule(SECRET, now_ms, days)
    end = now_ms + days * DAY
    assert scheduled.delete_after_ms == end
    assert scheduled.deleted_ms == now_ms
    assert not deletion.is_gone(scheduled, end - 1)
    assert deletion.is_gone(scheduled, end)
    with pytest.raises(ServiceError) as caught:
        deletion.check_not_deleted(scheduled)
    assert caught.value.code == "InvalidRequestException"
    assert caught.value.message == (
        "You can't perform this operation on the secret because it was marked for deletion."
    )
    assert deletion.restore(scheduled) == SECRET


def test_secret_not_scheduled_is_never_gone() -> None:
    """And restoring it changes nothing."""
    assert not deletion.is_gone(SECRET, 2**62)
    deletion.check_not_deleted(SECRET)
    assert deletion.restore(SECRET) == SECRET
