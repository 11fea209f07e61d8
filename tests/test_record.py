"""Records are named tuples: as typing makes them, made without it."""

from __future__ import annotations

import copy
import subprocess
import sys
import types
from typing import NamedTuple as Typed

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretctl.record import NamedTuple


class Ours(NamedTuple):
    """A record."""

    first: int
    second: str = "two"
    third: Unknown | None = None  # type: ignore[name-defined]  # noqa: F821 annotations stay text

    def doubled(self) -> int:
        """Return twice the first."""
        return 2 * self.first


NAMES = ("first", "second", "third", "fourth")


class Theirs(Typed):
    """A record."""

    first: int
    second: str = "two"
    third: object = None


def test_a_record_behaves_as_typing_makes_it() -> None:
    """Fields, defaults, order, equality, replacement, text and documentation are the same."""
    ours, theirs = Ours(1), Theirs(1)
    assert tuple(ours) == tuple(theirs)
    assert ours._fields == theirs._fields
    assert ours._field_defaults == theirs._field_defaults
    assert ours._replace(second="x") == (1, "x", None)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert Ours.__doc__ == Theirs.__doc__
    assert Ours.__module__ == __name__
    assert ours.doubled() == 2


@given(st.lists(st.integers(), max_size=4), st.dictionaries(st.sampled_from(NAMES), st.integers()))
def test_a_record_takes_what_typing_takes(values: list[int], named: dict[str, int]) -> None:
    """By position, by name, or not at all where there is a default; all else is a TypeError."""
    try:
        theirs = Theirs(*values, **named)  # type: ignore[arg-type]  # wrong ones too: that is it
    except TypeError:
        with pytest.raises(TypeError):
            Ours(*values, **named)  # type: ignore[arg-type]  # likewise
    else:
        assert tuple(Ours(*values, **named)) == tuple(theirs)  # type: ignore[arg-type]  # likewise
        assert Ours._make(theirs)._asdict() == theirs._asdict()
        assert tuple(copy.copy(Ours(*theirs))) == tuple(theirs)


@pytest.mark.parametrize("count", range(1, 21))
def test_a_record_keeps_each_of_its_fields(count: int) -> None:
    """With any number of them up to twenty, by position and by name."""
    names = [f"field{number}" for number in range(count)]
    annotations = {"__annotations__": dict.fromkeys(names, "str")}
    made = types.new_class("Many", (NamedTuple,), exec_body=lambda body: body.update(annotations))
    assert tuple(made(*names)) == tuple(made(**dict(zip(names, names, strict=True))))
    assert [getattr(made(*names), name) for name in names] == names


def test_a_record_has_no_other_fields() -> None:
    """Replacing one that is not there is an error, as is making one of too few values."""
    with pytest.raises(ValueError, match="fourth"):
        Ours(1)._replace(fourth=1)  # type: ignore[call-arg]  # that is the point
    with pytest.raises(TypeError):
        Ours._make([])


def test_a_record_does_not_change() -> None:
    """Assignment to a field is an error, as is an argument too many or too few."""
    with pytest.raises(AttributeError):
        Ours(1).first = 2  # type: ignore[misc]  # that is the point
    with pytest.raises(TypeError):
        Ours()  # type: ignore[call-arg]  # likewise
    with pytest.raises(TypeError):
        Ours(1, "b", None, 4)  # type: ignore[call-arg]  # likewise


def test_records_do_not_load_typing() -> None:
    """What they are made without is what they are made for."""
    code = """
import sys
sys.path.insert(0, ".")
import secretctl.record
print([name for name in ("typing", "re", "enum") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
