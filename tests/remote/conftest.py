"""A machine without a vault, and a vault elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.machine import Machine
from tests.conftest import World
from tests.remote import peers
from tests.remote.peers import ACCESS_KEY, Peer


@pytest.fixture
def machine(world: World) -> Machine:
    """A machine with an access key and no vault."""
    made = Machine(world)
    made.environ = dict(ACCESS_KEY)
    return made


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    """A vault of another machine, served."""
    with peers.vault(tmp_path / "elsewhere") as made:
        yield made
