"""When a rotation is due, and when one that failed is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from secretctl.domain import retries, schedule
from secretctl.domain.secret import Rotation, Secret, Version

HOUR, DAY = schedule.HOUR_MS, schedule.DAY_MS
NOW = 1_700_000_000_000
MOMENTS = st.integers(NOW, NOW + 2000 * DAY)
RULES = st.sampled_from(
    [
        Rotation(enabled=True, automatically_after_days=30),
        Rotation(enabled=True, automatically_after_days=1, duration="3h"),
        Rotation(enabled=True, schedule_expression="rate(4 hours)"),
        Rotation(enabled=True, schedule_expression="rate(10 days)", duration="24h"),
        Rotation(enabled=True, schedule_expression="cron(0 8 1 * ? *)"),
        Rotation(enabled=True, schedule_expression="cron(0 0/8 * * ? *)"),
        Rotation(enabled=True, schedule_expression="cron(0 16 ? * SUNL *)", duration="2h"),
    ]
)


def secret(rotation: Rotation | None, *versions: Version) -> Secret:
    """Return a secret with that rotation and those versions."""
    return Secret("us-east-1", "a", "AbCdEf", 1, NOW, NOW, rotation=rotation, versions=versions)


@given(RULES, MOMENTS)
def test_a_window_opens_before_it_ends(rules: Rotation, last_ms: int) -> None:
    """On the hour, behind the last change, and no longer than a day."""
    end_ms = schedule.next_rotation_ms(rules, last_ms, last_ms)
    assert end_ms is not None
    start_ms = schedule.window_start_ms(rules, end_ms)
    assert last_ms < end_ms
    assert start_ms % HOUR == 0
    assert HOUR <= end_ms + 1000 - start_ms <= DAY
    if rules.schedule_expression.startswith("cron"):
        assert last_ms < start_ms


@given(RULES, MOMENTS, st.integers(-40, 40))
def test_due_is_from_the_beginning_of_the_window_on(
    rules: Rotation, last_ms: int, hours: int
) -> None:
    """And stays so until it is rotated, however late that is."""
    end_ms = schedule.next_rotation_ms(rules, last_ms, last_ms)
    assert end_ms is not None
    now_ms = end_ms + hours * HOUR
    held = rules._replace(next_rotation_ms=end_ms)
    begun = now_ms >= schedule.window_start_ms(rules, end_ms)
    assert retries.is_due(secret(held), now_ms) == begun


@given(RULES, MOMENTS, st.integers(0, 40))
def test_tries_come_further_and_further_apart(rules: Rotation, began_ms: int, count: int) -> None:
    """No try is sooner than a minute after the one before, and none is ever the last."""
    rotation, now_ms = rules, began_ms
    waits = []
    for _ in range(count):
        rotation = retries.after_failure(rotation, began_ms, "setSecret", "it is down", now_ms)
        assert rotation.next_try_ms is not None
        waits.append(rotation.next_try_ms - now_ms)
        now_ms = rotation.next_try_ms
    assert rotation.failed_tries == count
    assert all(wait >= 60_000 for wait in waits)
    assert waits[:3] == [60_000, 300_000, 1_800_000][: len(waits)]
    assert all(wait >= HOUR for wait in waits[3:])


def test_after_a_day_the_next_window_is_waited_for() -> None:
    """Not every hour for ever."""
    rules = Rotation(enabled=True, automatically_after_days=30)
    now_ms = NOW + DAY
    rotation = retries.after_failure(
        rules._replace(failed_tries=9), NOW, "setSecret", "it is down", now_ms
    )
    end_ms = schedule.next_rotation_ms(rules, now_ms, now_ms)
    assert end_ms is not None
    assert rotation.next_try_ms == schedule.window_start_ms(rules, end_ms)
    sooner = schedule.next_rotation_ms(rules, NOW - 20 * DAY, now_ms)
    held = rules._replace(failed_tries=9, next_rotation_ms=sooner)
    rotation = retries.after_failure(held, NOW, "setSecret", "it is down", now_ms)
    assert sooner is not None
    assert rotation.next_try_ms == schedule.window_start_ms(rules, sooner)
    manual = Rotation(enabled=True)
    assert retries.after_failure(manual, NOW, "x", "y", now_ms).next_try_ms == now_ms + 60_000


def test_what_is_off_or_going_is_not_due() -> None:
    """Cancelled, marked for deletion, never set up, or without a schedule."""
    held = Rotation(enabled=True, automatically_after_days=1, next_rotation_ms=NOW - DAY)
    assert retries.is_due(secret(held), NOW)
    assert not retries.is_due(secret(held._replace(enabled=False)), NOW)
    assert not retries.is_due(secret(held)._replace(delete_after_ms=NOW + DAY), NOW)
    assert not retries.is_due(secret(None), NOW)
    assert not retries.is_due(secret(Rotation(enabled=True)), NOW)


def test_what_is_not_complete_is_due_at_its_next_try() -> None:
    """At once, where no try has failed: whoever ran it was killed, or nobody has."""
    pending = Version("p", NOW, ("AWSPENDING",))
    held = Rotation(enabled=True)
    assert retries.is_due(secret(held, pending), NOW)
    later = held._replace(failed_tries=1, next_try_ms=NOW + 60_000)
    assert not retries.is_due(secret(later, pending), NOW)
    assert retries.is_due(secret(later, pending), NOW + 60_000)
    done = pending._replace(stages=("AWSCURRENT", "AWSPENDING"))
    assert not retries.is_due(secret(held, done), NOW)  # somebody labelled it so
    assert retries.is_due(secret(held._replace(doing="rotating"), done), NOW)


@given(RULES, MOMENTS)
def test_a_replica_is_never_due(rules: Rotation, last_ms: int) -> None:
    """Its primary is rotated; that has replicas, and is due as others are."""
    end_ms = schedule.next_rotation_ms(rules, last_ms, last_ms)
    assert end_ms is not None
    made = secret(rules._replace(next_rotation_ms=end_ms))
    assert retries.is_due(made._replace(primary_region="us-east-1"), end_ms)
    assert not retries.is_due(made._replace(primary_region="eu-west-1"), end_ms)
