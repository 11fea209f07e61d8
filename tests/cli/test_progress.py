"""The bar that shows how far a long change has come."""

import io

import pytest

from secretctl.cli import progress
from tests.conftest import World


class Terminal(io.StringIO):
    """A terminal that keeps what it was shown."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


def shown(world: World, stream: io.StringIO) -> str:
    """Return what a change of three steps shows."""
    with progress.bar(world.context._replace(stderr=stream), "rewrapping") as tell:
        for done in (1, 2, 3):
            tell(done, 3)
    return stream.getvalue()


def test_a_quick_change_shows_none(world: World) -> None:
    """Not before a second has passed."""
    assert shown(world, Terminal()) == ""


def test_a_long_change_shows_one_on_a_terminal_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is done; what is no terminal gets nothing."""
    monkeypatch.setattr(progress, "_PATIENCE_S", 0)
    monkeypatch.setenv("TERM", "xterm")
    assert "rewrapping" in shown(world, Terminal())
    assert shown(world, io.StringIO()) == ""
