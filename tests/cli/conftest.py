"""A machine with a vault, for what is typed there."""

import pytest

from tests.cli.machine import Machine
from tests.conftest import World


@pytest.fixture
def machine(world: World) -> Machine:
    """A vault that a key file opens."""
    made = Machine(world)
    assert made("create-secret", "--name", "a", "--secret-string", "v").status == 0
    return made
