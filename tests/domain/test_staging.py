"""Staging labels."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretctl.domain import staging
from secretctl.domain.secret import Version
from secretctl.errors import ServiceError

Versions = tuple[Version, ...]


def of(**stages: str) -> Versions:
    """Build versions: ``of(a="AWSCURRENT one", b="")``."""
    return tuple(
        Version(id=name, created_ms=place, stages=tuple(held.split()))
        for place, (name, held) in enumerate(stages.items())
    )


def shown(versions: Versions) -> dict[str, str]:
    """Undo :func:`of`."""
    return {version.id: " ".join(version.stages) for version in versions}


def refusal(versions: Versions, stage: str, remove_from: str | None, move_to: str | None) -> str:
    """Return code and sentence with which a move is refused."""
    with pytest.raises(ServiceError) as caught:
        staging.move(versions, stage, remove_from, move_to)
    return f"{caught.value.code}: {caught.value.message}"


def test_put_makes_the_new_version_current_and_the_old_one_previous() -> None:
    """Three puts: the oldest has no label left."""
    versions = of(a="")
    versions = staging.put(versions, "a", ())
    assert shown(versions) == {"a": "AWSCURRENT"}
    versions = staging.put((*versions, *of(b="")), "b", ())
    assert shown(versions) == {"a": "AWSPREVIOUS", "b": "AWSCURRENT"}
    versions = staging.put((*versions, *of(c="")), "c", ("AWSCURRENT",))
    assert shown(versions) == {"a": "", "b": "AWSPREVIOUS", "c": "AWSCURRENT"}


def test_put_with_labels_leaves_current_and_takes_its_labels_from_others() -> None:
    """Labels reused move; what is left over stays."""
    versions = of(a="AWSCURRENT", b="one two three", c="")
    put = staging.put(versions, "c", ("one", "two", "four"))
    assert shown(put) == {"a": "AWSCURRENT", "b": "three", "c": "one two four"}


def test_put_of_the_first_version_is_always_current() -> None:
    """A new version of a secret without a current one gets AWSCURRENT besides."""
    assert shown(staging.put(of(a=""), "a", ("one",))) == {"a": "one AWSCURRENT"}
    assert shown(staging.put(of(p="AWSPENDING", a=""), "a", ("one",))) == {
        "p": "",
        "a": "one AWSCURRENT",
    }


def test_put_into_the_pending_version_of_an_empty_secret_leaves_it_pending() -> None:
    """The value of a first rotation becomes current by its last step, not before."""
    put = staging.put(of(p="AWSPENDING"), "p", ("AWSPENDING",))
    assert shown(put) == {"p": "AWSPENDING"}


def test_put_removes_pending_from_the_old_current_version() -> None:
    """A version holding AWSCURRENT and AWSPENDING becomes just AWSPREVIOUS."""
    put = staging.put(of(a="AWSCURRENT AWSPENDING", b=""), "b", ())
    assert shown(put) == {"a": "AWSPREVIOUS", "b": "AWSCURRENT"}


def test_put_as_current_abandons_a_rotation() -> None:
    """AWSPENDING disappears from a third version too; custom labels stay."""
    put = staging.put(of(a="AWSCURRENT mine", p="AWSPENDING", b=""), "b", ())
    assert shown(put) == {"a": "mine AWSPREVIOUS", "p": "", "b": "AWSCURRENT"}


def test_put_of_a_rotation_function_keeps_its_pending_label() -> None:
    """Filling the pending version, or making it current at once, leaves AWSPENDING on it."""
    versions = of(a="AWSCURRENT", p="AWSPENDING")
    assert shown(versions) == shown(staging.put(versions, "p", ("AWSPENDING",)))
    put = staging.put(versions, "p", ("AWSCURRENT",))
    assert shown(put) == {"a": "AWSPREVIOUS", "p": "AWSPENDING AWSCURRENT"}


def test_put_again_on_the_current_version_changes_nothing() -> None:
    """Repeating a request does not make a version its own predecessor."""
    versions = of(a="AWSPREVIOUS", b="AWSCURRENT AWSPENDING")
    assert versions == staging.put(versions, "b", ("AWSCURRENT",))


def test_put_gives_previous_to_the_old_current_version_even_if_asked_otherwise() -> None:
    """AWSPREVIOUS follows AWSCURRENT by itself."""
    put = staging.put(of(a="AWSCURRENT", b=""), "b", ("AWSCURRENT", "AWSPREVIOUS"))
    assert shown(put) == {"a": "AWSPREVIOUS", "b": "AWSCURRENT"}


def test_move_of_current_keeps_all_other_labels() -> None:
    """Customs stay on both versions, AWSPENDING stays, one AWSPREVIOUS."""
    versions = of(z="AWSPREVIOUS", a="AWSCURRENT old", b="AWSPENDING PUT1")
    moved = staging.move(versions, "AWSCURRENT", "a", "b")
    assert shown(moved) == {"z": "", "a": "old AWSPREVIOUS", "b": "AWSPENDING PUT1 AWSCURRENT"}


def test_move_of_current_back_swaps_the_two_labels() -> None:
    """Rolling back leaves the version rolled back from as AWSPREVIOUS."""
    moved = staging.move(of(a="AWSPREVIOUS", b="AWSCURRENT"), "AWSCURRENT", "b", "a")
    assert shown(moved) == {"a": "AWSCURRENT", "b": "AWSPREVIOUS"}


@pytest.mark.parametrize("stage", ["AWSCURRENT", "one"])
def test_move_without_naming_the_holder_is_refused(stage: str) -> None:
    """The sentence names label and version."""
    assert refusal(of(a=stage, b=""), stage, None, "b") == (
        "InvalidParameterException: The parameter RemoveFromVersionId can't be empty. Staging "
        f"label {stage} is currently attached to version a, so you must explicitly reference "
        "that version in RemoveFromVersionId."
    )


def test_move_naming_the_wrong_holder_is_refused() -> None:
    """RemoveFromVersionId must be the version with the label."""
    assert refusal(of(a="one", b="", c=""), "one", "c", "b") == (
        "InvalidParameterException: When you move staging label one, if you specify "
        "RemoveFromVersionId, it must be set to the version that currently has the staging "
        "label one."
    )


@pytest.mark.parametrize(("remove_from", "move_to"), [("b", None), ("c", None)])
def test_removing_a_label_from_a_version_without_it_is_refused(
    remove_from: str, move_to: str | None
) -> None:
    """Whether another version holds it or not."""
    assert refusal(of(a="one", b="", c="two"), "one", remove_from, move_to) == (
        f"InvalidParameterException: Staging label one isn't attached to version {remove_from}."
    )


def test_current_cannot_be_removed() -> None:
    """It only moves."""
    assert refusal(of(a="AWSCURRENT"), "AWSCURRENT", "a", None) == (
        "InvalidParameterException: You can only move staging label AWSCURRENT to a different "
        "secret version. It can't be completely removed."
    )


@pytest.mark.parametrize(("remove_from", "move_to"), [(None, "x"), ("x", "a"), ("x", None)])
def test_move_with_an_unknown_version_is_refused(
    remove_from: str | None, move_to: str | None
) -> None:
    """Either id may be the unknown one."""
    assert refusal(of(a="AWSCURRENT"), "one", remove_from, move_to) == (
        "InvalidParameterException: Not a valid version: x"
    )


def test_move_with_neither_version_is_refused() -> None:
    """There is nothing to do."""
    expected = "InvalidParameterException: You must provide RemoveFromVersionId, MoveToVersionId, "
    assert refusal(of(a="AWSCURRENT"), "one", None, None) == expected + "or both."


def test_current_is_attached_without_source_if_no_version_holds_it() -> None:
    """The last step of the first rotation of an empty secret."""
    moved = staging.move(of(p="AWSPENDING"), "AWSCURRENT", None, "p")
    assert shown(moved) == {"p": "AWSPENDING AWSCURRENT"}


@pytest.mark.parametrize("remove_from", [None, "a"])
def test_move_to_the_holder_changes_nothing(remove_from: str | None) -> None:
    """A label that is there already is there."""
    versions = of(z="AWSPREVIOUS", a="AWSCURRENT one")
    assert versions == staging.move(versions, "AWSCURRENT", remove_from, "a")


def test_removing_another_label_leaves_previous_alone() -> None:
    """Only the label named is touched."""
    moved = staging.move(of(a="AWSPREVIOUS", b="AWSCURRENT AWSPENDING"), "AWSPENDING", "b", None)
    assert shown(moved) == {"a": "AWSPREVIOUS", "b": "AWSCURRENT"}


def test_moving_another_label_leaves_current_and_previous_alone() -> None:
    """AWSPREVIOUS follows AWSCURRENT only."""
    moved = staging.move(of(a="AWSPREVIOUS", b="AWSCURRENT one", c=""), "one", "b", "c")
    assert shown(moved) == {"a": "AWSPREVIOUS", "b": "AWSCURRENT", "c": "one"}


def test_twenty_labels_are_the_limit_over_all_versions() -> None:
    """Twenty pass, twenty-one are refused."""
    labels = [f"label{number}" for number in range(21)]
    staging.check_limit(of(a=" ".join(labels[:10]), b=" ".join(labels[10:20])))
    with pytest.raises(ServiceError) as caught:
        staging.check_limit(of(a=" ".join(labels[:10]), b=" ".join(labels[10:])))
    assert caught.value.code == "LimitExceededException"


IDS = st.sampled_from(["v0", "v1", "v2", "v3"])
LABELS = st.sampled_from(["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING", "one", "two"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), IDS, st.lists(LABELS, max_size=3).map(tuple)),
        st.tuples(st.just("move"), LABELS, st.none() | IDS, st.none() | IDS),
    ),
    max_size=25,
)


@settings(max_examples=150)
@given(STEPS)
def test_labels_stay_consistent_whatever_is_done(steps: list[tuple[object, ...]]) -> None:
    """Each label on one version; one AWSCURRENT from the first put on; ids never change."""
    versions: Versions = ()
    had_current = False
    for step in steps:
        before = versions
        try:
            versions = apply(versions, step)
        except ServiceError:
            assert before == versions
        labels = list(chain.from_iterable(version.stages for version in versions))
        assert len(labels) == len(set(labels))
        had_current = had_current or "AWSCURRENT" in labels
        assert ("AWSCURRENT" in labels) == had_current
        old, new = staging.current(before), staging.current(versions)
        if old is not None and new is not None and old.id != new.id:
            previous = staging.by_stage(versions, "AWSPREVIOUS")
            assert previous is not None
            assert old.id == previous.id


def apply(versions: Versions, step: tuple[object, ...]) -> Versions:
    """Carry out one generated step."""
    if step[0] == "put":
        _, version_id, stages = step
        assert isinstance(version_id, str)
        assert isinstance(stages, tuple)
        if staging.by_id(versions, version_id) is None:
            versions = (*versions, Version(id=version_id, created_ms=0))
        return staging.put(versions, version_id, stages)
    _, stage, remove_from, move_to = step
    assert isinstance(stage, str)
    assert remove_from is None or isinstance(remove_from, str)
    assert move_to is None or isinstance(move_to, str)
    return staging.move(versions, stage, remove_from, move_to)
