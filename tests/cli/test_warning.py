"""A name that ends as an ARN does is made all the same; a person is told what it costs."""

import io

import pytest

from secretctl.__main__ import main
from tests.conftest import World


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("name", "is_shown", "warned"),
    [("my-a1b2c3", True, True), ("my-a1b2c3", False, False), ("my-a1b2c", True, False)],
)
def test_a_name_like_an_arn_is_warned_of_on_a_terminal(
    world: World, name: str, *, is_shown: bool, warned: bool
) -> None:
    """A script sees no line that aws would not write."""
    stderr = Terminal() if is_shown else io.StringIO()
    words = ["create-secret", "--name", name, "--secret-string", "v"]
    assert main(words, world.context._replace(stderr=stderr)) == 0
    assert ("is not found by a partial ARN" in stderr.getvalue()) == warned
