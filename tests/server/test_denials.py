"""How often one caller may be denied something."""

from secretctl.errors import ServiceError
from secretctl.server.denials import A_SECOND, AT_ONCE, Denials

DENIED = ServiceError("AccessDeniedException", "")


def test_time_makes_up_for_denials() -> None:
    """A hundred at once, ten a second from then on; of one caller, and of denials alone."""
    denials, now_ms = Denials(), 1_700_000_000_000
    for _ in range(AT_ONCE):
        assert not denials.are_too_many("a", now_ms)
        denials.note("a", DENIED, now_ms)
        denials.note("b", ServiceError("ResourceNotFoundException", ""), now_ms)
    assert denials.are_too_many("a", now_ms)
    assert not denials.are_too_many("b", now_ms)
    for _ in range(A_SECOND):
        assert not denials.are_too_many("a", now_ms + 1000)
        denials.note("a", DENIED, now_ms + 1000)
    assert denials.are_too_many("a", now_ms + 1000)
    assert not denials.are_too_many("a", now_ms + 60_000)


def test_a_clock_that_goes_back_locks_nobody_out() -> None:
    """What is in the future counts as now."""
    denials = Denials()
    for _ in range(AT_ONCE):
        denials.note("a", DENIED, 10_000)
    assert denials.are_too_many("a", 0)
    assert not denials.are_too_many("a", 20_000)


def test_callers_are_forgotten_before_there_are_too_many() -> None:
    """The one that was denied first of all."""
    denials = Denials()
    for _ in range(AT_ONCE):
        denials.note("first", DENIED, 0)
    for number in range(5000):
        denials.note(str(number), DENIED, 0)
    assert not denials.are_too_many("first", 0)
