"""Command lines run in this process, and what they said."""

import io
from typing import NamedTuple

from secretctl.__main__ import main
from secretctl.context import Context
from tests.conftest import World


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


def ended(world: World, *words: str, context: Context | None = None) -> Ended:
    """Run a command in the test's home, as if it had a process of its own."""
    out, err = io.StringIO(), io.StringIO()
    given = (context or world.context)._replace(stdout=out, stderr=err)
    return Ended(main(list(words), given), out.getvalue(), err.getvalue())
