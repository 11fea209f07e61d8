"""Records are named tuples: as typing makes them, made without it."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple as Typed

import pytest

from secretctl.record import NamedTuple


class Ours(NamedTuple):
    """A record."""

    first: int
    second: str = "two"
    third: Unknown | None = None  # type: ignore[name-defined]  # noqa: F821 annotations stay text

    def doubled(self) -> int:
        """Return twice the first."""
        return 2 * self.first


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
