"""Choosing and pruning versions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.domain import versions as rules
from secretctl.domain.secret import Version
from secretctl.errors import ServiceError

DAY = 24 * 60 * 60 * 1000
NOW = 1_700_000_000_000
VERSIONS = (
    Version(id="old", created_ms=1, pin=b"p"),
    Version(id="prev", created_ms=2, stages=("AWSPREVIOUS", "mine"), pin=b"p"),
    Version(id="cur", created_ms=3, stages=("AWSCURRENT",), pin=b"p"),
    Version(id="pend", created_ms=4, stages=("AWSPENDING",)),
)


@pytest.mark.parametrize(
    ("version_id", "stage", "expected"),
    [
        (None, None, "cur"),
        (None, "mine", "prev"),
        ("prev", None, "prev"),
        ("prev", "AWSPREVIOUS", "prev"),
        ("old", None, "old"),
    ],
)
def test_select_finds_by_id_label_or_both(
    version_id: str | None, stage: str | None, expected: str
) -> None:
    """AWSCURRENT by default; a version without labels is still read by its id."""
    assert expected == rules.select(VERSIONS, version_id, stage).id


@pytest.mark.parametrize(
    ("version_id", "stage", "sought"),
    [
        (None, "nope", "staging label: nope"),
        ("nope", None, "VersionId: nope"),
        ("nope", "AWSCURRENT", "VersionId: nope"),
        (None, "AWSPENDING", "staging label: AWSPENDING"),
        ("pend", None, "VersionId: pend"),
        ("pend", "AWSPENDING", "VersionId: pend"),
    ],
)
def test_select_says_what_was_sought(
    version_id: str | None, stage: str | None, sought: str
) -> None:
    """Unknown, or made by a rotation and not yet filled: both are not found."""
    with pytest.raises(ServiceError) as caught:
        rules.select(VERSIONS, version_id, stage)
    assert caught.value.code == "ResourceNotFoundException"
    expected = f"Secrets Manager can't find the specified secret value for {sought}"
    assert expected == caught.value.message


def test_select_in_an_empty_secret_misses_the_current_label() -> None:
    """A secret without a value answers for AWSCURRENT."""
    with pytest.raises(ServiceError, match=r"for staging label: AWSCURRENT$"):
        rules.select((), None, None)


def test_select_refuses_a_label_the_version_does_not_hold() -> None:
    """Id and label must agree."""
    with pytest.raises(ServiceError) as caught:
        rules.select(VERSIONS, "cur", "AWSPREVIOUS")
    assert caught.value.code == "InvalidRequestException"
    assert caught.value.message == (
        "You provided a VersionStage that is not associated to the provided VersionId."
    )


def test_deprecated_versions_are_those_without_labels() -> None:
    """They are left out of what is shown by default."""
    assert [version.id for version in VERSIONS if rules.deprecated(version)] == ["old"]


def many(count: int, created_ms: int) -> tuple[Version, ...]:
    """Return that many versions without labels."""
    return tuple(
        Version(id=f"v{number}", created_ms=created_ms, serial=number) for number in range(count)
    )


def test_prune_leaves_a_hundred_versions_alone() -> None:
    """The limit itself is no excess."""
    hundred = many(100, 0)
    assert (hundred, ()) == rules.prune(hundred, NOW)


def test_prune_removes_the_oldest_without_labels() -> None:
    """Age decides, not place; a label protects; exactly a day is old enough, just enough is."""
    labelled = Version(id="kept", created_ms=0, stages=("one",))
    oldest = Version(id="oldest", created_ms=NOW - DAY - 1)
    versions = (labelled, *many(100, NOW - DAY), oldest)
    kept, removed = rules.prune(versions, NOW)
    assert (oldest,) == removed
    assert versions[:-1] == kept
    boundary = (labelled, *many(101, NOW - DAY))
    assert [version.id for version in rules.prune(boundary, NOW)[1]] == ["v0"]
    young = many(100, NOW)
    assert (young, (oldest,)) == rules.prune((*young, oldest), NOW)


def test_prune_never_removes_versions_younger_than_a_day() -> None:
    """What remains beyond a hundred is refused."""
    with pytest.raises(ServiceError) as caught:
        rules.prune(many(101, NOW - DAY + 1), NOW)
    assert caught.value.code == "LimitExceededException"


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 2 * DAY), st.booleans()), min_size=95, max_size=108),
)
def test_prune_keeps_all_that_is_protected(ages: list[tuple[int, bool]]) -> None:
    """Kept and removed together are what was given; nothing protected goes; 100 unlabelled stay."""
    versions = tuple(
        Version(id=str(place), created_ms=NOW - age, stages=(f"l{place}",) if held else ())
        for place, (age, held) in enumerate(ages)
    )
    removable = [
        version for version in versions if not version.stages and NOW - version.created_ms >= DAY
    ]
    try:
        kept, removed = rules.prune(versions, NOW)
    except ServiceError:
        assert sum(not version.stages for version in versions) - len(removable) > 100
        return
    assert sorted(kept + removed) == sorted(versions)
    assert set(removed) <= set(removable)
    unlabelled = [sum(not version.stages for version in some) for some in (versions, kept)]
    assert unlabelled[1] == min(100, unlabelled[0])
    left = [version.created_ms for version in kept if version in removable]
    assert all(version.created_ms <= min(left, default=NOW) for version in removed)
